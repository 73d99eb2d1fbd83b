"""Every aggregation keeps a single part, and ignores the order of several."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.emotion.aggregate import aggregate, word_counts
from functions.shared.text.encoder import Aggregation

LABELS = 3
ROWS = st.lists(
    st.tuples(st.lists(st.floats(0, 1, width=32), min_size=LABELS, max_size=LABELS), st.integers(1, 40)),
    min_size=1,
    max_size=8,
)
ALL = st.sampled_from(Aggregation)
WITHIN_RANGE = st.sampled_from([how for how in Aggregation if how is not Aggregation.NOISY_OR])


def _split(rows: list[tuple[list[float], int]]) -> tuple[npt.NDArray[np.float32], list[int]]:
    return np.asarray([row for row, _ in rows], dtype=np.float32), [words for _, words in rows]


@given(ROWS, WITHIN_RANGE)
def test_the_whole_is_within_the_range_of_its_parts(
    rows: list[tuple[list[float], int]], how: Aggregation
) -> None:
    probabilities, words = _split(rows)
    whole = aggregate(probabilities, words, how)
    assert (whole <= probabilities.max(axis=0) + 1e-5).all()
    assert (whole >= probabilities.min(axis=0) - 1e-5).all()


@given(ROWS)
def test_half_is_at_least_the_average(rows: list[tuple[list[float], int]]) -> None:
    probabilities, words = _split(rows)
    whole = aggregate(probabilities, words, Aggregation.HALF)
    assert (whole >= np.average(probabilities, axis=0, weights=words) - 1e-6).all()


@given(ROWS)
def test_noisy_or_is_at_least_the_maximum(rows: list[tuple[list[float], int]]) -> None:
    probabilities, words = _split(rows)
    whole = aggregate(probabilities, words, Aggregation.NOISY_OR)
    assert (whole >= probabilities.max(axis=0) - 1e-6).all()
    assert (whole <= 1.0).all()


@given(ROWS, ALL)
def test_the_order_of_parts_does_not_matter(rows: list[tuple[list[float], int]], how: Aggregation) -> None:
    forwards, backwards = aggregate(*_split(rows), how), aggregate(*_split(rows[::-1]), how)
    np.testing.assert_allclose(forwards, backwards, atol=1e-6)


@pytest.mark.parametrize("how", Aggregation)
def test_a_single_part_keeps_its_probabilities(how: Aggregation) -> None:
    row = np.asarray([[0.25, 0.5, 1.0]], dtype=np.float32)
    np.testing.assert_array_equal(aggregate(row, [7], how), row[0])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Aggregation.MEAN, 0.75 * 0.9 + 0.25 * 0.5),
        (Aggregation.PEAK, 0.9),
        (Aggregation.HALF, (0.9 + 0.75 * 0.9 + 0.25 * 0.5) / 2),
        (Aggregation.NOISY_OR, 1 - 0.1 * 0.5),
        (Aggregation.LOGIT_MEAN, 1 / (1 + np.exp(-0.75 * np.log(9)))),
        (Aggregation.ODDS_MEAN, 5 / 6),
    ],
)
def test_two_parts_by_each_formula(how: Aggregation, expected: float) -> None:
    rows = np.asarray([[0.9], [0.5]], dtype=np.float32)
    assert aggregate(rows, [30, 10], how)[0] == pytest.approx(expected, abs=1e-6)


def test_probabilities_of_0_and_1_stay_finite() -> None:
    rows = np.asarray([[0.0, 1.0], [0.0, 1.0]], dtype=np.float32)
    for how in Aggregation:
        np.testing.assert_allclose(aggregate(rows, [1, 2], how), [0, 1], atol=1e-5)


def test_a_text_without_words_still_has_weight() -> None:
    assert word_counts(["two words", "", "😂"]) == [2, 1, 1]
