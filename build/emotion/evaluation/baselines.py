"""The simpler ways that feelings and topics must beat.

One is logistic regression on the untouched base model's embeddings; the other reads them off the emotions by
a table made by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from build.data.dataset import Dataset
from build.emotion.evaluation.evaluate import BaselinePredictions
from build.emotion.training import linear_heads
from build.evaluation import metrics
from build.evaluation.thresholds import OutOfFold

if TYPE_CHECKING:
    from build.evaluation.metrics import Floats

LOGISTIC = "logistic regression on frozen embeddings"
BY_HAND = "emotions mapped by hand"

EMOTIONS_OF: Mapping[str, tuple[str, ...]] = {
    # feelings
    "afraid": ("fear",),
    "angry": ("anger", "annoyance"),
    "anxious": ("nervousness", "fear"),
    "ashamed": ("embarrassment", "remorse"),
    "awkward": ("embarrassment",),
    "bored": ("disappointment", "neutral"),
    "calm": ("relief", "neutral", "approval"),
    "confused": ("confusion",),
    "disgusted": ("disgust",),
    "excited": ("excitement", "desire"),
    "frustrated": ("annoyance", "disappointment", "anger"),
    "happy": ("joy", "love", "amusement"),
    "jealous": ("desire", "annoyance"),
    "nostalgic": ("realization", "love"),
    "proud": ("pride", "admiration"),
    "sad": ("sadness", "grief"),
    "satisfied": ("joy", "gratitude", "approval"),
    "surprised": ("surprise",),
    # topics, as far as an emotion points to one
    "family": ("love", "caring"),
    "friends": ("caring", "amusement"),
    "god": ("gratitude", "optimism"),
    "health": ("fear", "nervousness"),
    "love": ("love",),
    "recreation": ("amusement", "excitement"),
    "exercise": ("pride",),
    "food": ("desire",),
    "school": ("nervousness",),
    "sleep": ("relief",),
    "work": ("annoyance",),
}


def logistic(
    train: Floats, examples: Dataset, dev: Floats, strengths: Sequence[float]
) -> BaselinePredictions:
    """Probabilities (n, labels) of ``dev`` embeddings (n, width), fitted on those of the ``examples``."""
    fitted = linear_heads.fit(train, examples, strengths)
    return BaselinePredictions(
        metrics.sigmoid(fitted.head.logits(dev)), OutOfFold(fitted.unseen, examples.targets > 0)
    )


def by_hand(train: Floats, dev: Floats, names: list[str], examples: Dataset) -> BaselinePredictions:
    """Each label by the emotions that stand for it; given are their probabilities in both splits' texts."""
    found = [mapped(each, names, examples.labels) for each in (dev, train)]
    return BaselinePredictions(found[0], OutOfFold(found[1], examples.targets > 0))


def mapped(emotions: Floats, names: list[str], labels: list[str]) -> Floats:
    """The largest probability among the emotions that stand for each label: (n, labels).

    A label none of whose emotions is among ``names`` is never found.
    """
    at = {name: column for column, name in enumerate(names)}
    none = np.zeros((len(emotions), 1))
    columns = [[at[name] for name in EMOTIONS_OF[label] if name in at] for label in labels]
    return np.stack([np.hstack([none, emotions[:, each]]).max(axis=1) for each in columns], axis=1)
