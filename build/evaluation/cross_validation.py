"""Calibration, then thresholds, fitted together: on all rows for what ships, on other folds for what is said.

Shapes: ``logits`` and ``truth`` are (n, labels).
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from build.evaluation import calibration, thresholds
from build.evaluation.calibration import CalibrationConfig, PlattScaling
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import HeadRecord
from build.evaluation.thresholds import OutOfFold, Thresholds, ThresholdSearch

_Probabilities = npt.NDArray[np.float64]


class DecisionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How logits become decisions; ``seed`` draws the folds."""

    search: ThresholdSearch = ThresholdSearch()
    tempering: CalibrationConfig = CalibrationConfig()
    seed: int = 0


class DecisionRule(NamedTuple):
    """What turns a head's logits into decisions."""

    scaling: PlattScaling
    thresholds: Thresholds

    def decide(self, logits: Floats) -> Bools:
        return np.asarray(self.scaling.probabilities(logits) >= self.thresholds)


class CrossValidated(NamedTuple):
    """One head's results: fitted on all rows, and cross-fitted probabilities and decisions, one a repeat."""

    fitted: DecisionRule
    probabilities: list[_Probabilities]
    decisions: list[Bools]


def fit_rule(
    logits: Floats, truth: Bools, method: DecisionConfig, more: OutOfFold | None = None
) -> DecisionRule:
    """PlattScaling of all these rows; thresholds of these and ``more``."""
    scaling = calibration.fit(logits, truth, method.tempering)
    return DecisionRule(scaling, thresholds.fit(scaling.probabilities(logits), truth, method.search, more))


def shipped_rule(record: HeadRecord) -> DecisionRule:
    """What was fitted on all rows, from its record: this ships."""
    columns = np.array([(each.temperature, each.offset, each.threshold) for each in record.labels]).T
    return DecisionRule(PlattScaling(columns[0], columns[1]), columns[2])


def cross_validate(
    logits: Floats, truth: Bools, method: DecisionConfig, more: OutOfFold | None = None
) -> CrossValidated:
    """Fit on all rows, and cross-fit as often as the search repeats; ``more`` helps fits, never scores."""
    runs = [
        out_of_fold_predictions(logits, truth, method, method.seed + repeat, more)
        for repeat in range(method.search.repeats)
    ]
    return CrossValidated(
        fit_rule(logits, truth, method, more), [run[0] for run in runs], [run[1] for run in runs]
    )


def out_of_fold_predictions(
    logits: Floats, truth: Bools, method: DecisionConfig, seed: int, more: OutOfFold | None = None
) -> tuple[_Probabilities, Bools]:
    """Probabilities and decisions (n, labels), each by what was fitted on the folds its row is not in."""
    probabilities, decisions = np.zeros(truth.shape), np.zeros(truth.shape, dtype=np.bool_)
    for inside in thresholds.random_folds(len(truth), method.search.folds, seed):
        fitted = fit_rule(logits[~inside], truth[~inside], method, more)
        probabilities[inside] = fitted.scaling.probabilities(logits[inside])
        decisions[inside] = fitted.decide(logits[inside])
    return probabilities, decisions
