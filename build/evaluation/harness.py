"""Evaluates one head of one model: from its logits to a complete record.

Robustness is added separately, since it needs the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta

from build.data.dataset import Dataset
from build.evaluation import bootstrap, confusion, metrics, per_label, reliability, slice_scores
from build.evaluation.cross_validation import CrossValidated, DecisionConfig
from build.evaluation.metrics import Bools, Floats
from build.evaluation.records import HeadRecord, LabelRecord, Scores


class EvaluationConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How extensive the evaluation is."""

    bootstrap_samples: Annotated[int, Meta(ge=100)] = 1000
    noise_strengths: tuple[Annotated[float, Meta(gt=0.0, le=1.0)], ...] = (0.1, 0.3)
    """Noise strengths of the robustness test; if empty, robustness is not measured."""
    robustness_texts: Annotated[int, Meta(ge=1)] = 2000
    """Maximum number of texts, drawn at random: each is encoded once per kind and strength."""


class EvaluatedModel(NamedTuple):
    """Names of the head, model and data in the record."""

    head: str
    model: str
    data: str


def evaluate_head(
    evaluated: EvaluatedModel,
    dataset: Dataset,
    logits: Floats,
    results: CrossValidated,
    decision: DecisionConfig,
    config: EvaluationConfig,
    slices: Mapping[str, Bools],
) -> HeadRecord:
    """The record of cross-validated logits (n, labels); ``slices`` are row masks (n,) by name."""
    truth = dataset.targets > 0
    weights = metrics.bootstrap_weights(len(truth), config.bootstrap_samples, decision.seed)
    draws = bootstrap.bootstrap_f1(results.decisions, truth, weights)
    labels = per_label.label_records(dataset.labels, logits, truth, results, draws)
    return HeadRecord(
        head=evaluated.head,
        model=evaluated.model,
        data=evaluated.data,
        rows=len(truth),
        folds=decision.thresholds.folds,
        repeats=decision.thresholds.repeats,
        scores=_scores(labels, logits, truth, results, draws),
        before=reliability.calibration_record([metrics.sigmoid(logits)], truth, weights, decision.seed),
        after=reliability.calibration_record(results.probabilities, truth, weights, decision.seed),
        labels=labels,
        confusion=confusion.label_confusion(results.decisions, truth),
        slices=slice_scores.score_slices(
            slices, results.decisions, truth, config.bootstrap_samples, decision.seed
        ),
    )


def _scores(
    labels: Sequence[LabelRecord],
    logits: Floats,
    truth: Bools,
    results: CrossValidated,
    draws: bootstrap.BootstrapF1,
) -> Scores:
    point = bootstrap.bootstrap_f1(results.decisions, truth)
    macro_f1_by_repeat = [metrics.macro_f1(label, truth) for label in results.decisions]
    return Scores(
        macro_f1=bootstrap.percentile_interval(float(point.macro[0]), draws.macro),
        micro_f1=bootstrap.percentile_interval(float(point.micro[0]), draws.micro),
        macro_precision=float(np.mean([label.precision for label in labels])),
        macro_recall=float(np.mean([label.recall for label in labels])),
        mean_average_precision=_mean([label.average_precision for label in labels]),
        mean_roc_auc=_mean([label.roc_auc for label in labels]),
        macro_f1_range=(min(macro_f1_by_repeat), max(macro_f1_by_repeat)),
        macro_f1_in_sample=metrics.macro_f1(results.rule.decide(logits), truth),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """Mean of the values that are defined."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None
