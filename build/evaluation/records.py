"""What an evaluation finds, as it is written to a run's folder and read by the report and the model card.

One `HeadRecord` holds everything about one head of one model. F1, precision and recall are of cross-fitted
decisions, mean over the repeats, unless a field says otherwise; intervals are 95% bootstrap intervals.
"""

from __future__ import annotations

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A figure and its interval."""

    value: float
    low: float
    high: float


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One model's F1 less another's on the same rows, paired."""

    macro_f1: Estimate
    micro_f1: Estimate


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Averages over a head's labels."""

    macro_f1: Estimate
    micro_f1: Estimate
    macro_precision: float
    macro_recall: float
    mean_average_precision: float | None
    mean_roc_auc: float | None
    macro_f1_of_foldings: tuple[float, float]
    """Smallest and largest over the repeats."""
    macro_f1_fitted_and_scored: float
    """Thresholds scored on the rows that chose them: flattering, for comparison with papers that do so."""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Probabilities in one bin: how many, their mean, and how often they came true (Wilson interval)."""

    count: int
    probability: float
    rate: Estimate


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """How far probabilities can be believed."""

    classwise_error: Estimate
    """Of each label's probabilities above .05 in 15 bins; mean over the labels."""
    classwise_error_by_chance: float
    """What perfectly calibrated probabilities would show on as many rows."""
    overall_error: Estimate
    brier: Estimate
    brier_skill: Estimate
    """Against always saying each label's rate."""
    log_loss: float
    reliability: list[Bin]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A thinned line to draw."""

    x: list[float]
    y: list[float]


class LabelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One label. Ranking scores are of the logits as they are, and None for a label with only one answer."""

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
    """Calibration error above .05; None where no probability is that high."""
    error_after: float | None


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """Label against label, (labels, labels)."""

    mistaken: list[list[float]]
    """[i][j]: of rows with i and without j, the share where j is decided."""
    together: list[list[float]]
    """[i][j]: of rows with i, the share that has j too."""
    anywhere: list[float]
    """[j]: of all rows without j, the share where j is decided."""


class SliceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the rows; macro-F1 is over the labels with at least five examples in it."""

    name: str
    rows: int
    labels: int
    macro_f1: Estimate | None
    micro_f1: Estimate


class RobustnessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Distorted texts, at the thresholds that ship; drops are from the same texts undistorted, paired."""

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
    """Cross-fitted."""
    labels: list[LabelRecord]
    confusion: Confusion
    slices: list[SliceRecord] = []
    robustness: list[RobustnessRecord] = []


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """A simpler way, and what the shipped model has over it."""

    record: HeadRecord
    shipped_minus_baseline: Difference


class HeadEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """One head: as it ships, in float32, and beside simpler ways."""

    int8: HeadRecord
    fp32: HeadRecord
    int8_minus_fp32: Difference
    baselines: list[Baseline] = []


class BatchEffect(msgspec.Struct, frozen=True, kw_only=True):
    """How far probabilities move from those of the same text run alone."""

    mean: float
    largest: float
    decisions_changed: float
    """Share of all (text, label) decisions."""


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Over texts, each at the median of several passes, in milliseconds; tokenisation included."""

    median_ms: float
    p95_ms: float
    texts: int


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a report and a model card say about a model."""

    heads: dict[str, HeadEvaluation]
    drift_by_length: BatchEffect
    drift_mixed: BatchEffect
    int8_megabytes: float
    fp32_megabytes: float
    latency: dict[str, Latency] = {}
    """By engine; absent until measured."""
    embedding: dict[str, float] = {}
    """What the embedding keeps of the base model's, by name; absent until measured."""


class Ablation(msgspec.Struct, frozen=True, kw_only=True):
    """One training that differs from the recipe in one thing; macro-F1 cross-fitted on dev."""

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
    """One graph. F1 is of cross-fitted decisions; times are of one text on one thread, in milliseconds."""

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
    fidelity: float
    """Root mean square of the logits' distance from float32's."""
    drift: BatchEffect
    """What a batch of texts as they come changes."""
    alone: bool
    """Whether texts must run one at a time, lest one's result depend on its company."""
    ships: bool
    note: str
