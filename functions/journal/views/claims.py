"""What an insight claims about an entry, how strongly, and on which sentences each claim rests.

Every client shows the same claims. How they are derived, and why: docs/decisions/0015-claims.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from functions.journal.views.topic_words import mentions
from functions.shared.domain.content import Arc, ArcPoint, EmotionScore, LabelScore, Transcript
from functions.shared.domain.corrections import InsightPart
from functions.shared.domain.effective import Insight
from functions.shared.domain.labels import NEUTRAL

EVEN, MIXED = "neutral", "mixed"
"""Moods that are neither positive nor negative: nothing pulls, or sentences pull either way."""
MAX_EMOTIONS = 4
MAX_FEELINGS = 3
MAX_SENTENCES = 4
"""Sentences shown for one claim."""


class ClaimKind(StrEnum):
    EMOTION = "emotion"
    FEELING = "feeling"
    TOPIC = "topic"
    MOOD = "mood"


class Strength(StrEnum):
    """How strongly an emotion shows. Clients show these words instead of numbers."""

    STRONGLY = "strongly"
    SOMEWHAT = "somewhat"
    A_LITTLE = "a little"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the insight says about the entry.

    `strength` is null unless it is an emotion of an entry whose first emotion is clear. `segments` are the
    sentences that it rests on, in order; if there are none, it comes from the entry as a whole. What the user
    stated has neither. The label of a mood is `positive`, `fairly positive`, `neutral`, `mixed`, `fairly
    negative` or `negative`.
    """

    kind: ClaimKind
    label: str
    strength: Strength | None
    segments: tuple[int, ...]


STRONGLY_FROM = 0.7
SOMEWHAT_FROM = 0.4
MOOD_SENTENCE_FROM = 0.3
"""How far from 0 a sentence's sentiment must be to explain a mood."""

EMOTIONS_OF_FEELINGS: Mapping[str, tuple[str, ...]] = {
    "afraid": ("fear", "nervousness"),
    "angry": ("anger", "annoyance"),
    "anxious": ("nervousness", "fear"),
    "ashamed": ("remorse", "embarrassment"),
    "awkward": ("embarrassment",),
    "calm": ("relief",),
    "confused": ("confusion",),
    "disgusted": ("disgust",),
    "excited": ("excitement",),
    "frustrated": ("annoyance", "anger"),
    "happy": ("joy", "excitement", "amusement", "love"),
    "nostalgic": ("love", "grief"),
    "proud": ("pride",),
    "sad": ("sadness", "grief"),
    "satisfied": ("approval", "pride", "relief"),
    "surprised": ("surprise",),
}
"""Emotions of a sentence that a feeling of its entry can rest on. Bored and jealous have none."""


def strength(probability: float) -> Strength:
    """The word for a calibrated probability."""
    if probability >= STRONGLY_FROM:
        return Strength.STRONGLY
    return Strength.SOMEWHAT if probability >= SOMEWHAT_FROM else Strength.A_LITTLE


def mood(sentiment: float) -> str:
    """The word for a sentiment (-1..1)."""
    if abs(sentiment) <= 0.15:
        return EVEN
    degree = "" if abs(sentiment) > 0.5 else "fairly "
    return degree + ("positive" if sentiment > 0 else "negative")


def shown_emotions(emotions: Iterable[EmotionScore]) -> tuple[EmotionScore, ...]:
    """The emotions to show, in their order. Neutral is shown only if it is the only one."""
    scores = tuple(emotions)
    return tuple(score for score in scores if score.emotion != NEUTRAL)[:MAX_EMOTIONS] or scores[:1]


def shown_feelings(feelings: Sequence[LabelScore]) -> Sequence[LabelScore]:
    return feelings[:MAX_FEELINGS]


def claims(insight: Insight, transcript: Transcript, arc: Arc) -> tuple[Claim, ...]:
    """The claims about an entry: emotions, feelings and topics in their order, then the mood.

    The user's word needs no evidence: all that they stated is claimed as it is.
    """
    return (
        *_of_emotions(insight, arc.points),
        *_of_feelings(insight, arc.points),
        *_of_topics(insight, transcript, arc.points),
        *_of_mood(insight, arc.points),
    )


