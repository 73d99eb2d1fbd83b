"""The content of an entry: its transcript, emotion arc and embedding."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

UNDETERMINED = "und"
"""BCP 47's code for an undetermined language."""

Timestamp = Annotated[datetime, Meta(tz=True)]
"""A point in time as the API states it: an RFC 3339 `date-time` with a zone."""


class EmptyReason(StrEnum):
    """Why an insight is empty although no stage failed."""

    NO_SPEECH = "no_speech"
    NO_WORDS = "no_words"
    UNSUPPORTED_LANGUAGE = "unsupported_language"


class Uncertainty(StrEnum):
    """Why the words of a segment may not be what was said."""

    FAINT = "faint"
    """The voice was hardly there: a whisper, a falsetto, or somebody far away."""
    UNSURE = "unsure"
    """The recognizer was unsure of the words."""
    CUT_OFF = "cut_off"
    """The recognizer got stuck in a repetition, which is cut: more may have been said."""


class LeftOut(StrEnum):
    """Why what was said in a segment is not in the transcript."""

    UNSUPPORTED_LANGUAGE = "unsupported_language"
    UNCLEAR = "unclear"
    """Somebody spoke, but the words could not be made out."""


class PartialReason(StrEnum):
    """Why not all of a recording could be heard."""

    ENDS_EARLY = "ends_early"
    """The file is shorter than it declares."""
    UNREADABLE_PART = "unreadable_part"
    """A part of the file is damaged or cannot be decoded."""


class Word(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One spoken word; `probability` (0..1) if the engine states one."""

    text: str
    start: float
    end: float
    probability: float | None = None


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence. Spoken ones have times in seconds; typed ones have none.

    Attributes:
        uncertain: why the words may be wrong, if they may.
        left_out: why the words are missing. Then `text` says so in brackets, such as "[another language]",
            and nothing else reads it: it is no sentence of the entry.
        language: its language (ISO 639-1, or "und") if that is one that no model reads yet. Its words are
            kept, shown and found by search.
    """

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    uncertain: Uncertainty | None = None
    left_out: LeftOut | None = None
    language: str | None = None


class Transcript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was said or typed. `segments` are the sentences in `text`, in order, each a part of it.

    Between two segments is white space or, in typed text, what is no sentence: front matter, code, tables,
    rules, lists of links, HTML tags.
    """

    text: str
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    duration_s: float | None = None
    partial: bool = False
    """True if not all of the recording could be heard."""
    partial_reason: PartialReason | None = None


class ChunkTranscript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One chunk of a long recording; times are relative to the start of the whole recording."""

    index: int
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    partial: bool = False
    empty_reason: EmptyReason | None = None


class EmotionScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of the 28 GoEmotions labels and its probability (0..1)."""

    emotion: str
    confidence: float


class LabelScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of the 18 feelings or 11 topics and its probability (0..1)."""

    label: str
    confidence: float


class ArcPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one segment expresses: emotions above their thresholds, and sentiment (-1..1).

    Attributes:
        core: the probability that someone would quote it for the entry's emotional core.
        avoid: the probability that quoting it would be silly. Both are None if no model has read the entry
            as a whole.
    """

    segment: int
    emotions: tuple[EmotionScore, ...]
    sentiment: float
    core: float | None = None
    avoid: float | None = None


class Arc(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How emotion develops over an entry: one point per segment, in order."""

    points: tuple[ArcPoint, ...] = ()


class PassageVector(msgspec.Struct, frozen=True, kw_only=True):
    """The embedding of consecutive segments, `first` to `last` inclusive.

    `vector` is a unit vector in little-endian float32.
    """

    first: int
    last: int
    vector: bytes


class Embedding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry's passages embedded by one model. Vectors of different models cannot be compared."""

    model: str
    passages: tuple[PassageVector, ...] = ()


Piece = Transcript | Arc | ChunkTranscript | Embedding
"""Content that is stored beside the entry's document, not in it."""
