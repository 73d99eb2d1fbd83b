"""Bootstrap confidence intervals of F1, and of F1 differences between two models on the same rows.

Rows are drawn with replacement (Efron 1979), and each score is recomputed for every sample. If there are
several sets of decisions, one per cross-validation repeat, a score is the mean over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from build.evaluation.metrics import Bools, Floats, confusion_counts, percentile_range
from build.evaluation.records import Difference, Estimate

_Samples = npt.NDArray[np.float64]


class BootstrapF1(NamedTuple):
    """F1 of every bootstrap sample: per label (draws, labels), and micro-averaged (draws,)."""

    labels: _Samples
    micro: _Samples

    @property
    def macro(self) -> _Samples:
        return np.asarray(self.labels.mean(axis=-1))


def bootstrap_f1(decisions: Sequence[Bools], truth: Bools, weights: Floats | None = None) -> BootstrapF1:
    """Mean F1 over sets of decisions (n, labels); without ``weights``, of the rows themselves."""
    weights = np.ones((1, len(truth))) if weights is None else weights
    counts_by_set = [confusion_counts(decided, truth, weights) for decided in decisions]
    return BootstrapF1(
        np.mean([counts.f1() for counts in counts_by_set], axis=0),
        np.mean([counts.total().f1() for counts in counts_by_set], axis=0),
    )


def percentile_interval(value: float, samples: Floats) -> Estimate:
    """A value with the central 95% of its bootstrap samples."""
    low, high = percentile_range(samples)
    return Estimate(value, low, high)


def centred_interval(value: float, samples: Floats) -> Estimate:
    """A value with the spread of its samples, for scores that the bootstrap itself inflates.

    A resample repeats rows and is noisier than the sample: its calibration error is larger on average. The
    percentiles are therefore shifted so that the samples' mean becomes ``value``.
    """
    low, high = np.percentile(samples, [2.5, 97.5]) - samples.mean() + value
    return Estimate(value, max(float(low), 0.0), float(high))


def macro_and_micro_f1(
    decisions: Sequence[Bools], truth: Bools, weights: Floats
) -> tuple[Estimate, Estimate]:
    """Macro and micro F1 of decisions, with confidence intervals."""
    value, samples = bootstrap_f1(decisions, truth), bootstrap_f1(decisions, truth, weights)
    return percentile_interval(float(value.macro[0]), samples.macro), percentile_interval(
        float(value.micro[0]), samples.micro
    )


def paired_difference(
    first: Sequence[Bools], second: Sequence[Bools], truth: Bools, weights: Floats
) -> Difference:
    """First minus second, paired: both are scored on the same rows in every bootstrap sample."""
    values = bootstrap_f1(first, truth), bootstrap_f1(second, truth)
    samples = bootstrap_f1(first, truth, weights), bootstrap_f1(second, truth, weights)
    return Difference(
        macro_f1=percentile_interval(
            float((values[0].macro - values[1].macro)[0]), samples[0].macro - samples[1].macro
        ),
        micro_f1=percentile_interval(
            float((values[0].micro - values[1].micro)[0]), samples[0].micro - samples[1].micro
        ),
    )


def mean_with_interval(values: Sequence[float] | npt.NDArray[Any], seed: int, draws: int = 2000) -> Estimate:
    """A mean with its 95% confidence interval."""
    rows = np.asarray(values, dtype=np.float64)
    if not len(rows):
        return Estimate(0.0, 0.0, 0.0)
    picks = np.random.default_rng(seed).integers(0, len(rows), (draws, len(rows)))
    return percentile_interval(float(rows.mean()), rows[picks].mean(axis=1))
