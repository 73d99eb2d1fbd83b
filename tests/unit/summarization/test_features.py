"""Features of sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from functions.shared.text.encoder import load_encoder
from functions.summarization.extracts.features import FEATURES, NAMES, encode_note, table
from functions.summarization.wording.words import only_fillers, words

TEXTS = ["The rain was on the train.", "I’m so glad.", "The train was in the rain, I cried and cried."]

Columns = dict[str, npt.NDArray[np.float32]]


@pytest.fixture
def columns(tiny_encoder: Path) -> Columns:
    rows = table(encode_note(TEXTS, load_encoder(tiny_encoder)))
    return dict(zip(NAMES, rows.T, strict=True))


@pytest.mark.parametrize("text", ["Um.", "uh, yeah, so, you know", "Ummm, okay, well, I mean...", "", "😂"])
def test_fillers_alone_have_no_content(text: str) -> None:
    assert only_fillers(words(text))


@pytest.mark.parametrize("text", ["Um, I cried.", "Okay, so he left.", "I know her.", "2020."])
def test_a_word_among_fillers_is_content(text: str) -> None:
    assert not only_fillers(words(text))


def test_words_ignore_case_and_the_kind_of_apostrophe() -> None:
    assert words("I’M here, I'm HERE!") == ["i'm", "here", "i'm", "here"]


def test_a_link_has_no_words() -> None:
    assert words("See https://example.com/flat or www.example.org now") == ["see", "or", "now"]


def test_every_feature_has_a_finite_value_for_every_sentence(columns: Columns) -> None:
    assert set(columns) == set(FEATURES)
    assert all(column.shape == (3,) and np.isfinite(column).all() for column in columns.values())


def test_a_single_sentence_has_finite_features(tiny_encoder: Path) -> None:
    assert np.isfinite(table(encode_note(["Rain."], load_encoder(tiny_encoder)))).all()


def test_position_counts_from_both_ends(columns: Columns) -> None:
    np.testing.assert_allclose(columns["opening"], [1, 1 / 2, 1 / 3])
    np.testing.assert_allclose(columns["closing"], [1 / 3, 1 / 2, 1])
    np.testing.assert_allclose(columns["place"], [0, 1 / 2, 1])
    assert columns["first"].tolist() == [1, 0, 0]
    assert columns["last"].tolist() == columns["third"].tolist() == [0, 0, 1]


def test_the_first_person_is_detected(columns: Columns) -> None:
    assert columns["first_person"].tolist() == [0, 1, 1]
    assert columns["opens_first_person"].tolist() == [0, 1, 0]


def test_a_sentence_off_topic_scores_lowest(columns: Columns) -> None:
    for name in ("wording", "centrality", "degree", "recurring"):
        assert columns[name].argmin() == 1, name


def test_emotion_is_the_share_that_is_not_neutral(columns: Columns) -> None:
    assert columns["emotion"][0] < columns["emotion"][1:].min()
    assert ((columns["emotion"] >= 0) & (columns["emotion"] <= 1)).all()


def test_ranks_go_from_0_to_1(columns: Columns) -> None:
    assert sorted(columns["length_rank"].tolist()) == [0.0, 0.5, 1.0]
    assert columns["length_rank"].argmax() == 2
