"""Sentiment follows from GoEmotions' own grouping, from -1 to 1."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.emotion.sentiment import valence
from functions.shared.domain.labels import NEGATIVE, POSITIVE

LABELS = ("joy", "love", "sadness", "surprise", "neutral")
ROW = st.lists(st.floats(0, 1, width=32), min_size=len(LABELS), max_size=len(LABELS))


def _valence(row: list[float]) -> float:
    return float(valence(np.asarray(row, dtype=np.float32), LABELS))


@given(ROW)
def test_sentiment_stays_between_minus_one_and_one(row: list[float]) -> None:
    assert -1.0001 <= _valence(row) <= 1.0001


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([0.5, 0.5, 0, 0, 0], 1.0),
        ([0, 0, 0.9, 0, 0], -1.0),
        ([0.4, 0, 0.4, 0, 0], 0.0),
        ([0, 0, 0, 0.8, 0.8], 0.0),
        ([0.6, 0, 0, 0, 0.2], 0.75),
        ([0, 0, 0, 0, 0], 0.0),
    ],
)
def test_sentiment_is_the_positive_minus_the_negative_share(row: list[float], expected: float) -> None:
    assert _valence(row) == pytest.approx(expected)


def test_rows_are_independent() -> None:
    rows = np.asarray([[1, 0, 0, 0, 0], [0, 0, 1, 0, 0]], dtype=np.float32)
    np.testing.assert_allclose(valence(rows, LABELS), [1, -1])


def test_no_emotion_is_both_positive_and_negative() -> None:
    assert not POSITIVE & NEGATIVE
