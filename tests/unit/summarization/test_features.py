"""What makes a sentence worth quoting."""

from __future__ import annotations

import numpy as np
import pytest

from functions.summarization.features import centrality, features, intensity, only_fillers


@pytest.mark.parametrize("text", ["Um.", "uh, yeah, so, you know", "Ummm, okay, well, I mean...", "", "😂"])
def test_fillers_alone_say_nothing(text: str) -> None:
    assert only_fillers(text)


@pytest.mark.parametrize("text", ["Um, I cried.", "Okay, so he left.", "I know her.", "2020."])
def test_a_word_among_fillers_says_something(text: str) -> None:
    assert not only_fillers(text)


def test_centrality_is_the_cosine_to_the_centre() -> None:
    rows = np.asarray([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    np.testing.assert_allclose(centrality(rows), np.asarray([2, 2, 1]) / np.sqrt(5), rtol=1e-6)


def test_intensity_is_what_is_not_neutral() -> None:
    rows = np.asarray([[0.3, 0.1, 0.4], [0.0, 0.0, 0.5], [0.2, 0.0, 0.0]], dtype=np.float32)
    np.testing.assert_allclose(intensity(rows, ("joy", "sadness", "neutral")), [0.5, 0.0, 1.0], atol=1e-6)


def test_each_sentence_has_a_row_of_position_length_and_person() -> None:
    texts = ["We left early today.", "It rained.", "He said I'm late, so very late indeed."]
    table = features(texts, np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32), 8)
    assert table.shape == (3, 6)
    np.testing.assert_allclose(table[:, 2], [1, 1 / 2, 1 / 3])
    np.testing.assert_allclose(table[:, 3], [1 / 3, 1 / 2, 1])
    np.testing.assert_allclose(table[:, 4], [0.5, 0.25, 1.0])
    np.testing.assert_allclose(table[:, 5], [1, 0, 1])
