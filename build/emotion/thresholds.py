"""One threshold a label, chosen for F1 on the dev split, and an honest estimate of what that is worth.

The threshold that maximises F1 is half the best F1 within reach (Lipton et al. 2014,
https://arxiv.org/abs/1402.1892), so each label has its own. A rare label's best threshold is noisy: its F1
curve is smoothed over neighbouring thresholds before the best is taken. Scoring on the rows that chose the
thresholds flatters, so published figures come from cross-fitting: each fold's decisions use thresholds fitted
on the others.

Shapes: ``probabilities`` and ``truth`` are (n, labels); a grid is (steps,), ascending.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from build.emotion import config
from build.emotion.metrics import Bools, Floats

Thresholds = npt.NDArray[np.float64]


def make_grid(settings: config.Thresholds) -> Thresholds:
    """The thresholds tried, both ends included."""
    steps = round((settings.highest - settings.lowest) / settings.step)
    return np.round(settings.lowest + settings.step * np.arange(steps + 1), 6)


def fit(probabilities: Floats, truth: Bools, settings: config.Thresholds) -> Thresholds:
    """The best threshold of each label (labels,); a label without examples gets the highest one tried."""
    grid = make_grid(settings)
    columns = range(truth.shape[1])
    return np.array([_best(probabilities[:, at], truth[:, at], grid, settings.neighbours) for at in columns])


def cross_fit(probabilities: Floats, truth: Bools, settings: config.Thresholds, seed: int) -> Bools:
    """Decisions (n, labels), each made with thresholds fitted on the folds its row is not in."""
    folds = np.random.default_rng(seed).permutation(len(truth)) % settings.folds
    decisions = np.zeros(truth.shape, dtype=np.bool_)
    for fold in range(settings.folds):
        inside = folds == fold
        fitted = fit(probabilities[~inside], truth[~inside], settings)
        decisions[inside] = probabilities[inside] >= fitted
    return decisions


def cross_fit_often(
    probabilities: Floats, truth: Bools, settings: config.Thresholds, seed: int
) -> list[Bools]:
    """``settings.repeats`` cross-fittings over different folds: their mean score is less a matter of luck."""
    return [cross_fit(probabilities, truth, settings, seed + repeat) for repeat in range(settings.repeats)]


def f1_curve(probabilities: Floats, truth: Bools, grid: Thresholds) -> npt.NDArray[np.float64]:
    """F1 of one label (n,) at each threshold of ``grid``: (steps,); 0 where it is undefined."""
    passed = np.searchsorted(grid, probabilities, side="right")
    predicted = _at_least(passed, len(grid))
    hits = _at_least(passed[truth], len(grid))
    whole = predicted + truth.sum()
    return np.asarray(np.divide(2.0 * hits, whole, out=np.zeros(len(grid)), where=whole > 0))


def smooth(curve: npt.NDArray[np.float64], neighbours: int) -> npt.NDArray[np.float64]:
    """Mean over a window of ``neighbours`` points, narrower at the ends."""
    window = np.ones(min(neighbours, len(curve)))
    return np.asarray(np.convolve(curve, window, "same") / np.convolve(np.ones(len(curve)), window, "same"))


def _best(probabilities: Floats, truth: Bools, grid: Thresholds, neighbours: int) -> float:
    if not truth.any():
        return float(grid[-1])
    return float(grid[np.argmax(smooth(f1_curve(probabilities, truth, grid), neighbours))])


def _at_least(passed: npt.NDArray[np.intp], steps: int) -> npt.NDArray[np.int64]:
    """For each threshold, how many rows pass it, given how many thresholds each row passes."""
    exactly = np.bincount(passed, minlength=steps + 1)
    return np.asarray(np.cumsum(exactly[::-1])[::-1][1:])
