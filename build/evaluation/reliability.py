"""How far one head's probabilities can be believed, as a record with intervals and the diagram's points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from build.evaluation import bootstrap, calibration
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import Bin, Calibration, Estimate

_Score = Callable[[Floats, Bools, Floats | None], Floats]
_Interval = Callable[[float, Floats], Estimate]
_Z = 1.96


def calibration_record(
    probabilities: Sequence[Floats], truth: Bools, weights: Floats, seed: int
) -> Calibration:
    """Mean over sets of probabilities (n, labels), one a cross-fitting; ``weights`` are (draws, n)."""

    def score(each: _Score, between: _Interval) -> Estimate:
        value = np.mean([each(chances, truth, None) for chances in probabilities])
        return between(
            float(value), np.mean([each(chances, truth, weights) for chances in probabilities], axis=0)
        )

    return Calibration(
        classwise_error=score(calibration.classwise_error, bootstrap.centred_interval),
        classwise_error_by_chance=calibration.expected_error_by_chance(probabilities[0], seed),
        overall_error=score(calibration.overall_error, bootstrap.centred_interval),
        brier=score(calibration.brier, bootstrap.percentile_interval),
        brier_skill=score(calibration.brier_skill, bootstrap.percentile_interval),
        log_loss=float(np.mean([calibration.log_loss(chances, truth) for chances in probabilities])),
        reliability=reliability_bins(probabilities, truth),
    )


def reliability_bins(probabilities: Sequence[Floats], truth: Bools) -> list[Bin]:
    """The reliability diagram: bins that hold anything, over all decisions of all sets."""
    chances = np.concatenate([each.ravel() for each in probabilities])
    true = np.tile(truth.ravel(), len(probabilities))
    where = calibration.bin_index(chances)
    bins = (where == at for at in range(calibration.BINS))
    return [_point(chances[inside], true[inside], len(probabilities)) for inside in bins if inside.any()]


def _point(chances: Floats, truth: Bools, sets: int) -> Bin:
    count = math.ceil(len(chances) / sets)
    return Bin(
        count=count, probability=float(chances.mean()), rate=wilson_interval(float(truth.mean()), count)
    )


def wilson_interval(rate: float, count: int) -> Estimate:
    """A share's 95% interval (Wilson 1927)."""
    whole = 1 + _Z**2 / count
    middle = (rate + _Z**2 / (2 * count)) / whole
    reach = _Z * math.sqrt(rate * (1 - rate) / count + (_Z / (2 * count)) ** 2) / whole
    return Estimate(rate, max(0.0, middle - reach), min(1.0, middle + reach))
