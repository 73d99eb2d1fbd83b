"""An entry as a whole lies between its average and its strongest sentence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from functions.emotion.aggregate import aggregate, word_counts

LABELS = 3
ROWS = st.lists(
    st.tuples(st.lists(st.floats(0, 1, width=32), min_size=LABELS, max_size=LABELS), st.integers(1, 40)),
    min_size=1,
    max_size=8,
)


def _split(rows: list[tuple[list[float], int]]) -> tuple[npt.NDArray[np.float32], list[int]]:
    return np.asarray([row for row, _ in rows], dtype=np.float32), [words for _, words in rows]


@given(ROWS)
def test_the_whole_lies_between_the_average_and_the_peak(rows: list[tuple[list[float], int]]) -> None:
    probabilities, words = _split(rows)
    whole = aggregate(probabilities, words)
    assert (whole <= probabilities.max(axis=0) + 1e-6).all()
    assert (whole >= np.average(probabilities, axis=0, weights=words) - 1e-6).all()


@given(ROWS)
def test_the_order_of_sentences_does_not_matter(rows: list[tuple[list[float], int]]) -> None:
    np.testing.assert_allclose(aggregate(*_split(rows)), aggregate(*_split(rows[::-1])), atol=1e-6)


def test_one_sentence_keeps_its_probabilities() -> None:
    row = np.asarray([[0.25, 0.5, 1.0]], dtype=np.float32)
    np.testing.assert_allclose(aggregate(row, [7]), row[0])


def test_a_longer_sentence_weighs_more() -> None:
    rows = np.asarray([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    whole = aggregate(rows, [30, 10])
    np.testing.assert_allclose(whole, [0.875, 0.625])


def test_one_strong_sentence_survives_many_calm_ones() -> None:
    rows = np.zeros((20, 1), dtype=np.float32)
    rows[3] = 0.9
    assert aggregate(rows, [10] * 20)[0] > 0.45


def test_a_text_without_words_still_has_weight() -> None:
    assert word_counts(["two words", "", "😂"]) == [2, 1, 1]
