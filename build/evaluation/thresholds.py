"""Threshold tuning: one threshold per label, chosen for F1 on the dev split.

The threshold that maximizes F1 is half the best achievable F1 (Lipton et al. 2014,
https://arxiv.org/abs/1402.1892), so each label has its own. For rare labels the best threshold is noisy.
Therefore it is read from the mean of two less noisy curves: the empirical F1, smoothed over adjacent
thresholds; and the expected F1 of calibrated probabilities, in which every row counts and not only the few
examples. If out-of-fold predictions of a similar model exist for many more texts (teachers on their held-out
folds, a head in its cross-validation), the empirical F1 includes those, which turns a few examples into many.
Scores on the rows that the thresholds were tuned on are too optimistic, so published figures are
cross-validated: the decisions of each fold use thresholds fitted on the other folds.

Shapes: ``probabilities`` and ``truth`` are (n, labels); a grid is (steps,), ascending.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from build.evaluation import platt
from build.evaluation.metrics import Bools, Floats, logit, sigmoid

Thresholds = npt.NDArray[np.float64]
_Curve = npt.NDArray[np.float64]
_Share = Annotated[float, Meta(ge=0.0, le=1.0)]
_Positive = Annotated[float, Meta(gt=0.0)]

DECIMALS = 4
"""Thresholds are rounded to this many decimals, so that the fitted values are those that ship."""


class OutOfFold(NamedTuple):
    """Out-of-fold predictions of a similar model on other texts: both (m, labels), for any m."""

    probabilities: Floats
    truth: Bools


class ThresholdSearch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the threshold of each label is tuned on the dev split."""

    min_logit: float = -5.5
    max_logit: float = 3.0
    logit_step: _Positive = 0.05
    smoothing: _Positive = 0.5
    """Standard deviation, in logits, of the Gaussian that smooths the empirical F1."""
    expected_weight: _Share = 0.5
    """Weight of the expected F1; the empirical F1 has the rest."""
    ridge: _Positive = 3.0
    """Ridge of the Platt scaling that provides the probabilities of the expected F1."""
    folds: Annotated[int, Meta(ge=2)] = 5
    repeats: Annotated[int, Meta(ge=1)] = 10

    def __post_init__(self) -> None:
        if self.min_logit >= self.max_logit:
            raise ValueError("min_logit must be below max_logit")


def make_grid(config: ThresholdSearch) -> Thresholds:
    """The thresholds to try, evenly spaced in logits, including both ends."""
    steps = round((config.max_logit - config.min_logit) / config.logit_step)
    return np.round(sigmoid(np.linspace(config.min_logit, config.max_logit, steps + 1)), DECIMALS)


def fit_thresholds(
    probabilities: Floats, truth: Bools, config: ThresholdSearch, extra: OutOfFold | None = None
) -> Thresholds:
    """The best threshold of each label (labels,); a label without examples gets the highest one.

    ``extra`` predictions count in the empirical F1.
    """
    grid = make_grid(config)
    logits = logit(probabilities)
    calibrated = platt.fit_platt(logits, truth, config.ridge).probabilities(logits)
    empirical = (
        OutOfFold(probabilities, truth)
        if extra is None
        else _concatenate(OutOfFold(probabilities, truth), extra)
    )
    curves = (
        _empirical_part(empirical.probabilities[:, column], empirical.truth[:, column], grid, config)
        + config.expected_weight * expected_f1_curve(probabilities[:, column], calibrated[:, column], grid)
        for column in range(truth.shape[1])
    )
    best = np.array([grid[np.argmax(curve)] for curve in curves])
    return np.asarray(np.where(empirical.truth.any(axis=0), best, grid[-1]))


def random_folds(rows: int, count: int, seed: int) -> Iterator[Bools]:
    """Masks (rows,) of ``count`` random folds of nearly equal size; every row is in exactly one."""
    fold = np.random.default_rng(seed).permutation(rows) % count
    return (fold == index for index in range(count))


def f1_curve(probabilities: Floats, truth: Bools, grid: Thresholds) -> _Curve:
    """F1 of one label (n,) at each threshold of ``grid``: (steps,); 0 where undefined."""
    return expected_f1_curve(probabilities, truth.astype(np.float64), grid)


def expected_f1_curve(probabilities: Floats, likely: Floats, grid: Thresholds) -> _Curve:
    """F1 if each row is an example with probability ``likely`` (n,), as a ratio of expectations."""
    thresholds_passed = np.searchsorted(grid, probabilities, side="right")
    expected_hits = _weight_above(thresholds_passed, len(grid), likely.astype(np.float64))
    total = _weight_above(thresholds_passed, len(grid), np.ones(len(thresholds_passed))) + likely.sum()
    return np.asarray(np.divide(2.0 * expected_hits, total, out=np.zeros(len(grid)), where=total > 0))


def smooth(curve: _Curve, width: float) -> _Curve:
    """Convolution with a Gaussian of standard deviation ``width`` points; the ends are edge-padded."""
    radius = max(1, round(4 * width))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / width) ** 2)
    return np.asarray(np.convolve(np.pad(curve, radius, "edge"), kernel / kernel.sum(), "valid"))


def _empirical_part(probabilities: Floats, truth: Bools, grid: Thresholds, config: ThresholdSearch) -> _Curve:
    """The smoothed empirical F1 times its weight."""
    smoothed = smooth(f1_curve(probabilities, truth, grid), config.smoothing / config.logit_step)
    return np.asarray((1 - config.expected_weight) * smoothed)


def _concatenate(first: OutOfFold, second: OutOfFold) -> OutOfFold:
    return OutOfFold(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))


def _weight_above(thresholds_passed: npt.NDArray[np.intp], steps: int, weights: Floats) -> _Curve:
    """For each threshold, the weight of the rows that reach it, given how many each row reaches."""
    histogram = np.bincount(thresholds_passed, weights=weights, minlength=steps + 1)
    return np.asarray(np.cumsum(histogram[::-1])[::-1][1:])
