"""The simpler ways that feelings and topics must beat.

One is logistic regression on the untouched base model's embeddings; the other reads them off the emotions by
a table made by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegressionCV

from build.data.examples import Examples

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
_STRENGTHS = np.logspace(-2, 2, 9)
_FOLDS = 5


def logistic(train: Floats, examples: Examples, dev: Floats) -> Floats:
    """Probabilities (n, labels) of ``dev`` embeddings (n, width), fitted on those of the ``examples``.

    Each label's regularisation is chosen by cross-validation on the training texts.
    """
    columns = [_one(train, examples.targets[:, label] > 0, dev) for label in range(len(examples.labels))]
    return np.stack(columns, axis=1)


def by_hand(emotions: Floats, names: list[str], labels: list[str]) -> Floats:
    """The largest probability among the emotions that stand for each label: (n, labels).

    A label none of whose emotions is among ``names`` is never found.
    """
    at = {name: column for column, name in enumerate(names)}
    none = np.zeros((len(emotions), 1))
    columns = [[at[name] for name in EMOTIONS_OF[label] if name in at] for label in labels]
    return np.stack([np.hstack([none, emotions[:, each]]).max(axis=1) for each in columns], axis=1)


def _one(train: Floats, truth: np.ndarray, dev: Floats) -> Floats:
    folds = min(_FOLDS, int(truth.sum()), int((~truth).sum()))
    if folds < 2:
        return np.full(len(dev), truth.mean())
    model = LogisticRegressionCV(
        Cs=_STRENGTHS,
        cv=folds,
        scoring="neg_log_loss",
        max_iter=2000,
        use_legacy_attributes=False,
        l1_ratios=(0.0,),
    )
    return np.asarray(model.fit(train, truth).predict_proba(dev)[:, 1])
