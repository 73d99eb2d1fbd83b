"""Passages contain every sentence once, in order, within the token budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from functions.shared.text.passages import passages

BUDGET = 20
LENGTHS = st.lists(st.integers(1, BUDGET), max_size=30)


def _passage_lengths(lengths: list[int]) -> list[list[int]]:
    """The lengths of the sentences in each passage."""
    names = [f"{index}" for index in range(len(lengths))]
    return [[lengths[int(name)] for name in text.split()] for text in passages(names, lengths, BUDGET)]


@given(LENGTHS)
def test_every_sentence_is_in_one_passage_in_order(lengths: list[int]) -> None:
    assert [length for passage in _passage_lengths(lengths) for length in passage] == lengths


@given(LENGTHS)
def test_no_passage_exceeds_the_token_budget(lengths: list[int]) -> None:
    assert all(0 < sum(passage) <= BUDGET for passage in _passage_lengths(lengths))


@given(LENGTHS)
def test_there_are_at_most_twice_as_many_passages_as_needed(lengths: list[int]) -> None:
    assert len(_passage_lengths(lengths)) <= max(1, 2 * -(-sum(lengths) // BUDGET))


def test_text_within_the_budget_is_one_passage() -> None:
    assert passages(["One.", "Two."], [2, 2], 4) == ["One. Two."]


def test_longer_text_is_split_about_evenly() -> None:
    assert [sum(passage) for passage in _passage_lengths([2] * 11)] == [12, 10]


def test_a_sentence_beyond_the_budget_is_a_passage_of_its_own() -> None:
    assert _passage_lengths([3, BUDGET, 3]) == [[3], [BUDGET], [3]]
