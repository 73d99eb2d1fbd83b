"""Multi-label scores in numpy: F1, a bootstrap over rows, calibration error.

Shapes: ``n`` rows (texts), ``labels`` columns. F1 of a label with neither examples nor predictions is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


class Interval(NamedTuple):
    """A 95% bootstrap interval."""

    low: float
    high: float


class Counts(NamedTuple):
    """True positives, false positives and false negatives; any shape, the same for all three."""

    true_positive: npt.NDArray[np.float64]
    false_positive: npt.NDArray[np.float64]
    false_negative: npt.NDArray[np.float64]

    def precision(self) -> npt.NDArray[np.float64]:
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    def recall(self) -> npt.NDArray[np.float64]:
        return _ratio(self.true_positive, self.true_positive + self.false_negative)

    def f1(self) -> npt.NDArray[np.float64]:
        return _ratio(
            2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative
        )

    def total(self) -> Counts:
        """Summed over the last axis, the labels: what micro averages are made of."""
        return Counts(*(part.sum(axis=-1) for part in self))


def sigmoid(logits: Floats) -> npt.NDArray[np.float64]:
    """Probabilities of logits of any shape, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64))))


def logit(probabilities: Floats) -> npt.NDArray[np.float64]:
    """The inverse of `sigmoid`; what is closer than 1e-6 to certainty counts as that close."""
    inside = np.clip(probabilities.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def confusion_counts(decisions: Bools, truth: Bools, weights: Floats | None = None) -> Counts:
    """Counts per label of decisions (n, labels): (labels,), or (draws, labels) for weights (draws, n)."""
    kinds = (decisions & truth, decisions & ~truth, ~decisions & truth)
    if weights is None:
        return Counts(*(kind.sum(axis=0).astype(np.float64) for kind in kinds))
    return Counts(*(weights.astype(np.float64) @ kind.astype(np.float64) for kind in kinds))


def macro_f1(decisions: Bools, truth: Bools) -> float:
    """Mean over the labels of each one's F1."""
    return float(confusion_counts(decisions, truth).f1().mean())


def micro_f1(decisions: Bools, truth: Bools) -> float:
    """F1 over all decisions at once."""
    return float(confusion_counts(decisions, truth).total().f1())


def bootstrap_weights(rows: int, draws: int, seed: int) -> npt.NDArray[np.float64]:
    """How often each of ``draws`` bootstrap samples takes each row: (draws, rows)."""
    equal = np.full(rows, 1.0 / rows)
    return np.random.default_rng(seed).multinomial(rows, equal, size=draws).astype(np.float64)


def bootstrap_macro_f1(decisions: Sequence[Bools], truth: Bools, weights: Floats) -> npt.NDArray[np.float64]:
    """Macro-F1 in every bootstrap sample (draws,), mean over several sets of decisions on the same rows."""
    scores = [confusion_counts(each, truth, weights).f1().mean(axis=-1) for each in decisions]
    return np.asarray(np.mean(scores, axis=0))


def percentile_range(samples: Floats) -> Interval:
    """The middle 95% of bootstrap samples."""
    low, high = np.percentile(samples, [2.5, 97.5])
    return Interval(float(low), float(high))


def calibration_error(probabilities: Floats, truth: Bools, bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017) over all decisions, in ``bins`` equal bins."""
    flat, right = probabilities.ravel(), truth.ravel().astype(np.float64)
    where = np.minimum((flat * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(where, weights=flat - right, minlength=bins)
    return float(np.abs(gaps).sum() / flat.size)


def _ratio(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0))
