"""One head of one model, from its logits to its whole record (robustness apart: that needs the model)."""

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
    """How much evidence is gathered."""

    draws: Annotated[int, Meta(ge=100)] = 1000
    """Bootstrap samples."""
    strengths: tuple[Annotated[float, Meta(gt=0.0, le=1.0)], ...] = (0.1, 0.3)
    """How strongly texts are distorted for robustness; none: not measured."""
    robustness_rows: Annotated[int, Meta(ge=1)] = 2000
    """At most this many texts, drawn at random: each is encoded once a kind and strength."""


class EvaluatedModel(NamedTuple):
    """What is measured, as the record names it."""

    head: str
    model: str
    data: str


def evaluate_head(
    subject: EvaluatedModel,
    examples: Dataset,
    logits: Floats,
    judged: CrossValidated,
    method: DecisionConfig,
    options: EvaluationConfig,
    parts: Mapping[str, Bools],
) -> HeadRecord:
    """The record of ``judged`` logits (n, labels); ``parts`` are masks (n,) of slices, by name."""
    truth = examples.targets > 0
    weights = metrics.bootstrap_weights(len(truth), options.draws, method.seed)
    draws = bootstrap.bootstrap_f1(judged.decisions, truth, weights)
    described = per_label.label_records(examples.labels, logits, truth, judged, draws)
    return HeadRecord(
        head=subject.head,
        model=subject.model,
        data=subject.data,
        rows=len(truth),
        folds=method.search.folds,
        repeats=method.search.repeats,
        scores=_scores(described, logits, truth, judged, draws),
        before=reliability.calibration_record([metrics.sigmoid(logits)], truth, weights, method.seed),
        after=reliability.calibration_record(judged.probabilities, truth, weights, method.seed),
        labels=described,
        confusion=confusion.label_confusion(judged.decisions, truth),
        slices=slice_scores.score_slices(parts, judged.decisions, truth, options.draws, method.seed),
    )


def _scores(
    described: Sequence[LabelRecord],
    logits: Floats,
    truth: Bools,
    judged: CrossValidated,
    draws: bootstrap.BootstrapF1,
) -> Scores:
    own = bootstrap.bootstrap_f1(judged.decisions, truth)
    foldings = [metrics.macro_f1(each, truth) for each in judged.decisions]
    return Scores(
        macro_f1=bootstrap.percentile_interval(float(own.macro[0]), draws.macro),
        micro_f1=bootstrap.percentile_interval(float(own.micro[0]), draws.micro),
        macro_precision=float(np.mean([each.precision for each in described])),
        macro_recall=float(np.mean([each.recall for each in described])),
        mean_average_precision=_mean([each.average_precision for each in described]),
        mean_roc_auc=_mean([each.roc_auc for each in described]),
        macro_f1_of_foldings=(min(foldings), max(foldings)),
        macro_f1_fitted_and_scored=metrics.macro_f1(judged.fitted.decide(logits), truth),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    """Of the labels that have one."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
