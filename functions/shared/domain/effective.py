"""The insight that counts: what the models found, with the person's corrections in its place.

The stored entry keeps both apart. Views, labels, exports and everything else that shows or counts an insight
derive it here. Labels that a person gave have the confidence 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from functions.shared.domain.content import Arc, ArcPoint, EmotionScore, LabelScore
from functions.shared.domain.corrections import InsightPart
from functions.shared.domain.entries import Entry
from functions.shared.domain.insight import Feedback, FeedbackVerdict, Summary
from functions.shared.domain.labels import sentiment_of


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """An entry's insight as its user sees it. `corrected` are the parts that the user has corrected."""

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float | None
    certain: bool
    title: str | None
    summary: Summary | None
    corrected: tuple[InsightPart, ...]


def insight_of(entry: Entry) -> Insight:
    stated = entry.corrections
    corrected = [part for part in InsightPart if getattr(stated, part) is not UNSET]
    if InsightPart.EMOTIONS not in corrected and acting_feedback(entry, None):
        corrected.insert(0, InsightPart.EMOTIONS)
    found_title = entry.summary.title if entry.summary else None
    title = found_title if stated.title is UNSET else stated.title
    return Insight(
        emotions=_emotions(entry, None, entry.emotions),
        feelings=entry.feelings if stated.feelings is UNSET else _scores(stated.feelings),
        topics=entry.topics if stated.topics is UNSET else _scores(stated.topics),
        sentiment=entry.sentiment if stated.mood is UNSET else stated.mood,
        certain=entry.certain or InsightPart.EMOTIONS in corrected,
        title=title,
        summary=_summary(entry, entry.summary, title) if entry.summary else None,
        corrected=tuple(corrected),
    )


def arc_of(entry: Entry, arc: Arc) -> Arc:
    """The arc with the corrected emotions of its segments, whose sentiment follows from them."""
    corrected = corrected_segments(entry)
    return Arc(
        points=tuple(
            _corrected_point(entry, point) if point.segment in corrected else point for point in arc.points
        )
    )


def labels_of(entry: Entry) -> tuple[str, ...]:
    """What to filter lists by, such as `emotion:joy`, `feeling:calm`, `topic:work` or `word:regen`."""
    if not entry.listed:
        return ()
    insight = insight_of(entry)
    return (
        *(f"emotion:{score.emotion}" for score in insight.emotions),
        *(f"feeling:{score.label}" for score in insight.feelings),
        *(f"topic:{score.label}" for score in insight.topics),
        *(word_label(word) for word in entry.words),
    )


def word_label(word: str) -> str:
    """The label of entries that have a word, folded by `shared/text/words.py`."""
    return f"word:{word}"


def corrected_segments(entry: Entry) -> frozenset[int]:
    """The segments whose emotions the person has corrected."""
    by_feedback = {item.segment for item in entry.feedback if item.segment is not None and acts(entry, item)}
    return frozenset(by_feedback | {item.segment for item in entry.corrections.segments})


def acting_feedback(entry: Entry, segment: int | None) -> list[Feedback]:
    """Feedback that corrects the emotions of a segment, or of the whole entry, unless `corrections` do."""
    return [item for item in entry.feedback if item.segment == segment and acts(entry, item)]


def acts(entry: Entry, feedback: Feedback) -> bool:
    """Whether feedback corrects emotions of the entry as it is now."""
    return feedback.verdict is not FeedbackVerdict.AGREE and feedback.revision == entry.revision


def with_feedback(emotions: Sequence[str], feedback: Feedback) -> tuple[str, ...]:
    """The emotions with the right one in place of the wrong one, or without the wrong one."""
    right = [feedback.correction] if feedback.correction is not None else []
    if feedback.emotion not in emotions:
        return tuple(dict.fromkeys((*emotions, *right)))
    place = list(emotions).index(feedback.emotion)
    others = [emotion for emotion in emotions[place + 1 :] if emotion not in right]
    return tuple(dict.fromkeys((*emotions[:place], *right, *others)))


def _emotions(entry: Entry, segment: int | None, found: tuple[EmotionScore, ...]) -> tuple[EmotionScore, ...]:
    """The emotions of a segment, or of the whole entry."""
    stated = _stated_emotions(entry, segment)
    if stated is not None:
        return tuple(EmotionScore(emotion=emotion, confidence=1.0) for emotion in stated)
    confidence = {score.emotion: score.confidence for score in found}
    emotions = tuple(confidence)
    for item in acting_feedback(entry, segment):
        emotions = with_feedback(emotions, item)
        if item.correction is not None:
            confidence[item.correction] = 1.0
    return tuple(EmotionScore(emotion=emotion, confidence=confidence[emotion]) for emotion in emotions)


def _stated_emotions(entry: Entry, segment: int | None) -> tuple[str, ...] | None:
    if segment is None:
        emotions = entry.corrections.emotions
        return None if emotions is UNSET else emotions
    stated = (item.emotions for item in entry.corrections.segments if item.segment == segment)
    return next(stated, None)


def _scores(labels: Sequence[str]) -> tuple[LabelScore, ...]:
    return tuple(LabelScore(label=label, confidence=1.0) for label in labels)


def _corrected_point(entry: Entry, point: ArcPoint) -> ArcPoint:
    emotions = _emotions(entry, point.segment, point.emotions)
    sentiment = sentiment_of([score.emotion for score in emotions])
    return replace(point, emotions=emotions, sentiment=sentiment)


def _summary(entry: Entry, summary: Summary, title: str | None) -> Summary:
    corrected = corrected_segments(entry)
    quotes = tuple(
        replace(quote, emotions=_emotions(entry, quote.segment, quote.emotions))
        if quote.segment in corrected
        else quote
        for quote in summary.quotes
    )
    return replace(summary, title=title, quotes=quotes)
