"""Threshold-free metrics of one label: average precision and ROC AUC, by scikit-learn.

Shapes: ``scores`` and ``truth`` are (n,).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn import metrics as sklearn_metrics

from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import Curve

_POINTS = 60
_DECIMALS = 4


class Ranking(NamedTuple):
    """Threshold-free metrics of one label."""

    average_precision: float
    roc_auc: float
    precision_recall: Curve
    roc: Curve


def ranking_scores(scores: Floats, truth: Bools) -> Ranking | None:
    """None if all rows have the label, or none has."""
    if truth.all() or not truth.any():
        return None
    precision, recall, _ = sklearn_metrics.precision_recall_curve(truth, scores)
    false_rate, true_rate, _ = sklearn_metrics.roc_curve(truth, scores)
    return Ranking(
        average_precision=float(sklearn_metrics.average_precision_score(truth, scores)),
        roc_auc=float(sklearn_metrics.roc_auc_score(truth, scores)),
        precision_recall=downsample(recall[::-1], precision[::-1]),
        roc=downsample(false_rate, true_rate),
    )


def downsample(x: Floats, y: Floats) -> Curve:
    """At most `_POINTS` points of a curve, roughly equidistant along it, including both ends."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    positions = np.linspace(0.0, length[-1], _POINTS)
    kept = np.unique(np.concatenate([np.searchsorted(length, positions[:-1]), [len(x) - 1]]))
    return Curve(x=_rounded(x[kept]), y=_rounded(y[kept]))


def _rounded(values: npt.NDArray[np.floating]) -> list[float]:
    return [round(float(value), _DECIMALS) for value in values]
