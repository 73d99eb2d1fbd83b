"""The emotion model applies each label's threshold, and classifies long texts as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from functions.emotion.model import EmotionModel
from functions.shared.errors import ArtifactError
from tests.unit.conftest import MAX_LENGTH, MakeEncoder, head_config


@pytest.fixture
def model(tiny_encoder: Path) -> EmotionModel:
    return EmotionModel.load(tiny_encoder)


def _labels(model: EmotionModel, text: str) -> list[str]:
    (scores,) = model.predict([text])
    return [score.emotion for score in scores]


def test_name_version_and_labels_come_from_the_artifact(model: EmotionModel) -> None:
    assert (model.name, model.version) == ("tiny-encoder", "1.2.3")
    assert model.labels == ("joy", "sadness", "neutral")


def test_the_most_probable_emotion_comes_first(model: EmotionModel) -> None:
    assert _labels(model, "happy happy sad") == ["joy", "sadness"]
    assert _labels(model, "sad sad sad happy") == ["sadness", "joy"]


def test_labels_below_their_threshold_are_omitted(model: EmotionModel) -> None:
    assert _labels(model, "rain") == []


def test_each_label_has_its_own_threshold(model: EmotionModel) -> None:
    joy = model.probabilities(["happy rain rain"])[0, 0]
    neutral = model.probabilities(["table rain rain"])[0, 2]
    assert joy == pytest.approx(neutral)
    assert 0.5 < joy < 0.8
    assert _labels(model, "happy rain rain") == ["joy"]
    assert _labels(model, "table rain rain") == ([] if neutral < 0.7 else ["neutral"])


def test_confidence_is_the_calibrated_probability(model: EmotionModel) -> None:
    ((joy,),) = model.predict(["happy"])
    ((sadness,),) = model.predict(["sad"])
    assert joy.confidence == pytest.approx(1 / (1 + np.exp(-12)), abs=1e-4)
    assert sadness.confidence == pytest.approx(1 / (1 + np.exp(-6)), abs=1e-4)


def test_texts_keep_their_order(model: EmotionModel) -> None:
    joy, nothing, sadness = model.predict(["happy", "rain", "sad"])
    assert (joy[0].emotion, nothing, sadness[0].emotion) == ("joy", (), "sadness")


def test_no_texts_give_no_predictions(model: EmotionModel) -> None:
    assert model.predict([]) == []


def test_text_beyond_the_length_limit_counts_too(model: EmotionModel) -> None:
    text = "The train was rain. " * MAX_LENGTH
    neutral, sad = model.probabilities([text, text + "I cried."])[:, 1]
    assert sad > neutral + 0.2


def test_a_text_longer_than_a_heads_limit_is_judged_as_an_entry(make_encoder: MakeEncoder) -> None:
    emotions = head_config("emotions", reads="sentences", aggregation="peak", alone=5)
    model = EmotionModel.load(make_encoder(heads={"emotions": emotions}))
    happy, short, long = model.probabilities(["Happy.", "Happy. Rain.", "Happy. Rain rain rain rain rain."])[
        :, 0
    ]
    assert long == pytest.approx(happy, abs=1e-6)
    assert short < happy


@pytest.mark.parametrize(
    ("reads", "joy"),
    [("sentences", 12), ("passages", 16 * 2 / 5 - 4), ("both", 12)],
)
def test_an_entry_is_judged_from_the_inputs_of_its_head(
    make_encoder: MakeEncoder, reads: str, joy: float
) -> None:
    emotions = head_config("emotions", reads=reads, aggregation="peak")
    entry = EmotionModel.load(make_encoder(heads={"emotions": emotions})).entry_probabilities(
        ["happy happy", "rain rain rain"]
    )
    assert entry.sentences.shape == (2, 3)
    assert entry.whole["emotions"][0] == pytest.approx(1 / (1 + np.exp(-joy)), abs=1e-6)


def test_a_long_entry_is_judged_from_several_passages(make_encoder: MakeEncoder) -> None:
    emotions = head_config("emotions", reads="passages", aggregation="peak", passage=4)
    model = EmotionModel.load(make_encoder(heads={"emotions": emotions}))
    (joy, *_) = model.entry_probabilities(["happy happy", "rain rain", "the table", "the train"]).whole[
        "emotions"
    ]
    assert joy == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-6)


def test_an_encoder_without_the_head_is_rejected(make_encoder: MakeEncoder) -> None:
    with pytest.raises(ArtifactError, match="'emotions'"):
        EmotionModel.load(make_encoder(heads={}))
