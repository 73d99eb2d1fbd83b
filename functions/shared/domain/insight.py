"""Summaries, quotes and a user's feedback."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from functions.shared.domain.content import EmotionScore, Timestamp
from functions.shared.runtime.settings import Style


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence of the entry's own, when it was said, and what it expresses."""

    text: str
    segment: int
    start: float | None = None
    end: float | None = None
    emotions: tuple[EmotionScore, ...] = ()
    entry: int | None = None
    """In a digest of several entries, which of them it is from, counted from 0."""


class FallbackReason(StrEnum):
    """Why a summary is made of extracts although new words were asked for."""

    INVENTED_NAME = "invented_name"
    INVENTED_NUMBER = "invented_number"
    INVENTED_PERSON = "invented_person"
    CHANGED_NEGATION = "changed_negation"
    INVENTED_WORDS = "invented_words"
    """Too much of it is not in the entry."""
    UNSUPPORTED = "unsupported"
    """It puts together what no sentence of the entry does."""
    NOTHING_WRITTEN = "nothing_written"
    NOT_INSTALLED = "not_installed"
    """No model that writes is installed."""


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an entry comes down to.

    `quotes` are the sentences it is made of or, where it is in new words, those that say what it says.
    """

    text: str
    engine: str
    style: Style = Style.EXTRACT
    title: str | None = None
    quotes: tuple[Quote, ...] = ()
    fallback_reason: FallbackReason | None = None


class FeedbackVerdict(StrEnum):
    """What a person says of an emotion that was found."""

    AGREE = "agree"
    DISAGREE = "disagree"
    CORRECT = "correct"
    """It was another one."""


class Feedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's word on one emotion of their entry, or of one segment of it.

    Attributes:
        emotion: one of the 28, whether it was found or missed.
        correction: the one it was, where the verdict is `correct`.
        revision: of the entry the person had before them.
    """

    emotion: str
    verdict: FeedbackVerdict
    correction: str | None = None
    segment: int | None = None
    revision: int
    given_at: Timestamp
