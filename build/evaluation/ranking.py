"""How well a label's scores rank its examples first, whatever the threshold: by scikit-learn.

Shapes: ``scores`` and ``truth`` are (n,), of one label.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn import metrics as peer

from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import Curve

_POINTS = 60
_DECIMALS = 4


class Ranking(NamedTuple):
    """One label's threshold-free scores."""

    average_precision: float
    roc_auc: float
    precision_recall: Curve
    roc: Curve


def ranking_scores(scores: Floats, truth: Bools) -> Ranking | None:
    """None where the label has only examples or none: nothing can be ranked."""
    if truth.all() or not truth.any():
        return None
    precision, recall, _ = peer.precision_recall_curve(truth, scores)
    false_rate, true_rate, _ = peer.roc_curve(truth, scores)
    return Ranking(
        average_precision=float(peer.average_precision_score(truth, scores)),
        roc_auc=float(peer.roc_auc_score(truth, scores)),
        precision_recall=downsample(recall[::-1], precision[::-1]),
        roc=downsample(false_rate, true_rate),
    )


def downsample(x: Floats, y: Floats) -> Curve:
    """At most ``_POINTS`` points of a line, about evenly far apart along it, both ends among them."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    wanted = np.linspace(0.0, length[-1], _POINTS)
    kept = np.unique(np.concatenate([np.searchsorted(length, wanted[:-1]), [len(x) - 1]]))
    return Curve(x=_rounded(x[kept]), y=_rounded(y[kept]))


def _rounded(values: npt.NDArray[np.floating]) -> list[float]:
    return [round(float(value), _DECIMALS) for value in values]
