"""Scores of aggregation methods: average precision and F1 of entries, and correlation of sentiment."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from build.emotion.evaluation.aggregation_methods import (
    METHODS,
    AggregationMethod,
    configured_method,
    entry_probabilities,
)
from build.emotion.evaluation.lemotif_entries import FOLDS, Entries, Folds
from build.errors import DataError
from build.evaluation import metrics, thresholds
from build.evaluation.metrics import Bools
from functions.emotion.model import EMOTIONS, FEELINGS
from functions.emotion.sentiment import valence
from functions.shared.text.encoder import TextEncoder

Floats = npt.NDArray[np.floating]
Doubles = npt.NDArray[np.float64]

POSITIVE = frozenset({"calm", "excited", "happy", "proud", "satisfied"})
NEUTRAL = frozenset({"nostalgic", "surprised"})
_BOOTSTRAP_SAMPLES = 1000
_MIN_EXAMPLES = 10
"""A label with fewer examples is not scored."""
_PROBE_C = 0.03
"""C of the probe's logistic regression on emotions."""


class Estimate(NamedTuple):
    """A value with its bootstrap interval."""

    value: float
    low: float
    high: float


class MethodScores(NamedTuple):
    """Scores of a method; ``lead`` is its mean average precision minus that of the configured method."""

    precision: Estimate
    lead: Estimate
    macro_f1: Estimate


class Predictions(NamedTuple):
    """Scores and decisions of a method, both (n, labels)."""

    scores: Doubles
    decisions: Bools


def measure(
    encoder: TextEncoder, name: str, short: Entries, long: Entries
) -> dict[AggregationMethod, MethodScores]:
    """Scores of every method for one head on ``long`` entries, with what is fitted on ``short`` ones.

    Raises:
        DataError: no label has enough examples.
    """
    target = FEELINGS if name == EMOTIONS else name
    columns = np.flatnonzero(long.truth[target].sum(axis=0) >= _MIN_EXAMPLES)
    if not columns.size:
        raise DataError(f"no {target} with {_MIN_EXAMPLES} examples among {len(long.folds)} entries")
    truth = long.truth[target][:, columns]
    short_probabilities, long_probabilities = (
        entry_probabilities(encoder, name, entries.sentences) for entries in (short, long)
    )
    if name != EMOTIONS:
        short_probabilities, long_probabilities = (
            {method: rows[:, columns] for method, rows in entries.items()}
            for entries in (short_probabilities, long_probabilities)
        )
    fitted = _ProbeAndThresholds(
        short.truth[target][:, columns], short.folds, long.folds, probe=name == EMOTIONS
    )
    predictions = {
        method: fitted.score(short_probabilities[method], long_probabilities[method]) for method in METHODS
    }
    return _method_scores(predictions, truth, configured_method(encoder.head(name)))


def sentiment(encoder: TextEncoder, entries: Entries) -> dict[AggregationMethod, float]:
    """Correlation of the emotions' sentiment with the share of positive minus negative feelings."""
    signs = np.array([_sign(label) for label in entries.labels[FEELINGS]])
    present = entries.truth[FEELINGS]
    balance = (present @ signs) / np.maximum(present @ np.abs(signs), 1)
    labels = encoder.head(EMOTIONS).labels
    probabilities = entry_probabilities(encoder, EMOTIONS, entries.sentences)
    return {
        method: float(np.corrcoef(valence(rows, labels), balance)[0, 1])
        for method, rows in probabilities.items()
    }


class _ProbeAndThresholds:
    """Scores and decisions for long entries, fitted on short entries of the other folds."""

    def __init__(self, truth: Bools, short: Folds, long: Folds, *, probe: bool) -> None:
        self._truth, self._short, self._long, self._probe = truth, short, long, probe

    def score(self, short: Floats, long: Floats) -> Predictions:
        """Predictions from the probabilities of the short and of the long entries."""
        shape = (len(long), self._truth.shape[1])
        predictions = Predictions(np.zeros(shape), np.zeros(shape, dtype=np.bool_))
        for fold in range(FOLDS):
            in_training, in_fold = self._short != fold, self._long == fold
            training, held_out = short[in_training], long[in_fold]
            if self._probe:
                training, held_out = _probe(training, self._truth[in_training], held_out)
            predictions.scores[in_fold] = held_out
            tuned = thresholds.fit_thresholds(
                training, self._truth[in_training], thresholds.ThresholdSearch()
            )
            predictions.decisions[in_fold] = held_out >= tuned
        return predictions


def _probe(training: Floats, truth: Bools, held_out: Floats) -> tuple[Doubles, Doubles]:
    """Probabilities of the training and held-out rows by a logistic regression per label on logits."""
    scaler = StandardScaler().fit(metrics.logit(training))
    rows = [scaler.transform(metrics.logit(part)) for part in (training, held_out)]
    models = [LogisticRegression(C=_PROBE_C, solver="newton-cholesky") for _ in truth.T]
    for model, column in zip(models, truth.T, strict=True):
        model.fit(rows[0], column)
    fitted, predicted = (np.stack([model.predict_proba(part)[:, 1] for model in models], 1) for part in rows)
    return fitted, predicted


def _method_scores(
    predictions: dict[AggregationMethod, Predictions], truth: Bools, configured: AggregationMethod
) -> dict[AggregationMethod, MethodScores]:
    """Scores of every method; the first bootstrap sample is the data itself."""
    weights = np.vstack(
        [np.ones(len(truth)), metrics.bootstrap_weights(len(truth), _BOOTSTRAP_SAMPLES, seed=1)]
    )
    precision = {
        method: mean_average_precision(predicted.scores, truth, weights)
        for method, predicted in predictions.items()
    }
    return {
        method: MethodScores(
            _estimate(precision[method]),
            _estimate(precision[method] - precision[configured]),
            _estimate(metrics.bootstrap_macro_f1([predicted.decisions], truth, weights)),
        )
        for method, predicted in predictions.items()
    }


def mean_average_precision(scores: Doubles, truth: Bools, weights: Doubles) -> Doubles:
    """Mean over labels of the average precision of scores (n, labels), per bootstrap sample: (draws,)."""
    total = np.zeros(len(weights))
    for column, relevant in zip(scores.T, truth.T, strict=True):
        order = np.argsort(-column, kind="stable")
        sampled = weights[:, order]
        hits = sampled * relevant[order]
        precision = hits.cumsum(axis=1) / np.maximum(sampled.cumsum(axis=1), 1)
        total += (hits * precision).sum(axis=1) / np.maximum(hits.sum(axis=1), 1)
    return np.asarray(total / scores.shape[1])


def _estimate(samples: Doubles) -> Estimate:
    """The first sample with the spread of the others: the bootstrap inflates ranking scores themselves."""
    shifted = samples[1:] - samples[1:].mean() + samples[0]
    return Estimate(float(samples[0]), *metrics.percentile_range(shifted))


def _sign(feeling: str) -> int:
    return 0 if feeling in NEUTRAL else 1 if feeling in POSITIVE else -1
