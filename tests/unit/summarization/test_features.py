"""What makes a sentence worth quoting."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from functions.shared.encoder import load_encoder
from functions.summarization.features import Weights, content, features, only_fillers, words

TEXTS = ["The rain was on the train.", "I’m so glad.", "The train was in the rain, I cried and cried."]


@pytest.fixture
def table(tiny_encoder: Path) -> dict[str, npt.NDArray[np.float32]]:
    """The features' columns by the names of their weights."""
    rows = features(TEXTS, [words(text) for text in TEXTS], load_encoder(tiny_encoder))
    return dict(zip(Weights.__struct_fields__, rows.T, strict=True))


@pytest.mark.parametrize("text", ["Um.", "uh, yeah, so, you know", "Ummm, okay, well, I mean...", "", "😂"])
def test_fillers_alone_say_nothing(text: str) -> None:
    assert only_fillers(words(text))


@pytest.mark.parametrize("text", ["Um, I cried.", "Okay, so he left.", "I know her.", "2020."])
def test_a_word_among_fillers_says_something(text: str) -> None:
    assert not only_fillers(words(text))


def test_words_are_compared_whatever_their_case_and_apostrophe() -> None:
    assert words("I’M here, I'm HERE!") == ["i'm", "here", "i'm", "here"]


def test_short_words_carry_no_content() -> None:
    assert content(words("I am at the sea, the sea.")) == {"the": 2, "sea": 2}


def test_there_is_a_column_for_every_weight() -> None:
    weights = Weights(topic=1, wording=2, emotion=3, opening=4, closing=5, first_person=6)
    assert weights.vector().tolist() == list(msgspec.structs.astuple(weights)) == [1, 2, 3, 4, 5, 6]


def test_position_counts_from_both_ends(table: dict[str, npt.NDArray[np.float32]]) -> None:
    np.testing.assert_allclose(table["opening"], [1, 1 / 2, 1 / 3])
    np.testing.assert_allclose(table["closing"], [1 / 3, 1 / 2, 1])


def test_the_first_person_is_heard(table: dict[str, npt.NDArray[np.float32]]) -> None:
    assert table["first_person"].tolist() == [0, 1, 1]


def test_a_sentence_about_what_the_note_is_about_is_nearer_to_it(
    table: dict[str, npt.NDArray[np.float32]],
) -> None:
    assert table["wording"][1] < min(table["wording"][0], table["wording"][2])
    assert table["topic"].argmin() == 1


def test_emotion_is_what_is_not_neutral(table: dict[str, npt.NDArray[np.float32]]) -> None:
    assert table["emotion"][0] < table["emotion"][2]
    assert table["emotion"][0] < table["emotion"][1]
    assert ((table["emotion"] >= 0) & (table["emotion"] <= 1)).all()
