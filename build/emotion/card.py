"""The model card: its words are in ``card.template.md``, every number in it comes from the evaluation.

The outline follows Mitchell et al. 2019, "Model Cards for Model Reporting" (https://arxiv.org/abs/1810.03993).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from build.base_model import NAME as BASE_MODEL
from build.base_model import REQUIREMENT
from build.emotion.config import Config
from build.emotion.evaluate import Evaluation, LabelScore, Score
from build.evaluation.drift import Drift
from functions.shared.encoder import EncoderConfig

_TEMPLATE = Path(__file__).with_name("card.template.md")
_WEAK = 0.35
"""F1 below which a label is named as unreliable."""
_FEW = 50
"""Dev examples below which a label's figures are named as uncertain."""

Environment = dict[str, Any]
Curve = Sequence[dict[str, Any]]


def render(
    config: Config, shipped: EncoderConfig, found: Evaluation, curve: Curve, environment: Environment
) -> str:
    """The whole card, Markdown."""
    fields = {
        **_identity(config, shipped),
        **_results(config, found),
        **_limits(found.labels),
        "curve": _curve(curve),
        "recipe": _recipe(config),
        "environment": _environment(environment),
        "processor": environment["processor"],
    }
    return _TEMPLATE.read_text(encoding="utf-8").format(**fields)


def _identity(config: Config, shipped: EncoderConfig) -> dict[str, str]:
    return {
        "name": shipped.name,
        "version": shipped.version,
        "description": config.artifact.description,
        "run": config.name,
        "count": f"{len(shipped.heads['emotions'].labels)}",
        "width": f"{shipped.embedding.dimensions}",
        "max_length": f"{shipped.max_length}",
        "base_model": BASE_MODEL,
        "requirement": REQUIREMENT,
    }


def _results(config: Config, found: Evaluation) -> dict[str, str]:
    low, high = found.int8_minus_fp32_interval
    return {
        "rows": f"{found.rows:,}",
        "folds": f"{config.thresholds.folds}",
        "chosen_on_dev": config.chosen_on_dev,
        "repeats": f"{config.thresholds.repeats}",
        "scores": _scores(found),
        "difference": f"{found.int8_minus_fp32:+.4f} macro-F1 [{low:+.4f}, {high:+.4f}]",
        "labels": _labels(found.labels),
        "latency_texts": f"{max((each.texts for each in found.latency.values()), default=0)}",
        "latencies": _latencies(found),
        "drifts": _drifts(found),
    }


def _scores(found: Evaluation) -> str:
    columns = ("model", "MB", "macro-F1", "95%", "micro-F1", "precision", "recall", "ECE", "fitted on itself")
    rows = (
        _score("int8 (ships)", found.int8_megabytes, found.int8),
        _score("float32", found.fp32_megabytes, found.fp32),
    )
    return _table(columns, rows)


def _score(name: str, megabytes: float, score: Score) -> tuple[str, ...]:
    low, high = score.macro_f1_interval
    middle = (score.micro_f1, score.macro_precision, score.macro_recall)
    return (
        name,
        f"{megabytes:.1f}",
        f"{score.macro_f1:.3f}",
        f"{low:.3f}–{high:.3f}",
        *(f"{figure:.3f}" for figure in middle),
        f"{score.calibration_error:.4f}",
        f"{score.macro_f1_fitted_and_scored_on_dev:.3f}",
    )


def _labels(labels: Sequence[LabelScore]) -> str:
    rows = (
        (
            each.label,
            f"{each.examples}",
            *(f"{x:.2f}" for x in (each.threshold, each.precision, each.recall, each.f1)),
        )
        for each in sorted(labels, key=lambda each: -each.f1)
    )
    return _table(("label", "dev examples", "threshold", "precision", "recall", "F1"), rows)


def _latencies(found: Evaluation) -> str:
    rows = ((name, f"{each.median_ms:.2f}", f"{each.p95_ms:.2f}") for name, each in found.latency.items())
    return _table(("engine", "median ms", "p95 ms"), rows)


def _drifts(found: Evaluation) -> str:
    rows = (_drift("of like length", found.drift_by_length), _drift("as they come", found.drift_mixed))
    return _table(("batches", "mean change", "largest change", "decisions changed"), rows)


def _drift(name: str, drift: Drift) -> tuple[str, ...]:
    return (name, f"{drift.mean:.5f}", f"{drift.largest:.3f}", f"{drift.decisions_changed:.3%}")


def _limits(labels: Sequence[LabelScore]) -> dict[str, str]:
    return {
        "weak_f1": f"{_WEAK}",
        "weak": _names(each.label for each in labels if each.f1 < _WEAK),
        "few_examples": f"{_FEW}",
        "few": _names(f"{each.label} ({each.examples})" for each in labels if each.examples < _FEW),
    }


def _curve(curve: Curve) -> str:
    columns = ("epoch", "train loss", "dev loss", "dev macro-F1 at .2", "at .5")
    names = ("train_loss", "dev_loss", "dev_macro_f1_at_0.2", "dev_macro_f1_at_0.5")
    rows = ((f"{point['epoch']}", *(f"{point[name]:.4f}" for name in names)) for point in curve)
    return _table(columns, rows)


def _recipe(config: Config) -> str:
    settings = config.training
    parts = (
        f"Seed {config.seed}",
        f"{settings.epochs} epochs",
        f"batches of {settings.batch_size}",
        f"AdamW at {settings.learning_rate:g} (the head {settings.head_rate:g} times that)",
        f"weight decay {settings.weight_decay:g}",
        f"cosine after {settings.warmup:.0%} warm-up",
        f"dropout {settings.dropout:g}",
        f"texts to {settings.max_tokens} tokens",
        f"{'bfloat16' if settings.bf16 else 'float32'} products",
    )
    return ", ".join(parts) + "."


def _environment(environment: Environment) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    return f"Python {environment['python']}, {environment['machine']}: {versions}."


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
