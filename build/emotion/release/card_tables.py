"""The model card's tables as Markdown; an empty string if nothing was measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from build.evaluation.records import (
    Ablation,
    BatchEffect,
    Calibration,
    Difference,
    Estimate,
    Evaluation,
    GraphRecord,
    HeadRecord,
    LabelRecord,
)


def scores(evaluation: Evaluation) -> str:
    """Every model of every head."""
    columns = (
        "head",
        "model",
        "texts",
        "macro-F1",
        "95%",
        "micro-F1",
        "precision",
        "recall",
        "in-sample macro-F1",
    )
    rows = []
    for head in evaluation.heads.values():
        rows += [
            _score(head.int8, f"int8, {evaluation.int8_megabytes:.1f} MB (ships)"),
            _score(head.fp32, f"float32, {evaluation.fp32_megabytes:.1f} MB"),
            *(_score(baseline.record, baseline.record.model) for baseline in head.baselines),
        ]
    return _table(columns, rows, words=2)


def differences(evaluation: Evaluation) -> str:
    """int8 minus float32 and minus the baselines."""
    rows = []
    for name, head in evaluation.heads.items():
        rows.append(_difference(name, "float32", head.int8_minus_fp32))
        rows += [
            _difference(name, baseline.record.model, baseline.shipped_minus_baseline)
            for baseline in head.baselines
        ]
    return _table(("head", "int8 minus", "macro-F1", "95%", "micro-F1", "95%"), rows, words=2)


def calibration(evaluation: Evaluation) -> str:
    """Before and after calibration, by head."""
    columns = (
        "head",
        "",
        "class-wise error",
        "95%",
        "expected by chance",
        "overall error",
        "Brier",
        "Brier skill",
        "95%",
    )
    rows = []
    for name, head in evaluation.heads.items():
        rows += [
            _calibration(name, "before", head.int8.before),
            _calibration(name, "after, cross-validated", head.int8.after),
        ]
    return _table(columns, rows, words=2)


def robustness(evaluation: Evaluation) -> str:
    """By head, kind and strength."""
    columns = (
        "head",
        "noise",
        "strength",
        "texts",
        "macro-F1",
        "drop",
        "95%",
        "micro-F1",
        "drop",
        "95%",
    )
    rows = [
        (
            name,
            record.kind.replace("_", " "),
            f"{record.strength:g}",
            f"{record.rows:,}",
            f"{record.macro_f1:.3f}",
            f"{record.macro_f1_drop.value:.3f}",
            _range(record.macro_f1_drop),
            f"{record.micro_f1:.3f}",
            f"{record.micro_f1_drop.value:.3f}",
            _range(record.micro_f1_drop),
        )
        for name, head in evaluation.heads.items()
        for record in head.int8.robustness
    ]
    return _table(columns, rows, words=2) if rows else ""


def labels(records: Sequence[LabelRecord]) -> str:
    """The labels of one head, best first."""
    columns = ("label", "dev examples", "threshold", "precision", "recall", "F1", "95%", "average precision")
    rows = (
        (
            record.label,
            f"{record.examples}",
            *(f"{x:.2f}" for x in (record.threshold, record.precision, record.recall, record.f1.value)),
            f"{record.f1.low:.2f} to {record.f1.high:.2f}",
            "–" if record.average_precision is None else f"{record.average_precision:.2f}",
        )
        for record in sorted(records, key=lambda record: -record.f1.value)
    )
    return _table(columns, rows)


def latencies(evaluation: Evaluation) -> str:
    """By engine."""
    rows = [
        (name, f"{latency.median_ms:.2f}", f"{latency.p95_ms:.2f}")
        for name, latency in evaluation.latency.items()
    ]
    return _table(("engine", "median ms", "p95 ms"), rows) if rows else ""


def batch_effects(evaluation: Evaluation) -> str:
    """Effect of batching."""
    rows = (
        _batch_effect("of similar length", evaluation.batch_effect_length_sorted),
        _batch_effect("in the given order", evaluation.batch_effect_unsorted),
    )
    return _table(("batches", "mean change", "largest change", "decisions changed"), rows)


def tradeoff(records: Sequence[GraphRecord]) -> str:
    """By graph; the one that ships is bold."""
    rows = [
        (
            f"**{record.variant}**" if record.ships else record.variant,
            record.note,
            f"{record.megabytes:.1f}",
            f"{record.median_ms:.2f}",
            f"{record.p95_ms:.2f}",
            f"{record.macro_f1:.4f}",
            f"{record.minus_fp32:+.4f}",
        )
        for record in records
    ]
    columns = ("graph", "description", "MB", "median ms", "p95 ms", "macro-F1", "minus float32")
    return _table(columns, rows, words=2) if rows else ""


def ablation(records: Sequence[Ablation]) -> str:
    """By variant."""
    rows = [
        (
            record.name,
            record.change,
            f"{len(record.seeds) if isinstance(record.seeds, list) else record.seeds}",
            f"{record.macro_f1:.4f}",
            "–" if record.macro_f1_interval is None else "{:.3f} to {:.3f}".format(*record.macro_f1_interval),
            f"{record.micro_f1:.4f}",
        )
        for record in records
    ]
    return _table(("recipe", "change", "seeds", "macro-F1", "95%", "micro-F1"), rows, words=2) if rows else ""


def curve(points: Sequence[Mapping[str, Any]]) -> str:
    """The numeric columns that all points of a training curve have, by epoch."""
    shared = set.intersection(*(set(point) for point in points)) if points else set()
    names = [name for name in (points[0] if points else ()) if name in shared and name != "epoch"]
    names = [name for name in names if all(isinstance(point[name], int | float) for point in points)]
    rows = ([f"{point['epoch']}", *(f"{point[name]:.4f}" for name in names)] for point in points)
    return _table(("epoch", *(name.replace("_", " ") for name in names)), rows)


def _score(record: HeadRecord, model: str) -> tuple[str, ...]:
    scores = record.scores
    return (
        record.head,
        model,
        f"{record.rows:,}",
        f"{scores.macro_f1.value:.3f}",
        _range(scores.macro_f1),
        *(f"{x:.3f}" for x in (scores.micro_f1.value, scores.macro_precision, scores.macro_recall)),
        f"{scores.macro_f1_in_sample:.3f}",
    )


def _difference(head: str, other: str, difference: Difference) -> tuple[str, ...]:
    macro, micro = difference.macro_f1, difference.micro_f1
    return (
        head,
        other,
        f"{macro.value:+.4f}",
        _range(macro, "+.4f"),
        f"{micro.value:+.4f}",
        _range(micro, "+.4f"),
    )


def _calibration(head: str, when: str, calibration: Calibration) -> tuple[str, ...]:
    return (
        head,
        when,
        f"{calibration.classwise_error.value:.3f}",
        _range(calibration.classwise_error),
        f"{calibration.classwise_error_by_chance:.3f}",
        f"{calibration.overall_error.value:.4f}",
        f"{calibration.brier.value:.4f}",
        f"{calibration.brier_skill.value:.3f}",
        _range(calibration.brier_skill),
    )


def _batch_effect(name: str, effect: BatchEffect) -> tuple[str, ...]:
    return (name, f"{effect.mean:.5f}", f"{effect.largest:.3f}", f"{effect.decisions_changed:.3%}")


def _range(estimate: Estimate, form: str = ".3f") -> str:
    return f"{estimate.low:{form}} to {estimate.high:{form}}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """A Markdown table; the first ``words`` columns are left-aligned, the others right-aligned."""
    lines = [columns, ["---"] * words + ["---:"] * (len(columns) - words), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
