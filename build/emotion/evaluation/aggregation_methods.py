"""Methods of judging a whole entry from its parts; a head's configuration selects one."""

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


class AggregationMethod(NamedTuple):
    """Which parts are read, and how their probabilities are aggregated."""

    reads: HeadInput
    how: Aggregation
    by_words: bool = True

    def __str__(self) -> str:
        return f"{self.reads}, {self.how}" + ("" if self.by_words else ", unweighted")


METHODS = (
    *(AggregationMethod(reads, how) for reads in HeadInput for how in Aggregation),
    AggregationMethod(HeadInput.SENTENCES, Aggregation.MEAN, by_words=False),
)


def configured_method(head: Head) -> AggregationMethod:
    """The method that a head's configuration selects."""
    return AggregationMethod(head.reads, head.aggregation)


def entry_probabilities(encoder: TextEncoder, name: str, entries: Parts) -> dict[AggregationMethod, Floats]:
    """Probabilities (n, labels) of whole entries, by method."""
    entry_passages = [
        passages(sentences, encoder.token_counts(sentences), encoder.token_budget(name))
        for sentences in entries
    ]
    both = [list(dict.fromkeys(pair[0] + pair[1])) for pair in zip(entries, entry_passages, strict=True)]
    probabilities = _probabilities(encoder, name, both)
    parts = {HeadInput.SENTENCES: entries, HeadInput.PASSAGES: entry_passages, HeadInput.BOTH: both}
    return {
        method: np.array(list(_aggregated(method, probabilities, parts[method.reads]))) for method in METHODS
    }


def _probabilities(encoder: TextEncoder, name: str, entries: Parts) -> dict[str, Floats]:
    """Probabilities (labels,) of every part of every entry."""
    texts = list(dict.fromkeys(part for parts in entries for part in parts))
    rows = encoder.head(name).probabilities(encoder.encode(texts).heads[name])
    return dict(zip(texts, rows, strict=True))


def _aggregated(
    method: AggregationMethod, probabilities: dict[str, Floats], entries: Parts
) -> Iterator[Floats]:
    for parts in entries:
        words = word_counts(parts) if method.by_words else [1] * len(parts)
        yield aggregate(np.stack([probabilities[part] for part in parts]), words, method.how)
