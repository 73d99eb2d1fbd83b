"""One threshold a label, chosen for F1 on the dev split, and an honest estimate of what that is worth.

The threshold that maximises F1 is half the best F1 within reach (Lipton et al. 2014,
https://arxiv.org/abs/1402.1892), so each label has its own. A rare label's best threshold is noisy, so the
curve it is read from is the mean of two steadier ones: the counted F1 smoothed over neighbouring thresholds,
and the F1 to be expected of calibrated probabilities, in which every row has a say and not only the few
examples. Where a likeness of the model has judged many more texts that it never saw (teachers their held-out
folds, a head its cross-validation), F1 is counted on those as well: a few examples become many. Scoring on
the rows that chose the thresholds flatters, so published figures come from
cross-fitting: each fold's decisions use thresholds fitted on the others.

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
"""Thresholds are rounded to this, so that what is fitted is exactly what ships."""


class OutOfFold(NamedTuple):
    """Other texts, with what a likeness of the model says of them: both (m, labels); m may be any number."""

    probabilities: Floats
    truth: Bools


class ThresholdSearch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How each label's threshold is searched on the dev split."""

    lowest_logit: float = -5.5
    highest_logit: float = 3.0
    logit_step: _Positive = 0.05
    smoothing: _Positive = 0.5
    """Standard deviation, in logits, of the Gaussian that smooths the counted F1."""
    expected: _Share = 0.5
    """Weight of the expected F1; the counted one has the rest."""
    ridge: _Positive = 3.0
    """How firmly the probabilities behind the expected F1 are held to what the model says."""
    folds: Annotated[int, Meta(ge=2)] = 5
    repeats: Annotated[int, Meta(ge=1)] = 10

    def __post_init__(self) -> None:
        if self.lowest_logit >= self.highest_logit:
            raise ValueError("lowest_logit must be below highest_logit")


def make_grid(settings: ThresholdSearch) -> Thresholds:
    """The thresholds tried, evenly spaced in logits, both ends included."""
    steps = round((settings.highest_logit - settings.lowest_logit) / settings.logit_step)
    return np.round(sigmoid(np.linspace(settings.lowest_logit, settings.highest_logit, steps + 1)), DECIMALS)


def fit(
    probabilities: Floats, truth: Bools, settings: ThresholdSearch, more: OutOfFold | None = None
) -> Thresholds:
    """The best threshold of each label (labels,); a label without examples gets the highest one tried.

    F1 is counted on ``more`` as well, where there is more.
    """
    grid = make_grid(settings)
    logits = logit(probabilities)
    sure = platt.fit_platt(logits, truth, settings.ridge).probabilities(logits)
    counted = (
        OutOfFold(probabilities, truth) if more is None else _both(OutOfFold(probabilities, truth), more)
    )
    columns = (
        _curve(counted.probabilities[:, at], counted.truth[:, at], grid, settings)
        + settings.expected * expected_f1_curve(probabilities[:, at], sure[:, at], grid)
        for at in range(truth.shape[1])
    )
    best = np.array([grid[np.argmax(curve)] for curve in columns])
    return np.asarray(np.where(counted.truth.any(axis=0), best, grid[-1]))


def random_folds(rows: int, count: int, seed: int) -> Iterator[Bools]:
    """Masks (rows,) of ``count`` random folds of near-equal size, every row in exactly one."""
    fold = np.random.default_rng(seed).permutation(rows) % count
    return (fold == at for at in range(count))


def f1_curve(probabilities: Floats, truth: Bools, grid: Thresholds) -> _Curve:
    """F1 of one label (n,) at each threshold of ``grid``: (steps,); 0 where it is undefined."""
    return expected_f1_curve(probabilities, truth.astype(np.float64), grid)


def expected_f1_curve(probabilities: Floats, likely: Floats, grid: Thresholds) -> _Curve:
    """Ratio of expectations: F1 where each row is an example with probability ``likely`` (n,)."""
    passed = np.searchsorted(grid, probabilities, side="right")
    hits = _at_least(passed, len(grid), likely.astype(np.float64))
    whole = _at_least(passed, len(grid), np.ones(len(passed))) + likely.sum()
    return np.asarray(np.divide(2.0 * hits, whole, out=np.zeros(len(grid)), where=whole > 0))


def smooth(curve: _Curve, width: float) -> _Curve:
    """Convolution with a Gaussian of standard deviation ``width`` points; the ends go on level."""
    reach = max(1, round(4 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.asarray(np.convolve(np.pad(curve, reach, "edge"), kernel / kernel.sum(), "valid"))


def _curve(chances: Floats, truth: Bools, grid: Thresholds, settings: ThresholdSearch) -> _Curve:
    """The counted F1's share."""
    counted = smooth(f1_curve(chances, truth, grid), settings.smoothing / settings.logit_step)
    return np.asarray((1 - settings.expected) * counted)


def _both(first: OutOfFold, second: OutOfFold) -> OutOfFold:
    return OutOfFold(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))


def _at_least(passed: npt.NDArray[np.intp], steps: int, weights: Floats) -> _Curve:
    """For each threshold, the weight of the rows passing it, given how many thresholds each row passes."""
    exactly = np.bincount(passed, weights=weights, minlength=steps + 1)
    return np.asarray(np.cumsum(exactly[::-1])[::-1][1:])
