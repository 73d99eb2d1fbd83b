"""Passages hold every sentence once, in order, in as few parts as the encoder's room allows or one more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from functions.shared.text.passages import passages

ROOM = 20
LENGTHS = st.lists(st.integers(1, ROOM), max_size=30)


def _runs(lengths: list[int]) -> list[list[int]]:
    """The lengths of the sentences in each passage."""
    names = [f"{index}" for index in range(len(lengths))]
    return [[lengths[int(name)] for name in text.split()] for text in passages(names, lengths, ROOM)]


@given(LENGTHS)
def test_every_sentence_is_in_one_passage_in_order(lengths: list[int]) -> None:
    assert [length for run in _runs(lengths) for length in run] == lengths


@given(LENGTHS)
def test_no_passage_exceeds_the_token_budget(lengths: list[int]) -> None:
    assert all(0 < sum(run) <= ROOM for run in _runs(lengths))


@given(LENGTHS)
def test_there_are_at_most_twice_as_many_passages_as_needed(lengths: list[int]) -> None:
    assert len(_runs(lengths)) <= max(1, 2 * -(-sum(lengths) // ROOM))


def test_text_within_the_budget_is_one_passage() -> None:
    assert passages(["One.", "Two."], [2, 2], 4) == ["One. Two."]


def test_longer_text_is_split_about_evenly() -> None:
    assert [sum(run) for run in _runs([2] * 11)] == [12, 10]


def test_a_sentence_beyond_the_budget_is_a_passage_of_its_own() -> None:
    assert _runs([3, ROOM, 3]) == [[3], [ROOM], [3]]
