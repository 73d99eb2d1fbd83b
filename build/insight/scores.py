"""How well a reading of entries agrees with their labels. Used for models and for a second human-like reader.

Every score is a ratio of sums over entries, so that a bootstrap draws whole entries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np

from build.data.journal.entries import Entry
from build.data.journal.labels import Labels
from build.evaluation import metrics
from build.evaluation.records import Estimate
from functions.shared.domain.labels import NEUTRAL

LONG = 5
"""Only entries of at least this many sentences are judged by their quotes."""
DRAWS = 1000


class Reading(NamedTuple):
    """What a model or a person reads in an entry.

    Attributes:
        first: the strongest emotion other than neutral.
        emotions: of the whole entry.
        mood: below 0 heavy, above 0 bright.
        sentences: the emotions of each.
        quotes: the indices of the sentences it would quote.
        support: whether it would offer support.
    """

    first: str
    emotions: Collection[str]
    feelings: Collection[str]
    topics: Collection[str]
    mood: float
    sentences: Sequence[Collection[str]]
    quotes: Collection[int]
    support: bool


Ratio = tuple[float, float]
"""An entry's part of a score's numerator and denominator."""


def from_labels(labels: Labels) -> Reading:
    """A person's labels as a reading, to compare two readers."""
    first = next((emotion for emotion in labels.whole if emotion != NEUTRAL), NEUTRAL)
    return Reading(
        first,
        labels.whole,
        labels.feelings,
        labels.topics,
        labels.valence,
        labels.emotions,
        labels.core,
        labels.concern,
    )


def _first_emotion(reading: Reading, labels: Labels) -> Ratio:
    judged = set(labels.whole) != {NEUTRAL}
    return float(judged and reading.first in labels.whole), float(judged)


def _f1(predicted: Collection[str], expected: Collection[str]) -> Ratio:
    predicted, expected = set(predicted) - {NEUTRAL}, set(expected) - {NEUTRAL}
    return 2.0 * len(predicted & expected), float(len(predicted) + len(expected))


def _sentence_emotions(reading: Reading, labels: Labels) -> Ratio:
    parts = [_f1(*pair) for pair in zip(reading.sentences, labels.emotions, strict=True)]
    return sum(above for above, _ in parts), sum(below for _, below in parts)


def _mood_sign(reading: Reading, labels: Labels) -> Ratio:
    return float(reading.mood * labels.valence > 0), float(labels.valence != 0)


def _quotes(reading: Reading, labels: Labels, sentences: Collection[int]) -> Ratio:
    judged = len(labels.emotions) >= LONG
    return float(judged and bool(set(reading.quotes) & set(sentences))), float(judged)


SCORES: dict[str, Callable[[Reading, Labels], Ratio]] = {
    "first emotion": _first_emotion,
    "entry emotions, F1": lambda reading, labels: _f1(reading.emotions, labels.whole),
    "sentence emotions, F1": _sentence_emotions,
    "feelings, F1": lambda reading, labels: _f1(reading.feelings, labels.feelings),
    "topics, F1": lambda reading, labels: _f1(reading.topics, labels.topics),
    "sign of the mood": _mood_sign,
    "quotes a core sentence": lambda reading, labels: _quotes(reading, labels, labels.core),
    "quotes one to avoid": lambda reading, labels: _quotes(reading, labels, labels.avoid),
    "support: recall": lambda reading, labels: (
        float(reading.support and labels.concern),
        float(labels.concern),
    ),
    "support: false alarms": lambda reading, labels: (
        float(reading.support and not labels.concern),
        float(not labels.concern),
    ),
}


def score(readings: Sequence[Reading], entries: Sequence[Entry], seed: int = 1) -> dict[str, Estimate]:
    """Scores in percent, with 95% bootstrap intervals over entries; without those that judge none of them."""
    pairs = [(reading, entry.labels) for reading, entry in zip(readings, entries, strict=True)]
    ratios = {name: [ratio(*pair) for pair in pairs] for name, ratio in SCORES.items()}
    return {name: _percent(parts, seed) for name, parts in ratios.items() if any(below for _, below in parts)}


def share(flags: Sequence[bool], seed: int = 1) -> Estimate:
    """The share of true flags in percent, with its 95% bootstrap interval."""
    return _percent([(float(flag), 1.0) for flag in flags], seed)


def _percent(ratios: Sequence[Ratio], seed: int) -> Estimate:
    numerators, denominators = np.asarray(ratios, dtype=np.float64).reshape(-1, 2).T
    weights = metrics.bootstrap_weights(len(ratios), DRAWS, seed)
    with np.errstate(invalid="ignore"):  # a sample may have nothing to judge
        samples = 100.0 * (weights @ numerators) / (weights @ denominators)
    low, high = np.nanpercentile(samples, [2.5, 97.5])
    return Estimate(100.0 * float(numerators.sum() / denominators.sum()), float(low), float(high))
