"""The model card: its text is in ``model_card.template.md``, its figures come from the evaluation.

The structure follows Mitchell et al. 2019, "Model Cards for Model Reporting"
(https://arxiv.org/abs/1810.03993).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment as Templates
from jinja2 import StrictUndefined

from build.base_model import MINILM
from build.emotion.config import Config, uses_unlabelled
from build.emotion.evaluation.evaluate import Evaluation
from build.emotion.release import card_tables as tables
from build.emotion.run_dir import STUDENT
from build.evaluation.records import LabelRecord
from build.quantization.latency import PASSES
from build.report.run_results import RunResults
from functions.shared.text.encoder import EncoderConfig

_TEMPLATE = Path(__file__).with_name("model_card.template.md")
_HEADS = ("emotions", "feelings", "topics")
_WEAK = 0.35
"""Labels with a lower F1 are listed as unreliable."""
_FEW = 50
"""Labels with fewer dev examples are listed as uncertain."""

Environment = dict[str, Any]


def render(config: Config, encoder_config: EncoderConfig, evaluation: Evaluation, run: RunResults) -> str:
    """The card as Markdown; optional parts of ``run`` that are missing are left out."""
    fields = {
        **_identity(config, encoder_config),
        **_results(config, evaluation),
        **_choices(config, run),
        **_limits(evaluation),
        "curve": tables.curve(run.curves.get(STUDENT, [])),
        "recipe": _recipe(config),
        "ensemble": _ensemble(config),
        "unlabelled": f"{config.distillation.unlabelled_sentences:,}" if uses_unlabelled(config) else "",
        "environment": _environment(run.environment),
        "processor": run.environment["processor"],
    }
    templates = Templates(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    return templates.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(fields)


def _identity(config: Config, encoder_config: EncoderConfig) -> dict[str, Any]:
    return {
        "name": encoder_config.name,
        "version": encoder_config.version,
        "description": config.artifact.description,
        "names": list(encoder_config.heads),
        "heads": _enumerate(list(encoder_config.heads)),
        "outputs": [
            {"output": head.output, "count": len(head.labels)} for head in encoder_config.heads.values()
        ],
        "embedding": encoder_config.embedding,
        "max_length": encoder_config.max_length,
        "base_model": MINILM.name,
        "requirement": MINILM.wheels[0].requirement,
    }


def _enumerate(names: list[str]) -> str:
    """The names as a phrase: "emotions, feelings and topics"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _results(config: Config, evaluation: Evaluation) -> dict[str, Any]:
    return {
        "folds": config.thresholds.folds,
        "repeats": config.thresholds.repeats,
        "chosen_on_dev": config.chosen_on_dev,
        "scores": tables.scores(evaluation),
        "differences": tables.differences(evaluation),
        "calibration": tables.calibration(evaluation),
        "robustness": tables.robustness(evaluation),
        "tables": [
            {"title": name.capitalize(), "table": tables.labels(head.int8.labels)}
            for name, head in evaluation.heads.items()
        ],
        "passes": PASSES,
        "latency_texts": max((latency.texts for latency in evaluation.latency.values()), default=0),
        "latencies": tables.latencies(evaluation),
        "batch_effects": tables.batch_effects(evaluation),
        "embedding_agreement": ", ".join(
            f"{name} {value:.3f}" for name, value in evaluation.embedding.items()
        ),
    }


def _choices(config: Config, run: RunResults) -> dict[str, Any]:
    first = run.ablation[0] if run.ablation else None
    return {
        "tradeoff": tables.tradeoff(run.tradeoff),
        "max_f1_loss": f"{config.compression.max_f1_loss:g}",
        "latency_tolerance": f"{config.compression.latency_tolerance:g}",
        "ablation": tables.ablation(run.ablation),
        "ablation_share": f"{first.share:.0%}" if first else "",
    }


def _limits(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "weak_f1": _WEAK,
        "few_examples": _FEW,
        "limits": [_limit(name, head.int8.labels) for name, head in evaluation.heads.items()],
        "missing": [name.capitalize() for name in _HEADS if name not in evaluation.heads],
    }


def _limit(name: str, labels: Sequence[LabelRecord]) -> dict[str, str]:
    weak = [label.label for label in labels if label.f1.value < _WEAK]
    few = [f"{label.label} ({label.examples})" for label in labels if label.examples < _FEW]
    return {
        "title": name.capitalize(),
        "weak": ", ".join(weak) or "none",
        "few": ", ".join(few) or "none",
    }


def _recipe(config: Config) -> str:
    settings = config.training
    parts = (
        f"Seed {config.seed}",
        f"{settings.epochs} epochs",
        f"batches of {settings.batch_size}",
        f"AdamW at {settings.learning_rate:g} (head: {settings.head_lr_multiplier:g} times that)",
        f"weight decay {settings.weight_decay:g}",
        f"cosine decay after {settings.warmup:.0%} warm-up",
        f"dropout {settings.dropout:g}",
        f"texts of at most {settings.max_tokens} tokens",
        f"{'bfloat16' if settings.bf16 else 'float32'} matrix products",
    )
    return ", ".join(parts) + "."


def _ensemble(config: Config) -> str:
    """How the teachers were trained; empty without teachers."""
    if config.teacher is None:
        return ""
    kinds = Counter(loss.kind.value for loss in config.teacher.losses)
    losses = ", ".join(f"{count} by {kind}" for kind, count in kinds.items())
    return (
        f"{config.teacher.folds} teachers of the same architecture ({losses}), each trained without the fold"
        " that it predicts; their predictions are "
        f"{config.distillation.teacher_weight:.0%} of the student's target."
    )


def _environment(environment: Environment) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    return f"Python {environment['python']}, {environment['machine']}: {versions}."
