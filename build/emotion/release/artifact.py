"""``config.json`` and manifest entry of the released text encoder.

``config.json`` is written with the struct that serving reads it with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from build.base_model import MINILM
from build.emotion.config import Artifact, Config, uses_unlabelled
from build.emotion.evaluation.evaluate import Evaluation
from build.evaluation.cross_validation import DecisionRule
from functions.shared.text.encoder_config import Aggregation, EncoderConfig, Head, HeadInput, Output

FILES = ("model.onnx", "tokenizer.json", "config.json")
"""Files that serving reads; the manifest pins these."""
READS: dict[str, dict[str, Any]] = {
    "emotions": {"reads": HeadInput.BOTH, "aggregation": Aggregation.PEAK, "passage": 64, "alone": 40},
    "feelings": {"reads": HeadInput.PASSAGES, "aggregation": Aggregation.PEAK, "passage": 96},
    "topics": {"reads": HeadInput.PASSAGES, "aggregation": Aggregation.PEAK, "passage": 96},
}
"""How each head judges texts longer than its training texts: docs/decisions/0008."""
LICENCE = "Apache-2.0"
TRAINING_DATA: tuple[tuple[set[str], dict[str, str]], ...] = (
    ({"emotions"}, {"name": "GoEmotions", "licence": "Apache-2.0"}),
    ({"feelings", "topics"}, {"name": "Lemotif", "licence": "MIT"}),
    ({"feelings", "topics"}, {"name": "lines of this project", "licence": LICENCE}),
)
"""Training data by head."""
UNLABELLED = {"name": "Hippocorpus", "licence": "O-UDA-1.0"}
PREFIXES = {
    "emotions": "goemotions_dev",
    "feelings": "lemotif_dev_feelings",
    "topics": "lemotif_dev_topics",
}
"""Prefix of each head's metrics in the manifest."""


def encoder_config(
    artifact: Artifact, heads: Mapping[str, Head], dimensions: int, batch: int = 1
) -> EncoderConfig:
    """Configuration of an encoder with these heads that takes ``batch`` texts per batch."""
    return EncoderConfig(
        name=artifact.name,
        version=artifact.version,
        max_length=artifact.max_length,
        batch=batch,
        embedding=Output(output="embedding", dimensions=dimensions),
        heads=dict(heads),
    )


def untuned_heads(labels: Mapping[str, Sequence[str]]) -> dict[str, Head]:
    """Heads before tuning: all thresholds .5, all temperatures 1."""
    return {
        head: _head(head, names, [0.5] * len(names), [1.0] * len(names)) for head, names in labels.items()
    }


def tuned_heads(evaluation: Evaluation, rules: Mapping[str, DecisionRule]) -> dict[str, Head]:
    """Heads with the tuned thresholds and temperatures."""
    return {
        head: _head(
            head,
            [label.label for label in evaluation.heads[head].int8.labels],
            rule.thresholds.tolist(),
            rule.scaling.temperatures.tolist(),
        )
        for head, rule in rules.items()
    }


def _head(
    name: str, labels: Sequence[str], thresholds: Sequence[float], temperatures: Sequence[float]
) -> Head:
    return Head(
        output=name,
        labels=tuple(labels),
        thresholds=tuple(round(threshold, 4) for threshold in thresholds),
        temperatures=tuple(temperatures),
        **READS.get(name, READS["emotions"]),
    )


def manifest_entry(
    config: Config, evaluation: Evaluation, files: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The artifact's entry in ``models/manifest.json``; ``files`` has sha256 and bytes by name."""
    training_data = [source for heads, source in TRAINING_DATA if heads & evaluation.heads.keys()]
    if uses_unlabelled(config):
        training_data.append(UNLABELLED)
    return {
        "version": config.artifact.version,
        "description": config.artifact.description,
        "licence": LICENCE,
        "files": files,
        "source": {"kind": "committed"},
        "training_data": [{**source, "split": "train"} for source in training_data],
        "base_model": MINILM.name,
        "metrics": {name: round(value, 4) for name, value in _headline_metrics(evaluation).items()},
    }


def _headline_metrics(evaluation: Evaluation) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for name, head in evaluation.heads.items():
        prefix = PREFIXES.get(name, name)
        metrics |= {
            f"{prefix}_macro_f1_int8_crossfitted": head.int8.scores.macro_f1.value,
            f"{prefix}_micro_f1_int8_crossfitted": head.int8.scores.micro_f1.value,
            f"{prefix}_macro_f1_fp32_crossfitted": head.fp32.scores.macro_f1.value,
            f"{prefix}_classwise_calibration_error_int8_crossfitted": head.int8.after.classwise_error.value,
            f"{prefix}_brier_skill_int8_crossfitted": head.int8.after.brier_skill.value,
        }
    return metrics
