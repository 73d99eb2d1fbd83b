"""The model card: its words are in ``card.template.md``, every number in it comes from the evaluation.

The outline follows Mitchell et al. 2019, "Model Cards for Model Reporting" (https://arxiv.org/abs/1810.03993).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment as Templates
from jinja2 import StrictUndefined

from build.base_model import NAME as BASE_MODEL
from build.base_model import REQUIREMENT
from build.emotion import card_tables as tables
from build.emotion.config import Config, learns_unlabelled
from build.emotion.evaluate import Evaluation
from build.emotion.run import STUDENT
from build.evaluation.records import LabelRecord
from build.report.folder import Found
from functions.shared.text.encoder import EncoderConfig

_TEMPLATE = Path(__file__).with_name("card.template.md")
_HEADS = ("emotions", "feelings", "topics")
_WEAK = 0.35
"""F1 below which a label is named as unreliable."""
_FEW = 50
"""Dev examples below which a label's figures are named as uncertain."""

Environment = dict[str, Any]


def render(config: Config, shipped: EncoderConfig, found: Evaluation, run: Found) -> str:
    """The whole card, Markdown; of ``run``, what was not run is left out."""
    fields = {
        **_identity(config, shipped),
        **_results(config, found),
        **_choices(config, run),
        **_limits(found),
        "curve": tables.curve(run.curves.get(STUDENT, [])),
        "recipe": _recipe(config),
        "ensemble": _ensemble(config),
        "unlabelled": f"{config.distillation.unlabelled:,}" if learns_unlabelled(config) else "",
        "environment": _environment(run.environment),
        "processor": run.environment["processor"],
    }
    templates = Templates(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    return templates.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(fields)


def _identity(config: Config, shipped: EncoderConfig) -> dict[str, Any]:
    return {
        "name": shipped.name,
        "version": shipped.version,
        "description": config.artifact.description,
        "names": list(shipped.heads),
        "heads": " and ".join(shipped.heads),
        "outputs": [{"output": each.output, "count": len(each.labels)} for each in shipped.heads.values()],
        "embedding": shipped.embedding,
        "max_length": shipped.max_length,
        "base_model": BASE_MODEL,
        "requirement": REQUIREMENT,
    }


def _results(config: Config, found: Evaluation) -> dict[str, Any]:
    return {
        "folds": config.thresholds.folds,
        "repeats": config.thresholds.repeats,
        "chosen_on_dev": config.chosen_on_dev,
        "scores": tables.scores(found),
        "differences": tables.differences(found),
        "calibration": tables.calibration(found),
        "robustness": tables.robustness(found),
        "tables": [
            {"title": name.capitalize(), "table": tables.labels(head.int8.labels)}
            for name, head in found.heads.items()
        ],
        "latency_texts": max((each.texts for each in found.latency.values()), default=0),
        "latencies": tables.latencies(found),
        "drifts": tables.drifts(found),
        "embedding_kept": ", ".join(f"{name} {value:.3f}" for name, value in found.embedding.items()),
    }


def _choices(config: Config, run: Found) -> dict[str, Any]:
    tried = run.ablation[0] if run.ablation else None
    return {
        "tradeoff": tables.tradeoff(run.tradeoff),
        "most_lost": f"{config.compression.most_lost:g}",
        "tie": f"{config.compression.tie:g}",
        "ablation": tables.ablation(run.ablation),
        "ablation_share": f"{tried.share:.0%}" if tried else "",
    }


def _limits(found: Evaluation) -> dict[str, Any]:
    return {
        "weak_f1": _WEAK,
        "few_examples": _FEW,
        "limits": [_limit(name, head.int8.labels) for name, head in found.heads.items()],
        "missing": [name.capitalize() for name in _HEADS if name not in found.heads],
    }


def _limit(name: str, labels: Sequence[LabelRecord]) -> dict[str, str]:
    weak = [each.label for each in labels if each.f1.value < _WEAK]
    few = [f"{each.label} ({each.examples})" for each in labels if each.examples < _FEW]
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
        f"AdamW at {settings.learning_rate:g} (the head {settings.head_rate:g} times that)",
        f"weight decay {settings.weight_decay:g}",
        f"cosine after {settings.warmup:.0%} warm-up",
        f"dropout {settings.dropout:g}",
        f"texts to {settings.max_tokens} tokens",
        f"{'bfloat16' if settings.bf16 else 'float32'} products",
    )
    return ", ".join(parts) + "."


def _ensemble(config: Config) -> str:
    """How the student was taught; empty where annotators alone did it."""
    if config.teacher is None:
        return ""
    kinds = Counter(each.kind.value for each in config.teacher.losses)
    losses = ", ".join(f"{count} by {kind}" for kind, count in kinds.items())
    return (
        f"{config.teacher.folds} teachers of the same kind ({losses}), each trained without the fold it then"
        f" judges; {config.distillation.share:.0%} of the student's target is what they say."
    )


def _environment(environment: Environment) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    return f"Python {environment['python']}, {environment['machine']}: {versions}."
