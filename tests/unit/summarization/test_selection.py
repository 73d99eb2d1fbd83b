"""Few sentences that matter and do not repeat each other."""

from __future__ import annotations

from collections.abc import Sequence

from functions.summarization.selection import select


def _select(
    scores: list[float],
    subjects: Sequence[str],
    *,
    limit: int = 2,
    budget: int = 100,
    redundancy: float = 0.5,
) -> list[int]:
    bags = [{subject: 1} for subject in subjects]
    return select(scores, bags, [10] * len(scores), limit=limit, budget=budget, redundancy=redundancy)


def test_the_best_come_first() -> None:
    assert _select([0.1, 0.9, 0.5], "abc") == [1, 2]


def test_a_repetition_gives_way_to_something_new() -> None:
    assert _select([0.9, 0.8, 0.5], "aab") == [0, 2]


def test_without_a_price_repetitions_stay() -> None:
    assert _select([0.9, 0.8, 0.5], "aab", redundancy=0.0) == [0, 1]


def test_likeness_to_any_earlier_choice_is_paid() -> None:
    assert _select([0.9, 0.8, 0.7, 0.5], "abac", limit=3) == [0, 1, 3]


def test_a_further_sentence_must_fit_the_budget_and_the_first_need_not() -> None:
    assert _select([0.9, 0.8], "ab", budget=20) == [0, 1]
    assert _select([0.9, 0.8], "ab", budget=19) == [0]
    assert _select([0.9, 0.8], "ab", budget=5) == [0]


def test_ties_go_to_the_earlier_sentence() -> None:
    assert _select([0.5, 0.5, 0.5], "abc", limit=1) == [0]


def test_no_more_is_chosen_than_there_is() -> None:
    assert _select([0.5], "a", limit=3) == [0]
