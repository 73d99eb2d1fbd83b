"""Evaluation records, as written to the run folder and read by the report and the model card.

One `HeadRecord` contains everything about one head of one model. F1, precision and recall are of
cross-validated decisions, mean over the repeats, unless a field says otherwise; intervals are 95% bootstrap
intervals.
"""

from __future__ import annotations

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A figure with its confidence interval."""

    value: float
    low: float
    high: float


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """F1 of one model minus that of another on the same rows, paired."""

    macro_f1: Estimate
    micro_f1: Estimate


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Averages over the labels of a head."""

    macro_f1: Estimate
    micro_f1: Estimate
    macro_precision: float
    macro_recall: float
    mean_average_precision: float | None
    mean_roc_auc: float | None
    macro_f1_range: tuple[float, float]
    """Minimum and maximum over the repeats."""
    macro_f1_in_sample: float
    """Thresholds scored on the rows they were fitted on: too optimistic, but common in papers."""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """A bin of the reliability diagram: decisions, mean probability, and observed rate (Wilson interval)."""

    count: int
    probability: float
    rate: Estimate


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Calibration metrics."""

    classwise_error: Estimate
    """Over each label's probabilities above .05, in 15 bins; mean over the labels."""
    classwise_error_by_chance: float
    """What perfectly calibrated probabilities would show on as many rows."""
    overall_error: Estimate
    brier: Estimate
    brier_skill: Estimate
    """Relative to always predicting each label's rate."""
    log_loss: float
    reliability: list[Bin]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A downsampled curve."""

    x: list[float]
    y: list[float]


class LabelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One label. Ranking metrics are of the raw logits; None if all rows have the label, or none has."""

    label: str
    examples: int
    temperature: float
    offset: float
    threshold: float
    precision: float
    recall: float
    f1: Estimate
    average_precision: float | None
    roc_auc: float | None
    precision_recall: Curve | None
    """x: recall, y: precision."""
    roc: Curve | None
    """x: false positive rate, y: true positive rate."""
    error_before: float | None
    """Calibration error over probabilities above .05; None if there are none."""
    error_after: float | None


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """Confusion between labels, (labels, labels)."""

    mistaken: list[list[float]]
    """[i][j]: of the rows with i and without j, the share for which j is predicted."""
    together: list[list[float]]
    """[i][j]: of the rows with i, the share that also has j."""
    anywhere: list[float]
    """[j]: of all rows without j, the share for which j is predicted."""


class SliceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A slice of the rows; macro-F1 is over the labels with at least five examples in it."""

    name: str
    rows: int
    labels: int
    macro_f1: Estimate | None
    micro_f1: Estimate


class RobustnessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Noisy texts at the shipped thresholds; drops are relative to the same texts without noise, paired."""

    kind: str
    strength: float
    rows: int
    macro_f1: float
    micro_f1: float
    macro_f1_drop: Estimate
    micro_f1_drop: Estimate


class HeadRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One head of one model on one set of rows."""

    head: str
    model: str
    data: str
    rows: int
    folds: int
    repeats: int
    scores: Scores
    before: Calibration
    after: Calibration
    """Cross-validated."""
    labels: list[LabelRecord]
    confusion: Confusion
    slices: list[SliceRecord] = []
    robustness: list[RobustnessRecord] = []


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline, and the shipped model's lead over it."""

    record: HeadRecord
    shipped_minus_baseline: Difference


class HeadEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One head: int8, float32 and baselines."""

    int8: HeadRecord
    fp32: HeadRecord
    int8_minus_fp32: Difference
    baselines: list[Baseline] = []


class BatchEffect(msgspec.Struct, frozen=True, kw_only=True):
    """Difference of probabilities between running a text in a batch and alone."""

    mean: float
    largest: float
    decisions_changed: float
    """Share of all (text, label) decisions."""


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds over texts, each the median of several passes; includes tokenization."""

    median_ms: float
    p95_ms: float
    texts: int


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the report and the model card show about a model."""

    heads: dict[str, HeadEvaluation]
    batch_effect_length_sorted: BatchEffect
    batch_effect_unsorted: BatchEffect
    int8_megabytes: float
    fp32_megabytes: float
    latency: dict[str, Latency] = {}
    """By engine; empty until measured."""
    embedding: dict[str, float] = {}
    """Agreement of the embedding with the base model's, by metric; empty until measured."""


class Ablation(msgspec.Struct, frozen=True, kw_only=True):
    """A short training run with one setting changed; macro-F1 cross-validated on dev."""

    name: str
    change: str
    epochs: float
    share: float
    """Of the training data."""
    macro_f1: float
    macro_f1_interval: tuple[float, float] | None = None
    micro_f1: float
    seeds: int | list[int]


class GraphRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One graph. F1 is of cross-validated decisions; latencies are of one text on one thread, in ms."""

    variant: str
    megabytes: float
    ratio_to_fp32: float
    median_ms: float
    p95_ms: float
    speed_ratio_to_fp32: float
    macro_f1: float
    macro_f1_interval: tuple[float, float]
    micro_f1: float
    minus_fp32: float
    minus_fp32_interval: tuple[float, float]
    micro_minus_fp32: float
    logit_rmse: float
    """Root mean square difference of the logits from float32's."""
    batch_effect: BatchEffect
    """Of batches in the given order."""
    batch_sensitive: bool
    """Whether texts must run one at a time, because results depend on the other texts in a batch."""
    ships: bool
    note: str
