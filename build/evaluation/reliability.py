"""Calibration of one head as a record: metrics with confidence intervals, and the reliability diagram."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from build.evaluation import bootstrap, calibration
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import Bin, Calibration, Estimate

_Metric = Callable[[Floats, Bools, Floats | None], Floats]
_IntervalMethod = Callable[[float, Floats], Estimate]
_Z = 1.96


def calibration_record(
    probabilities: Sequence[Floats], truth: Bools, weights: Floats, seed: int
) -> Calibration:
    """Mean over sets of probabilities (n, labels), one per repeat; ``weights`` are (draws, n)."""

    def score(metric: _Metric, interval: _IntervalMethod) -> Estimate:
        value = np.mean([metric(repeat, truth, None) for repeat in probabilities])
        return interval(
            float(value), np.mean([metric(repeat, truth, weights) for repeat in probabilities], axis=0)
        )

    return Calibration(
        classwise_error=score(calibration.classwise_error, bootstrap.centred_interval),
        classwise_error_by_chance=calibration.expected_error_by_chance(probabilities[0], seed),
        overall_error=score(calibration.overall_error, bootstrap.centred_interval),
        brier=score(calibration.brier, bootstrap.percentile_interval),
        brier_skill=score(calibration.brier_skill, bootstrap.percentile_interval),
        log_loss=float(np.mean([calibration.log_loss(repeat, truth) for repeat in probabilities])),
        reliability=reliability_bins(probabilities, truth),
    )


def reliability_bins(probabilities: Sequence[Floats], truth: Bools) -> list[Bin]:
    """The non-empty bins of the reliability diagram, over all decisions of all sets."""
    pooled = np.concatenate([repeat.ravel() for repeat in probabilities])
    outcomes = np.tile(truth.ravel(), len(probabilities))
    indices = calibration.bin_index(pooled)
    masks = (indices == index for index in range(calibration.BINS))
    return [_bin(pooled[mask], outcomes[mask], len(probabilities)) for mask in masks if mask.any()]


def _bin(probabilities: Floats, truth: Bools, sets: int) -> Bin:
    count = math.ceil(len(probabilities) / sets)
    return Bin(
        count=count, probability=float(probabilities.mean()), rate=wilson_interval(float(truth.mean()), count)
    )


def wilson_interval(rate: float, count: int) -> Estimate:
    """The 95% confidence interval of a proportion (Wilson 1927)."""
    scale = 1 + _Z**2 / count
    centre = (rate + _Z**2 / (2 * count)) / scale
    half_width = _Z * math.sqrt(rate * (1 - rate) / count + (_Z / (2 * count)) ** 2) / scale
    return Estimate(rate, max(0.0, centre - half_width), min(1.0, centre + half_width))
