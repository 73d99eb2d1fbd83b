"""What an entry says and what was found in it: transcript, arc, embedding."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Timestamp = Annotated[datetime, Meta(tz=True)]
"""A time of day as clients are told it: an RFC 3339 `date-time`, which has a zone."""


class EmptyReason(StrEnum):
    """Why an insight is empty although nothing failed."""

    NO_SPEECH = "no_speech"
    NO_WORDS = "no_words"
    UNSUPPORTED_LANGUAGE = "unsupported_language"


class Word(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One spoken word; `probability` in 0..1 where the engine has one."""

    text: str
    start: float
    end: float
    probability: float | None = None


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence; timed (seconds) when it was spoken, untimed when it was typed."""

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    words: tuple[Word, ...] = ()


class Transcript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was said or typed. `segments` joined by spaces read as `text`."""

    text: str
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    duration_s: float | None = None
    partial: bool = False
    """True when the recording broke off and only its beginning could be decoded."""


class ChunkTranscript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One chunk of a long recording; times count from the start of the whole recording."""

    index: int
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    partial: bool = False
    empty_reason: EmptyReason | None = None


class EmotionScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of GoEmotions' 28 labels and its probability (0..1)."""

    emotion: str
    confidence: float


class LabelScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of the journal's 18 feelings or 11 topics and its probability (0..1)."""

    label: str
    confidence: float


class ArcPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What one segment expresses: emotions above threshold, sentiment in -1..1."""

    segment: int
    emotions: tuple[EmotionScore, ...]
    sentiment: float


class Arc(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Emotion over the course of an entry, one point a segment, in order."""

    points: tuple[ArcPoint, ...] = ()


class PassageVector(msgspec.Struct, frozen=True, kw_only=True):
    """What some consecutive segments are about: `first` to `last`, both included.

    `vector`: of length 1, little-endian float32.
    """

    first: int
    last: int
    vector: bytes


class Embedding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry as search compares it, by one model; vectors of different models say nothing of each other."""

    model: str
    passages: tuple[PassageVector, ...] = ()


Piece = Transcript | Arc | ChunkTranscript | Embedding
"""Content stored beside the entry document."""
