"""What a shipped text encoder says of itself: ``config.json`` beside the model, and its manifest entry.

``config.json`` is written with the very struct that serving reads it with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from build.base_model import NAME as BASE_MODEL
from build.emotion.config import Artifact, Config, learns_unlabelled
from build.emotion.evaluate import Evaluation
from build.evaluation.crossfit import Fitted
from functions.shared.text.encoder_config import Aggregation, EncoderConfig, Head, HeadInput, Output

FILES = ("model.onnx", "tokenizer.json", "config.json")
"""What serving reads; the manifest pins these."""
READS: dict[str, dict[str, Any]] = {
    "emotions": {"reads": HeadInput.BOTH, "aggregation": Aggregation.PEAK, "passage": 64, "alone": 40},
    "feelings": {"reads": HeadInput.PASSAGES, "aggregation": Aggregation.PEAK, "passage": 96},
    "topics": {"reads": HeadInput.PASSAGES, "aggregation": Aggregation.PEAK, "passage": 96},
}
"""How each head judges what is longer than its training texts: docs/decisions/0008."""
LICENCE = "Apache-2.0"
TRAINING_DATA: tuple[tuple[set[str], dict[str, str]], ...] = (
    ({"emotions"}, {"name": "GoEmotions", "licence": "Apache-2.0"}),
    ({"feelings", "topics"}, {"name": "Lemotif", "licence": "MIT"}),
    ({"feelings", "topics"}, {"name": "lines of this project", "licence": LICENCE}),
)
"""Which heads are trained on what."""
UNLABELLED = {"name": "Hippocorpus", "licence": "O-UDA-1.0"}
PREFIXES = {
    "emotions": "goemotions_dev",
    "feelings": "lemotif_dev_feelings",
    "topics": "lemotif_dev_topics",
}
"""How the manifest names each head's figures."""


def encoder_config(
    artifact: Artifact, heads: Mapping[str, Head], dimensions: int, batch: int = 1
) -> EncoderConfig:
    """The configuration of an encoder with these heads that takes ``batch`` texts at once."""
    return EncoderConfig(
        name=artifact.name,
        version=artifact.version,
        max_length=artifact.max_length,
        batch=batch,
        embedding=Output(output="embedding", dimensions=dimensions),
        heads=dict(heads),
    )


def untuned(labels: Mapping[str, Sequence[str]]) -> dict[str, Head]:
    """Heads before anything is fitted: every threshold .5, no temperature."""
    return {
        head: _head(head, names, [0.5] * len(names), [1.0] * len(names)) for head, names in labels.items()
    }


def tuned(found: Evaluation, fitted: Mapping[str, Fitted]) -> dict[str, Head]:
    """Heads with the thresholds and temperatures of an evaluation."""
    return {
        head: _head(
            head,
            [each.label for each in found.heads[head].int8.labels],
            one.thresholds.tolist(),
            one.scaling.temperatures.tolist(),
        )
        for head, one in fitted.items()
    }


def _head(
    name: str, labels: Sequence[str], thresholds: Sequence[float], temperatures: Sequence[float]
) -> Head:
    return Head(
        output=name,
        labels=tuple(labels),
        thresholds=tuple(round(each, 4) for each in thresholds),
        temperatures=tuple(temperatures),
        **READS.get(name, READS["emotions"]),
    )


def manifest_entry(config: Config, found: Evaluation, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The artifact's entry in ``models/manifest.json``; ``files`` gives sha256 and bytes by name."""
    learned = [source for heads, source in TRAINING_DATA if heads & found.heads.keys()]
    if learns_unlabelled(config):
        learned.append(UNLABELLED)
    return {
        "version": config.artifact.version,
        "description": config.artifact.description,
        "licence": LICENCE,
        "files": files,
        "source": {"kind": "committed"},
        "training_data": [{**source, "split": "train"} for source in learned],
        "base_model": BASE_MODEL,
        "metrics": {name: round(value, 4) for name, value in _headlines(found).items()},
    }


def _headlines(found: Evaluation) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for name, head in found.heads.items():
        prefix = PREFIXES.get(name, name)
        metrics |= {
            f"{prefix}_macro_f1_int8_crossfitted": head.int8.scores.macro_f1.value,
            f"{prefix}_micro_f1_int8_crossfitted": head.int8.scores.micro_f1.value,
            f"{prefix}_macro_f1_fp32_crossfitted": head.fp32.scores.macro_f1.value,
            f"{prefix}_classwise_calibration_error_int8_crossfitted": head.int8.after.classwise_error.value,
            f"{prefix}_brier_skill_int8_crossfitted": head.int8.after.brier_skill.value,
        }
    return metrics