def _of_emotions(insight: Insight, points: Sequence[ArcPoint]) -> Iterable[Claim]:
    if InsightPart.EMOTIONS in insight.corrected:
        stated = [score.emotion for score in insight.emotions]
        named = [emotion for emotion in stated if emotion != NEUTRAL] or stated
        return _stated(ClaimKind.EMOTION, named)
    return (
        Claim(
            kind=ClaimKind.EMOTION,
            label=score.emotion,
            strength=strength(score.confidence) if insight.certain and score.emotion != NEUTRAL else None,
            segments=_expressing((score.emotion,), points),
        )
        for score in shown_emotions(insight.emotions)
    )


def _of_feelings(insight: Insight, points: Sequence[ArcPoint]) -> Iterable[Claim]:
    if InsightPart.FEELINGS in insight.corrected:
        return _stated(ClaimKind.FEELING, (score.label for score in insight.feelings))
    return (
        _claim(ClaimKind.FEELING, score.label, _expressing(EMOTIONS_OF_FEELINGS.get(score.label, ()), points))
        for score in shown_feelings(insight.feelings)
    )


def _of_topics(insight: Insight, transcript: Transcript, points: Sequence[ArcPoint]) -> Iterable[Claim]:
    if InsightPart.TOPICS in insight.corrected:
        return _stated(ClaimKind.TOPIC, (score.label for score in insight.topics))
    return (
        _claim(ClaimKind.TOPIC, score.label, _mentioning(score.label, transcript, points))
        for score in insight.topics
    )


def _of_mood(insight: Insight, points: Sequence[ArcPoint]) -> Iterable[Claim]:
    if insight.sentiment is None:
        return ()
    if InsightPart.MOOD in insight.corrected:
        return _stated(ClaimKind.MOOD, (mood(insight.sentiment),))
    return (_mood_claim(insight.sentiment, points),)


def _stated(kind: ClaimKind, labels: Iterable[str]) -> Iterable[Claim]:
    return (_claim(kind, label, ()) for label in labels)


def _claim(kind: ClaimKind, label: str, segments: tuple[int, ...]) -> Claim:
    return Claim(kind=kind, label=label, strength=None, segments=segments)


def _mood_claim(sentiment: float, points: Sequence[ArcPoint]) -> Claim:
    """A mood rests on the sentences that pull towards it; a mixed one on those that pull either way."""
    label = mood(sentiment)
    if label == EVEN:
        pulling = [point for point in points if abs(point.sentiment) >= MOOD_SENTENCE_FROM]
        if {point.sentiment > 0 for point in pulling} == {True, False}:
            label = MIXED
        return _claim(ClaimKind.MOOD, label, _best(pulling, lambda point: abs(point.sentiment)))
    sign = 1.0 if sentiment > 0 else -1.0
    pulling = [point for point in points if sign * point.sentiment >= MOOD_SENTENCE_FROM]
    return _claim(ClaimKind.MOOD, label, _best(pulling, lambda point: sign * point.sentiment))


def _expressing(emotions: Sequence[str], points: Sequence[ArcPoint]) -> tuple[int, ...]:
    """The sentences whose own emotions are among these."""

    def confidence(point: ArcPoint) -> float:
        return max((score.confidence for score in point.emotions if score.emotion in emotions), default=0.0)

    return _best([point for point in points if confidence(point) > 0.0], confidence)


def _mentioning(topic: str, transcript: Transcript, points: Sequence[ArcPoint]) -> tuple[int, ...]:
    """The sentences that visibly speak of a topic, preferably those at the entry's core."""
    speaking = [point for point in points if mentions(topic, transcript.segments[point.segment].text)]
    return _best(speaking, lambda point: (point.core or 0.0) - (point.avoid or 0.0))


def _best(points: Sequence[ArcPoint], value: Callable[[ArcPoint], float]) -> tuple[int, ...]:
    """The segments of the points with the highest value, in order."""
    ranked = sorted(points, key=value, reverse=True)[:MAX_SENTENCES]
    return tuple(sorted(point.segment for point in ranked))
