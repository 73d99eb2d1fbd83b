"""What an insight claims, how strongly, and on which sentences."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from functions.journal.views.claims import (
    EMOTIONS_OF_FEELINGS,
    Claim,
    ClaimKind,
    Strength,
    claims,
    mood,
    strength,
)
from functions.journal.views.entries import entry_view
from functions.journal.views.topic_words import WORDS, mentions
from functions.shared.domain.content import Arc, ArcPoint, EmotionScore, LabelScore, Segment, Transcript
from functions.shared.domain.corrections import Corrections, InsightPart, SegmentCorrection
from functions.shared.domain.effective import Insight
from functions.shared.domain.entries import Entry, Source, Status
from functions.shared.text.encoder import ENCODER

Labels = dict[str, float]


def emotions(labels: Labels) -> tuple[EmotionScore, ...]:
    return tuple(EmotionScore(emotion=name, confidence=value) for name, value in labels.items())


def point(segment: int, sentiment: float = 0.0, core: float | None = None, **labels: float) -> ArcPoint:
    return ArcPoint(segment=segment, emotions=emotions(labels), sentiment=sentiment, core=core)


def derive(
    points: list[ArcPoint],
    *,
    of_entry: Labels | None = None,
    feelings: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    sentiment: float | None = None,
    certain: bool = True,
    sentences: tuple[str, ...] | None = None,
    corrected: tuple[InsightPart, ...] = (),
) -> tuple[Claim, ...]:
    texts = sentences or tuple(f"Sentence {index}." for index in range(len(points)))
    insight = Insight(
        emotions=emotions(of_entry or {}),
        feelings=tuple(LabelScore(label=name, confidence=0.8) for name in feelings),
        topics=tuple(LabelScore(label=name, confidence=0.8) for name in topics),
        sentiment=sentiment,
        certain=certain,
        title=None,
        summary=None,
        corrected=corrected,
    )
    transcript = Transcript(text=" ".join(texts), segments=tuple(Segment(text=text) for text in texts))
    return claims(insight, transcript, Arc(points=tuple(points)))


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.95, Strength.STRONGLY),
        (0.7, Strength.STRONGLY),
        (0.69, Strength.SOMEWHAT),
        (0.4, Strength.SOMEWHAT),
        (0.39, Strength.A_LITTLE),
    ],
)
def test_a_probability_becomes_a_word(probability: float, word: Strength) -> None:
    assert strength(probability) is word


@pytest.mark.parametrize(
    ("sentiment", "word"),
    [
        (0.51, "positive"),
        (0.5, "fairly positive"),
        (0.15, "neutral"),
        (-0.15, "neutral"),
        (-0.5, "fairly negative"),
        (-0.51, "negative"),
    ],
)
def test_a_sentiment_becomes_a_word(sentiment: float, word: str) -> None:
    """The page uses the same words (tests/page/emotions.test.js)."""
    assert mood(sentiment) == word


def test_an_emotion_rests_on_the_sentences_that_express_it() -> None:
    points = [point(0, joy=0.9), point(1, fear=0.8), point(2, joy=0.4, pride=0.8)]
    (joy,) = derive(points, of_entry={"joy": 0.9})
    assert (joy.kind, joy.strength, joy.segments) == (ClaimKind.EMOTION, Strength.STRONGLY, (0, 2))


def test_an_emotion_that_no_sentence_expresses_rests_on_the_entry_as_a_whole() -> None:
    (grief,) = derive([point(0, sadness=0.9)], of_entry={"grief": 0.5})
    assert grief.segments == ()


def test_a_claim_shows_its_four_clearest_sentences_in_their_order() -> None:
    confidences = (0.5, 0.9, 0.6, 0.8, 0.7, 0.4)
    points = [point(index, joy=value) for index, value in enumerate(confidences)]
    (joy,) = derive(points, of_entry={"joy": 0.9})
    assert joy.segments == (1, 2, 3, 4)


def test_at_most_four_emotions_and_three_feelings_are_claimed() -> None:
    many = dict.fromkeys(("joy", "love", "pride", "relief", "gratitude"), 0.5)
    derived = derive([point(0)], of_entry=many, feelings=("happy", "proud", "calm", "excited"))
    assert [claim.label for claim in derived] == ["joy", "love", "pride", "relief", "happy", "proud", "calm"]


def test_emotions_keep_the_readers_order_even_if_another_is_more_probable() -> None:
    derived = derive([point(0)], of_entry={"grief": 0.6, "love": 0.9})
    assert [claim.label for claim in derived] == ["grief", "love"]


def test_neutral_is_claimed_only_alone() -> None:
    beside = derive([point(0)], of_entry={"neutral": 0.9, "annoyance": 0.3})
    assert [claim.label for claim in beside] == ["annoyance"]
    (alone,) = derive([point(0)], of_entry={"neutral": 0.9})
    assert (alone.label, alone.strength) == ("neutral", None)


def test_emotions_that_are_hard_to_tell_have_no_strength() -> None:
    derived = derive([point(0, fear=0.5)], of_entry={"fear": 0.9, "anger": 0.8}, certain=False)
    assert [(claim.label, claim.strength) for claim in derived] == [("fear", None), ("anger", None)]


def test_a_feeling_rests_on_sentences_with_the_emotions_that_go_with_it() -> None:
    points = [point(0, nervousness=0.6), point(1, joy=0.9), point(2, fear=0.7)]
    (anxious,) = derive(points, feelings=("anxious",))
    assert anxious.segments == (0, 2)
    (bored,) = derive(points, feelings=("bored",))
    assert bored.segments == ()


@pytest.mark.models
def test_feelings_and_topics_are_those_of_the_model(models: Path) -> None:
    heads = json.loads((models / ENCODER / "config.json").read_bytes())["heads"]
    feelings, emotions_, topics = (set(heads[name]["labels"]) for name in ("feelings", "emotions", "topics"))
    assert set(EMOTIONS_OF_FEELINGS) - feelings == {"awkward"}, "too rare for this model"
    assert {emotion for names in EMOTIONS_OF_FEELINGS.values() for emotion in names} <= emotions_
    assert set(WORDS) == topics


def test_a_topic_rests_on_the_sentences_that_speak_of_it() -> None:
    sentences = ("We had soup.", "Then my manager rang about the shift.", "I cried.")
    (work,) = derive([point(0), point(1), point(2)], topics=("work",), sentences=sentences)
    assert work.segments == (1,)
    (god,) = derive([point(0), point(1), point(2)], topics=("god",), sentences=sentences)
    assert god.segments == ()


def test_of_many_sentences_about_a_topic_those_at_the_core_are_shown() -> None:
    cores = (0.1, 0.9, 0.2, 0.8, 0.7, 0.6)
    points = [point(index, core=core) for index, core in enumerate(cores)]
    sentences = tuple(f"My sister said {index}." for index in range(len(cores)))
    (family,) = derive(points, topics=("family",), sentences=sentences)
    assert family.segments == (1, 3, 4, 5)


@pytest.mark.parametrize(
    ("topic", "sentence", "expected"),
    [
        ("work", "Two meetings before noon.", True),
        ("work", "The workshop smelled of glue.", False),
        ("family", "MUM'S hands were cold.", True),
        ("sleep", "I lay awake until four.", True),
        ("health", "The childhood photos are in the loft.", False),
    ],
)
def test_topics_are_recognized_by_whole_words(topic: str, sentence: str, expected: bool) -> None:
    assert mentions(topic, sentence) is expected


def test_a_mood_rests_on_the_sentences_that_pull_towards_it() -> None:
    points = [point(0, -0.8), point(1, 0.9), point(2, 0.1), point(3, 0.5)]
    (bright,) = derive(points, sentiment=0.6)
    assert (bright.kind, bright.label, bright.segments) == (ClaimKind.MOOD, "positive", (1, 3))
    (heavy,) = derive(points, sentiment=-0.3)
    assert (heavy.label, heavy.segments) == ("fairly negative", (0,))
    (mixed,) = derive(points, sentiment=0.05)
    assert (mixed.label, mixed.segments) == ("mixed", (0, 1, 3))
    (even,) = derive([point(0, 0.1), point(1, 0.4)], sentiment=0.05)
    assert (even.label, even.segments) == ("neutral", (1,))


def test_what_the_user_stated_is_claimed_whole_in_their_order_without_strength_or_sentences() -> None:
    stated = ("relief", "joy", "love", "pride", "caring")
    felt = ("happy", "calm", "proud", "excited")
    derived = derive(
        [point(0, -0.9, joy=0.9), point(1, 0.9)],
        of_entry=dict.fromkeys(stated, 1.0),
        feelings=felt,
        topics=("sleep",),
        sentiment=0.0,
        sentences=("I slept.", "I slept again."),
        corrected=tuple(InsightPart),
    )
    assert [claim.label for claim in derived] == [*stated, *felt, "sleep", "neutral"]
    assert {(claim.strength, claim.segments) for claim in derived} == {(None, ())}


def test_what_the_user_did_not_correct_keeps_its_strength_and_sentences() -> None:
    points = [point(0, 0.9, joy=0.9)]
    joy, mood_ = derive(points, of_entry={"joy": 0.9}, sentiment=-0.9, corrected=(InsightPart.MOOD,))
    assert (joy.strength, joy.segments) == (Strength.STRONGLY, (0,))
    assert (mood_.label, mood_.segments) == ("negative", ())


NO = Transcript(text="No.", segments=(Segment(text="No."),))


def hard_to_tell() -> Entry:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    return Entry(
        uid="u",
        entry_id="e",
        source=Source.TEXT,
        status=Status.READY,
        created_at=now,
        recorded_at=now,
        updated_at=now,
        emotions=emotions({"fear": 0.5, "anger": 0.5}),
        certain=False,
    )


def test_an_entry_says_whether_its_first_emotion_is_clear_and_has_claims_once_it_is_read_alone() -> None:
    entry = hard_to_tell()
    listed = entry_view(entry).insight
    assert (listed.certain, listed.claims) == (False, None)
    read = entry_view(entry, NO, Arc(points=(point(0, fear=0.6),))).insight
    assert read.certain is False
    assert [(claim.label, claim.segments) for claim in read.claims or ()] == [("fear", (0,)), ("anger", ())]


def test_an_entry_claims_what_was_corrected_and_rests_it_on_corrected_sentences() -> None:
    said = Corrections(feelings=("angry",), segments=(SegmentCorrection(segment=0, emotions=("anger",)),))
    read = entry_view(
        replace(hard_to_tell(), corrections=said), NO, Arc(points=(point(0, fear=0.6),))
    ).insight
    assert [(claim.label, claim.segments) for claim in read.claims or ()] == [
        ("fear", ()),
        ("anger", (0,)),
        ("angry", ()),
    ]
    certain = entry_view(replace(hard_to_tell(), corrections=Corrections(emotions=("fear",))), NO).insight
    assert certain.certain is True
    assert [(claim.label, claim.strength) for claim in certain.claims or ()] == [("fear", None)]
    assert entry_view(hard_to_tell(), NO).insight.claims is None
