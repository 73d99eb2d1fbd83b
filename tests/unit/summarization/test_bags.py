"""Likeness of sentences by the words they share."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.summarization.bags import cosine, whole

BAG = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 5))


@given(BAG, BAG)
def test_likeness_is_symmetric_and_between_nought_and_one(one: dict[str, int], other: dict[str, int]) -> None:
    assert cosine(one, other) == pytest.approx(cosine(other, one))
    assert 0.0 <= cosine(one, other) <= 1.0 + 1e-9


def test_likeness_is_the_cosine() -> None:
    assert cosine({"rain": 1, "train": 2}, {"rain": 2, "table": 1}) == pytest.approx(2 / 5)


@given(BAG.filter(bool))
def test_a_sentence_is_like_itself(bag: dict[str, int]) -> None:
    assert cosine(bag, bag) == pytest.approx(1.0)


def test_an_empty_sentence_is_like_nothing() -> None:
    assert cosine({}, {"rain": 1}) == cosine({}, {}) == 0.0


def test_in_the_whole_a_word_counts_by_its_logarithm() -> None:
    assert whole([{"rain": 1, "sun": 1}, {"rain": 2}]) == {"rain": 1 + math.log(3), "sun": 1.0}
