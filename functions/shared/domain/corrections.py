"""What a person said of an entry in place of what the models found."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType


class InsightPart(StrEnum):
    """A part of an entry's insight that can be corrected."""

    EMOTIONS = "emotions"
    FEELINGS = "feelings"
    TOPICS = "topics"
    TITLE = "title"
    MOOD = "mood"


class SegmentCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """The emotions of one segment, the most important first."""

    segment: int
    emotions: tuple[str, ...]


class Corrections(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's corrections of one entry. A part that is not set has not been corrected.

    Attributes:
        emotions, feelings, topics: all labels of the entry, the most important first; none if empty.
        title: None if the entry is to have none.
        mood: sentiment (-1..1); None if the entry is to have none.
        segments: in order.
    """

    emotions: tuple[str, ...] | UnsetType = UNSET
    feelings: tuple[str, ...] | UnsetType = UNSET
    topics: tuple[str, ...] | UnsetType = UNSET
    title: str | UnsetType | None = UNSET
    mood: float | UnsetType | None = UNSET
    segments: tuple[SegmentCorrection, ...] = ()


NO_CORRECTIONS = Corrections()
