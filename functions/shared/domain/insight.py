"""Summaries, and the user's feedback on emotions."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from functions.shared.domain.content import EmotionScore, Timestamp
from functions.shared.runtime.settings import Style


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence quoted from the entry, or a contiguous part of it, with its time and its emotions."""

    text: str
    segment: int
    start: float | None = None
    end: float | None = None
    emotions: tuple[EmotionScore, ...] = ()
    entry: int | None = None
    """In a digest of several entries, the index of the one it is from (from 0)."""


class FallbackReason(StrEnum):
    """Why a summary is extractive although an abstractive one was requested."""

    INVENTED_NAME = "invented_name"
    INVENTED_NUMBER = "invented_number"
    INVENTED_PERSON = "invented_person"
    CHANGED_NEGATION = "changed_negation"
    INVENTED_WORDS = "invented_words"
    """Too many of its words are not in the entry."""
    UNSUPPORTED = "unsupported"
    """It combines facts that no sentence of the entry combines."""
    NOTHING_WRITTEN = "nothing_written"
    NOT_INSTALLED = "not_installed"
    """The abstractive model is not installed."""


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A summary of an entry.

    `quotes` are the sentences an extractive summary consists of, or those that support an abstractive one.
    """

    text: str
    engine: str
    style: Style = Style.EXTRACT
    title: str | None = None
    quotes: tuple[Quote, ...] = ()
    fallback_reason: FallbackReason | None = None


class FeedbackVerdict(StrEnum):
    """A user's verdict on a detected emotion."""

    AGREE = "agree"
    DISAGREE = "disagree"
    CORRECT = "correct"
    """The emotion was a different one."""


class Feedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user's feedback on one emotion of an entry or of one of its segments.

    Attributes:
        emotion: one of the 28 labels, whether it was detected or missed.
        correction: the right label, if the verdict is `correct`.
        revision: the revision of the entry that the feedback is about.
    """

    emotion: str
    verdict: FeedbackVerdict
    correction: str | None = None
    segment: int | None = None
    revision: int
    given_at: Timestamp
