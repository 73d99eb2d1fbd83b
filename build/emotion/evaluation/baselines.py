"""Baselines for feelings and topics.

One is logistic regression on the base model's embeddings; the other derives the labels from emotions by a
handwritten mapping.
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
HANDWRITTEN = "handwritten mapping of emotions"

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
    # topics, as far as an emotion suggests one
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


def logistic(train: Floats, dataset: Dataset, dev: Floats, c_grid: Sequence[float]) -> BaselinePredictions:
    """Probabilities (n, labels) of the ``dev`` embeddings (n, width), fitted on the ``train`` ones."""
    fitted = linear_heads.fit(train, dataset, c_grid)
    return BaselinePredictions(
        metrics.sigmoid(fitted.head.logits(dev)), OutOfFold(fitted.out_of_fold, dataset.targets > 0)
    )


def handwritten(
    train: Floats, dev: Floats, emotion_names: list[str], dataset: Dataset
) -> BaselinePredictions:
    """Each label from the emotions mapped to it; arguments are the emotions' probabilities on both splits."""
    predictions = [map_emotions(emotions, emotion_names, dataset.labels) for emotions in (dev, train)]
    return BaselinePredictions(predictions[0], OutOfFold(predictions[1], dataset.targets > 0))


def map_emotions(emotions: Floats, names: list[str], labels: list[str]) -> Floats:
    """The highest probability among the emotions mapped to each label: (n, labels).

    Labels without any mapped emotion among ``names`` get 0.
    """
    column_of = {name: column for column, name in enumerate(names)}
    none = np.zeros((len(emotions), 1))
    columns = [[column_of[name] for name in EMOTIONS_OF[label] if name in column_of] for label in labels]
    return np.stack([np.hstack([none, emotions[:, selected]]).max(axis=1) for selected in columns], axis=1)
