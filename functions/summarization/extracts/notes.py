"""Entries with their sentences and words scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.shared.domain.content import Arc
from functions.summarization.extracts.features import Note

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

Position = tuple[int, int]  # the index of an entry, and of a row of its ScoredNote


class Reading(NamedTuple):
    """What the journal reader said of each sentence.

    Attributes:
        values: the probability that it is worth quoting: of the core, and not one to avoid.
        avoid: the probability that quoting it would be silly.
    """

    values: Sequence[float]
    avoid: Sequence[float]


class ScoredNote(NamedTuple):
    """An entry with its sentences and words scored.

    Attributes:
        rows: the indices of the segments that may be quoted, in order.
        note: those segments.
        scores: (rows,), how informative each is.
        chances: the probability that a summary has each word.
        reading: None if no reader has read the entry.
    """

    rows: list[int]
    note: Note
    scores: Floats
    chances: dict[str, float]
    reading: Reading | None = None


def reading_of(arc: Arc | None, rows: Sequence[int]) -> Reading | None:
    """The reader's scores of the segments `rows`; None unless it has read them all."""
    points = {point.segment: point for point in arc.points} if arc is not None else {}
    values, avoids = [], []
    for row in rows:
        point = points.get(row)
        if point is None or point.core is None or point.avoid is None:
            return None
        values.append(point.core * (1.0 - point.avoid))
        avoids.append(point.avoid)
    return Reading(values, avoids)


def merge_word_chances(notes: Sequence[ScoredNote]) -> dict[str, float]:
    """The highest probability of each word in any of the entries."""
    merged: dict[str, float] = {}
    for scored in notes:
        for word, chance in scored.chances.items():
            merged[word] = max(chance, merged.get(word, 0.0))
    return merged
