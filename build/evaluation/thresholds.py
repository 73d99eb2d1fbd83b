"""One threshold a label, chosen for F1 on the dev split, and an honest estimate of what that is worth.

The threshold that maximises F1 is half the best F1 within reach (Lipton et al. 2014,
https://arxiv.org/abs/1402.1892), so each label has its own. A rare label's best threshold is noisy: its F1
curve is smoothed over neighbouring thresholds before the best is taken. Scoring on the rows that chose the
thresholds flatters, so published figures come from cross-fitting: each fold's decisions use thresholds fitted
on the others.

Shapes: ``probabilities`` and ``truth`` are (n, labels); a grid is (steps,), ascending.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from build.evaluation.metrics import Bools, Floats

Thresholds = npt.NDArray[np.float64]
_Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Search(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How each label's threshold is searched on the dev split."""

    lowest: _Share = 0.03
    highest: _Share = 0.89
    step: Annotated[float, Meta(gt=0.0)] = 0.01
    neighbours: Annotated[int, Meta(ge=1)] = 5
    folds: Annotated[int, Meta(ge=2)] = 5
    repeats: Annotated[int, Meta(ge=1)] = 10


def make_grid(settings: Search) -> Thresholds:
    """The thresholds tried, both ends included."""
    steps = round((settings.highest - settings.lowest) / settings.step)
    return np.round(settings.lowest + settings.step * np.arange(steps + 1), 6)


def fit(probabilities: Floats, truth: Bools, settings: Search) -> Thresholds:
    """The best threshold of each label (labels,); a label without examples gets the highest one tried."""
    grid = make_grid(settings)
    columns = range(truth.shape[1])
    return np.array([_best(probabilities[:, at], truth[:, at], grid, settings.neighbours) for at in columns])


def cross_fit(probabilities: Floats, truth: Bools, settings: Search, seed: int) -> Bools:
    """Decisions (n, labels), each made with thresholds fitted on the folds its row is not in."""
    folds = np.random.default_rng(seed).permutation(len(truth)) % settings.folds
    decisions = np.zeros(truth.shape, dtype=np.bool_)
    for fold in range(settings.folds):
        inside = folds == fold
        fitted = fit(probabilities[~inside], truth[~inside], settings)
        decisions[inside] = probabilities[inside] >= fitted
    return decisions


def cross_fit_often(probabilities: Floats, truth: Bools, settings: Search, seed: int) -> list[Bools]:
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
