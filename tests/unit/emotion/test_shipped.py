"""The shipped model detects obvious emotions."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.emotion.model import EmotionModel
from functions.shared.domain.labels import NEGATIVE, POSITIVE
from functions.shared.text.encoder import ENCODER
from functions.shared.text.sentences import split

AMBIGUOUS = {"confusion", "curiosity", "realization", "surprise"}


@pytest.fixture(scope="module")
def model(shipped_models: Path) -> EmotionModel:
    return EmotionModel.load(shipped_models / ENCODER)


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("Thank you so much for being there for me.", "gratitude"),
        ("I love you, I really do.", "love"),
        ("I'm so angry at him, I hate this!", "anger"),
        ("I am so sad today, I can't stop crying.", "sadness"),
        ("I'm terrified of what might happen.", "fear"),
        ("That was hilarious, I laughed so hard haha", "amusement"),
        ("I'm so sorry, I apologize for what I did.", "remorse"),
        ("The meeting is on Tuesday at three.", "neutral"),
    ],
)
def test_an_obvious_emotion_is_the_most_probable(model: EmotionModel, text: str, emotion: str) -> None:
    (scores,) = model.predict([text])
    assert scores[0].emotion == emotion


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("The postman came 😡", "anger"),
        ("The postman came 🥰", "love"),
        ("The postman came :'(", "sadness"),
        ("😱😱", "fear"),
        ("🎊", "joy"),
    ],
)
def test_emoji_speak_where_words_are_neutral_or_missing(model: EmotionModel, text: str, emotion: str) -> None:
    (scores,) = model.predict([text])
    assert scores[0].emotion == emotion
    assert model.classify_entry([text]).arc.points[0].emotions == scores


def test_words_that_show_an_emotion_are_read_without_the_emoji(model: EmotionModel) -> None:
    text = "I am so sad today, I can't stop crying."
    (scores,) = model.predict([text + " 🙂"])
    assert scores[0].emotion == "sadness"


def test_every_label_is_positive_negative_ambiguous_or_neutral(model: EmotionModel) -> None:
    assert set(model.labels) == POSITIVE | NEGATIVE | AMBIGUOUS | {"neutral"}
    assert len(model.labels) == 28


def test_the_arc_of_an_entry_goes_from_joy_to_sadness(model: EmotionModel) -> None:
    text = "What a wonderful morning, I was so happy! Then we drove to town. My grandmother died and I cried."
    entry = model.classify_entry(split(text))
    first, middle, last = (point.sentiment for point in entry.arc.points)
    assert first > 0.5 > abs(middle)
    assert last < -0.3
    assert {"joy", "sadness"} <= {score.emotion for score in entry.whole.emotions}
