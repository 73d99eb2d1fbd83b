"""Windows over an entry's sentences: they cover it, fit the model, and overlap."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from functions.shared.text.windows import OVERLAP, best_window, windows

LENGTHS = st.lists(st.integers(1, 40), max_size=60)


def test_a_short_entry_is_one_window() -> None:
    assert windows([3, 4, 5], 12) == [(0, 3)]
    assert windows([], 12) == []


@given(LENGTHS)
def test_every_sentence_is_in_a_window_that_fits(lengths: list[int]) -> None:
    covering = windows(lengths, 100)
    assert {index for window in covering for index in range(*window)} == set(range(len(lengths)))
    for start, end in covering:
        assert sum(lengths[start:end]) <= 100 or end - start == 1


@given(LENGTHS)
def test_neighboring_windows_overlap(lengths: list[int]) -> None:
    covering = windows(lengths, 100)
    for (start, end), (following, _) in itertools.pairwise(covering):
        assert start < following
        assert sum(lengths[following:end]) >= OVERLAP * sum(lengths[start:end])


def test_a_sentence_longer_than_a_window_has_one_of_its_own() -> None:
    assert (1, 2) in windows([5, 200, 5], 100)


def test_a_sentence_is_read_where_it_has_most_context() -> None:
    covering = [(0, 8), (5, 12)]
    assert [best_window(index, covering) for index in (0, 5, 6, 7, 11)] == [0, 0, 0, 1, 1]
    assert best_window(0, [(0, 1)]) == 0
