"""The labels of a journal entry, and what makes them valid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from build.data import lemotif
from functions.shared.domain import labels as domain
from functions.shared.domain.labels import NEUTRAL

EMOTIONS = (*sorted(domain.EMOTIONS - {NEUTRAL}), NEUTRAL)
"""GoEmotions' labels, in the order of its files."""
FEELINGS = tuple(lemotif.LABELS["feelings"])
TOPICS = tuple(lemotif.LABELS["topics"])

Valence = Annotated[int, Meta(ge=-2, le=2)]


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reader's labels of an entry; indices of sentences count from 0.

    Attributes:
        primary: the emotion that a friend would name first.
        also: up to four more that belong to the whole entry.
        valence: from -2, very heavy, to 2, very bright; 0 is even or mixed.
        core: one to three sentences to quote for the emotional core, best first.
        avoid: sentences that would be silly to quote.
        concern: whether a caring product would offer support.
        emotions: of each sentence, in context; "neutral" only alone.
    """

    primary: str
    also: tuple[str, ...]
    valence: Valence
    feelings: tuple[str, ...]
    topics: tuple[str, ...]
    core: tuple[int, ...]
    avoid: tuple[int, ...]
    title: str
    summary: str
    concern: bool
    emotions: tuple[tuple[str, ...], ...]

    @property
    def whole(self) -> tuple[str, ...]:
        """The emotions of the whole entry, the primary one first."""
        return (self.primary, *self.also)


def problems(labels: Labels, sentences: int) -> list[str]:
    """What is wrong with the labels of an entry of this many sentences."""
    last = len(labels.emotions)
    checks = {
        f"emotions of {last} sentences, not {sentences}": last != sentences,
        "an unknown emotion": _unknown((*labels.whole, *_flat(labels.emotions)), EMOTIONS),
        "an unknown feeling": _unknown(labels.feelings, FEELINGS),
        "an unknown topic": _unknown(labels.topics, TOPICS),
        "a repeated label": any(map(_repeats, (labels.whole, labels.feelings, labels.topics))),
        "more than four other emotions": len(labels.also) > 4,
        "a sentence with no emotion or more than three": not all(1 <= len(e) <= 3 for e in labels.emotions),
        "neutral beside an emotion": any(NEUTRAL in e and len(e) > 1 for e in labels.emotions),
        "no feeling or more than four": not 1 <= len(labels.feelings) <= 4,
        "more than four topics": len(labels.topics) > 4,
        "no core sentence or more than three": not 1 <= len(labels.core) <= 3,
        "a sentence that is not there": not all(0 <= i < sentences for i in (*labels.core, *labels.avoid)),
        "a core sentence to avoid": bool(set(labels.core) & set(labels.avoid)),
    }
    return [problem for problem, found in checks.items() if found]


def _flat(rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(label for row in rows for label in row)


def _unknown(labels: Iterable[str], known: Sequence[str]) -> bool:
    return not set(labels) <= set(known)


def _repeats(labels: Sequence[str]) -> bool:
    return len(set(labels)) < len(labels)
