"""Calibration and threshold tuning, cross-validated.

The decision rule that ships is fitted on all rows; published figures come from rules fitted on the other
folds. Shapes: ``logits`` and ``truth`` are (n, labels).
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
    """How logits become decisions; ``seed`` determines the folds."""

    thresholds: ThresholdSearch = ThresholdSearch()
    calibration: CalibrationConfig = CalibrationConfig()
    seed: int = 0


class DecisionRule(NamedTuple):
    """Turns a head's logits into decisions."""

    scaling: PlattScaling
    thresholds: Thresholds

    def decide(self, logits: Floats) -> Bools:
        return np.asarray(self.scaling.probabilities(logits) >= self.thresholds)


class CrossValidated(NamedTuple):
    """One head: the rule fitted on all rows, and out-of-fold probabilities and decisions per repeat."""

    rule: DecisionRule
    probabilities: list[_Probabilities]
    decisions: list[Bools]


def fit_rule(
    logits: Floats, truth: Bools, config: DecisionConfig, extra: OutOfFold | None = None
) -> DecisionRule:
    """Fit the scaling on these rows, and the thresholds on these rows and ``extra``."""
    scaling = calibration.fit_calibration(logits, truth, config.calibration)
    return DecisionRule(
        scaling, thresholds.fit_thresholds(scaling.probabilities(logits), truth, config.thresholds, extra)
    )


def shipped_rule(record: HeadRecord) -> DecisionRule:
    """The rule that ships, fitted on all rows, from its record."""
    columns = np.array([(label.temperature, label.offset, label.threshold) for label in record.labels]).T
    return DecisionRule(PlattScaling(columns[0], columns[1]), columns[2])


def cross_validate(
    logits: Floats, truth: Bools, config: DecisionConfig, extra: OutOfFold | None = None
) -> CrossValidated:
    """Fit on all rows, and cross-validate with several seeds; ``extra`` is never scored."""
    runs = [
        out_of_fold_predictions(logits, truth, config, config.seed + repeat, extra)
        for repeat in range(config.thresholds.repeats)
    ]
    return CrossValidated(
        fit_rule(logits, truth, config, extra), [run[0] for run in runs], [run[1] for run in runs]
    )


def out_of_fold_predictions(
    logits: Floats, truth: Bools, config: DecisionConfig, seed: int, extra: OutOfFold | None = None
) -> tuple[_Probabilities, Bools]:
    """Probabilities and decisions (n, labels), each from a rule fitted on the folds without the row."""
    probabilities, decisions = np.zeros(truth.shape), np.zeros(truth.shape, dtype=np.bool_)
    for in_fold in thresholds.random_folds(len(truth), config.thresholds.folds, seed):
        rule = fit_rule(logits[~in_fold], truth[~in_fold], config, extra)
        probabilities[in_fold] = rule.scaling.probabilities(logits[in_fold])
        decisions[in_fold] = rule.decide(logits[in_fold])
    return probabilities, decisions
