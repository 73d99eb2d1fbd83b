"""Few sentences that matter and do not repeat each other."""

from __future__ import annotations

import numpy as np

from functions.summarization.selection import select

AXES = np.eye(4, dtype=np.float32)


def _select(scores: list[float], rows: list[int], **options: float) -> list[int]:
    settings = {"limit": 2, "budget": 100, "redundancy": 0.5} | options
    lengths = [10] * len(scores)
    return select(
        np.asarray(scores, dtype=np.float32),
        AXES[rows],
        lengths,
        limit=int(settings["limit"]),
        budget=int(settings["budget"]),
        redundancy=settings["redundancy"],
    )


def test_the_best_come_first() -> None:
    assert _select([0.1, 0.9, 0.5], [0, 1, 2]) == [1, 2]


def test_a_repetition_gives_way_to_something_new() -> None:
    assert _select([0.9, 0.8, 0.5], [0, 0, 1]) == [0, 2]


def test_without_a_price_repetitions_stay() -> None:
    assert _select([0.9, 0.8, 0.5], [0, 0, 1], redundancy=0.0) == [0, 1]


def test_a_further_sentence_must_fit_the_budget_and_the_first_need_not() -> None:
    assert _select([0.9, 0.8], [0, 1], budget=19) == [0]
    assert _select([0.9, 0.8], [0, 1], budget=5) == [0]


def test_ties_go_to_the_earlier_sentence() -> None:
    assert _select([0.5, 0.5, 0.5], [0, 1, 2], limit=1) == [0]


def test_no_more_is_chosen_than_there_is() -> None:
    assert _select([0.5], [0], limit=3) == [0]
