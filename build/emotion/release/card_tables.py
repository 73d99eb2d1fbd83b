"""The model card's tables, Markdown; an empty text where nothing was measured."""

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


def scores(found: Evaluation) -> str:
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
        "fitted on itself",
    )
    rows = []
    for head in found.heads.values():
        rows += [
            _score(head.int8, f"int8, {found.int8_megabytes:.1f} MB (ships)"),
            _score(head.fp32, f"float32, {found.fp32_megabytes:.1f} MB"),
            *(_score(each.record, each.record.model) for each in head.baselines),
        ]
    return _table(columns, rows, words=2)


def differences(found: Evaluation) -> str:
    """What ships against float32 and the baselines."""
    rows = []
    for name, head in found.heads.items():
        rows.append(_difference(name, "float32", head.int8_minus_fp32))
        rows += [_difference(name, each.record.model, each.shipped_minus_baseline) for each in head.baselines]
    return _table(("head", "int8 less", "macro-F1", "95%", "micro-F1", "95%"), rows, words=2)


def calibration(found: Evaluation) -> str:
    """Before and after, by head."""
    columns = (
        "head",
        "",
        "class-wise error",
        "95%",
        "by chance",
        "overall error",
        "Brier",
        "Brier skill",
        "95%",
    )
    rows = []
    for name, head in found.heads.items():
        rows += [
            _calibration(name, "before", head.int8.before),
            _calibration(name, "after, cross-fitted", head.int8.after),
        ]
    return _table(columns, rows, words=2)


def robustness(found: Evaluation) -> str:
    """By head, kind and strength; empty where it was not measured."""
    columns = (
        "head",
        "distortion",
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
            each.kind.replace("_", " "),
            f"{each.strength:g}",
            f"{each.rows:,}",
            f"{each.macro_f1:.3f}",
            f"{each.macro_f1_drop.value:.3f}",
            _range(each.macro_f1_drop),
            f"{each.micro_f1:.3f}",
            f"{each.micro_f1_drop.value:.3f}",
            _range(each.micro_f1_drop),
        )
        for name, head in found.heads.items()
        for each in head.int8.robustness
    ]
    return _table(columns, rows, words=2) if rows else ""


def labels(records: Sequence[LabelRecord]) -> str:
    """One head's labels, best first."""
    columns = ("label", "dev examples", "threshold", "precision", "recall", "F1", "95%", "average precision")
    rows = (
        (
            each.label,
            f"{each.examples}",
            *(f"{x:.2f}" for x in (each.threshold, each.precision, each.recall, each.f1.value)),
            f"{each.f1.low:.2f} to {each.f1.high:.2f}",
            "–" if each.average_precision is None else f"{each.average_precision:.2f}",
        )
        for each in sorted(records, key=lambda each: -each.f1.value)
    )
    return _table(columns, rows)


def latencies(found: Evaluation) -> str:
    """By engine; empty where it was not measured."""
    rows = [(name, f"{each.median_ms:.2f}", f"{each.p95_ms:.2f}") for name, each in found.latency.items()]
    return _table(("engine", "median ms", "p95 ms"), rows) if rows else ""


def drifts(found: Evaluation) -> str:
    """What batches change."""
    rows = (_drift("of like length", found.drift_by_length), _drift("as they come", found.drift_mixed))
    return _table(("batches", "mean change", "largest change", "decisions changed"), rows)


def tradeoff(found: Sequence[GraphRecord]) -> str:
    """By graph, the one that ships in bold; empty where none were compared."""
    rows = [
        (
            f"**{each.variant}**" if each.ships else each.variant,
            each.note,
            f"{each.megabytes:.1f}",
            f"{each.median_ms:.2f}",
            f"{each.p95_ms:.2f}",
            f"{each.macro_f1:.4f}",
            f"{each.minus_fp32:+.4f}",
        )
        for each in found
    ]
    columns = ("graph", "what it is", "MB", "median ms", "p95 ms", "macro-F1", "less float32's")
    return _table(columns, rows, words=2) if rows else ""


def ablation(found: Sequence[Ablation]) -> str:
    """By change; empty where nothing was tried."""
    rows = [
        (
            each.name,
            each.change,
            f"{len(each.seeds) if isinstance(each.seeds, list) else each.seeds}",
            f"{each.macro_f1:.4f}",
            "–" if each.macro_f1_interval is None else "{:.3f} to {:.3f}".format(*each.macro_f1_interval),
            f"{each.micro_f1:.4f}",
        )
        for each in found
    ]
    return (
        _table(("recipe", "what changes", "seeds", "macro-F1", "95%", "micro-F1"), rows, words=2)
        if rows
        else ""
    )


def curve(points: Sequence[Mapping[str, Any]]) -> str:
    """The figures every point of a training curve has, by epoch."""
    shared = set.intersection(*(set(point) for point in points)) if points else set()
    names = [name for name in (points[0] if points else ()) if name in shared and name != "epoch"]
    names = [name for name in names if all(isinstance(point[name], int | float) for point in points)]
    rows = ([f"{point['epoch']}", *(f"{point[name]:.4f}" for name in names)] for point in points)
    return _table(("epoch", *(name.replace("_", " ") for name in names)), rows)


def _score(record: HeadRecord, model: str) -> tuple[str, ...]:
    found = record.scores
    return (
        record.head,
        model,
        f"{record.rows:,}",
        f"{found.macro_f1.value:.3f}",
        _range(found.macro_f1),
        *(f"{x:.3f}" for x in (found.micro_f1.value, found.macro_precision, found.macro_recall)),
        f"{found.macro_f1_fitted_and_scored:.3f}",
    )


def _difference(head: str, other: str, found: Difference) -> tuple[str, ...]:
    macro, micro = found.macro_f1, found.micro_f1
    return (
        head,
        other,
        f"{macro.value:+.4f}",
        _range(macro, "+.4f"),
        f"{micro.value:+.4f}",
        _range(micro, "+.4f"),
    )


def _calibration(head: str, when: str, found: Calibration) -> tuple[str, ...]:
    return (
        head,
        when,
        f"{found.classwise_error.value:.3f}",
        _range(found.classwise_error),
        f"{found.classwise_error_by_chance:.3f}",
        f"{found.overall_error.value:.4f}",
        f"{found.brier.value:.4f}",
        f"{found.brier_skill.value:.3f}",
        _range(found.brier_skill),
    )


def _drift(name: str, drift: BatchEffect) -> tuple[str, ...]:
    return (name, f"{drift.mean:.5f}", f"{drift.largest:.3f}", f"{drift.decisions_changed:.3%}")


def _range(estimate: Estimate, form: str = ".3f") -> str:
    return f"{estimate.low:{form}} to {estimate.high:{form}}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """The first ``words`` columns are flush left, the others, numbers, flush right."""
    lines = [columns, ["---"] * words + ["---:"] * (len(columns) - words), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
