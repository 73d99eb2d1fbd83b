"""Batches contain every text once, texts of near-equal length together, and a limited number of tokens."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.text.padding import MAX_BATCH_TOKENS, pad, plan_batches

LENGTHS = st.lists(st.integers(0, 512), max_size=200)


@given(LENGTHS, st.integers(1, 64))
def test_every_text_is_in_one_batch(lengths: list[int], max_texts: int) -> None:
    batches = plan_batches(lengths, max_texts)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))


@given(LENGTHS, st.integers(1, 64))
def test_batches_are_bounded_in_texts_and_in_padded_tokens(lengths: list[int], max_texts: int) -> None:
    for batch in plan_batches(lengths, max_texts):
        assert len(batch) <= max_texts
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= MAX_BATCH_TOKENS


@given(LENGTHS, st.integers(1, 64))
def test_little_of_a_batch_is_padding(lengths: list[int], max_texts: int) -> None:
    for batch in plan_batches(lengths, max_texts):
        batch_lengths = [lengths[index] for index in batch]
        assert min(batch_lengths) >= 0.75 * max(batch_lengths)


def test_texts_of_equal_length_share_a_batch() -> None:
    assert plan_batches([4] * 10, 8) == [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9]]


def test_rows_are_padded_with_zeros() -> None:
    np.testing.assert_array_equal(pad([[1, 2, 3], [4]]), [[1, 2, 3], [4, 0, 0]])
