"""Multi-label metrics in numpy: F1, bootstrap over rows, calibration error.

Shapes: ``n`` rows (texts), ``labels`` columns. The F1 of a label with neither examples nor predictions is 0.
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
    """True positives, false positives and false negatives; all three have the same shape."""

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
        """Summed over the last axis (labels), for micro averages."""
        return Counts(*(counts.sum(axis=-1) for counts in self))


def sigmoid(logits: Floats) -> npt.NDArray[np.float64]:
    """Probabilities of logits of any shape, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits.astype(np.float64))))


def logit(probabilities: Floats) -> npt.NDArray[np.float64]:
    """Inverse of `sigmoid`; probabilities are clipped to [1e-6, 1 - 1e-6]."""
    clipped = np.clip(probabilities.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)))


def confusion_counts(decisions: Bools, truth: Bools, weights: Floats | None = None) -> Counts:
    """Counts per label of decisions (n, labels): (labels,), or (draws, labels) for weights (draws, n)."""
    outcomes = (decisions & truth, decisions & ~truth, ~decisions & truth)
    if weights is None:
        return Counts(*(outcome.sum(axis=0).astype(np.float64) for outcome in outcomes))
    return Counts(*(weights.astype(np.float64) @ outcome.astype(np.float64) for outcome in outcomes))


def macro_f1(decisions: Bools, truth: Bools) -> float:
    """Mean of the labels' F1."""
    return float(confusion_counts(decisions, truth).f1().mean())


def micro_f1(decisions: Bools, truth: Bools) -> float:
    """F1 over all decisions pooled."""
    return float(confusion_counts(decisions, truth).total().f1())


def bootstrap_weights(rows: int, draws: int, seed: int) -> npt.NDArray[np.float64]:
    """How often each of ``draws`` bootstrap samples draws each row: (draws, rows)."""
    uniform = np.full(rows, 1.0 / rows)
    return np.random.default_rng(seed).multinomial(rows, uniform, size=draws).astype(np.float64)


def bootstrap_macro_f1(decisions: Sequence[Bools], truth: Bools, weights: Floats) -> npt.NDArray[np.float64]:
    """Macro-F1 of every bootstrap sample (draws,), mean over several sets of decisions on the same rows."""
    scores = [confusion_counts(decided, truth, weights).f1().mean(axis=-1) for decided in decisions]
    return np.asarray(np.mean(scores, axis=0))


def percentile_range(samples: Floats) -> Interval:
    """The central 95% of bootstrap samples."""
    low, high = np.percentile(samples, [2.5, 97.5])
    return Interval(float(low), float(high))


def calibration_error(probabilities: Floats, truth: Bools, bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017) over all decisions, in ``bins`` equal-width bins."""
    flat, outcomes = probabilities.ravel(), truth.ravel().astype(np.float64)
    indices = np.minimum((flat * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(indices, weights=flat - outcomes, minlength=bins)
    return float(np.abs(gaps).sum() / flat.size)


def _ratio(
    numerator: npt.NDArray[np.float64], denominator: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    return np.asarray(
        np.divide(numerator, denominator, out=np.zeros_like(denominator), where=denominator > 0)
    )
