"""The ways from an entry's parts to the whole, among which a head's configuration chooses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from functions.emotion.aggregate import aggregate, word_counts
from functions.shared.text.encoder import Aggregation, Head, HeadInput, TextEncoder
from functions.shared.text.passages import passages

Floats = npt.NDArray[np.floating]
Parts = list[list[str]]
"""By entry: its sentences or passages."""


class Way(NamedTuple):
    """One way from an entry's parts to the whole."""

    reads: HeadInput
    how: Aggregation
    by_words: bool = True

    def __str__(self) -> str:
        return f"{self.reads}, {self.how}" + ("" if self.by_words else ", unweighted")


WAYS = (
    *(Way(reads, how) for reads in HeadInput for how in Aggregation),
    Way(HeadInput.SENTENCES, Aggregation.MEAN, by_words=False),
)


def own(head: Head) -> Way:
    """The way a head's configuration has chosen."""
    return Way(head.reads, head.aggregation)


def judge(encoder: TextEncoder, name: str, entries: Parts) -> dict[Way, Floats]:
    """Probabilities (n, labels) of whole entries, by every way."""
    whole = [passages(each, encoder.token_counts(each), encoder.token_budget(name)) for each in entries]
    both = [list(dict.fromkeys(pair[0] + pair[1])) for pair in zip(entries, whole, strict=True)]
    found = _probabilities(encoder, name, both)
    parts = {HeadInput.SENTENCES: entries, HeadInput.PASSAGES: whole, HeadInput.BOTH: both}
    return {way: np.array(list(_wholes(way, found, parts[way.reads]))) for way in WAYS}


def _probabilities(encoder: TextEncoder, name: str, entries: Parts) -> dict[str, Floats]:
    """Of every part of every entry: (labels,)."""
    texts = list(dict.fromkeys(part for parts in entries for part in parts))
    rows = encoder.head(name).probabilities(encoder.encode(texts).heads[name])
    return dict(zip(texts, rows, strict=True))


def _wholes(way: Way, found: dict[str, Floats], entries: Parts) -> Iterator[Floats]:
    for parts in entries:
        words = word_counts(parts) if way.by_words else [1] * len(parts)
        yield aggregate(np.stack([found[part] for part in parts]), words, way.how)
