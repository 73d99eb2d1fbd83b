"""What a shipped text encoder says of itself: ``config.json`` beside the model, and its manifest entry.

``config.json`` is written with the very struct that serving reads it with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from build.base_model import NAME as BASE_MODEL
from build.emotion.config import Artifact
from build.emotion.evaluate import Evaluation
from functions.shared.encoder import EncoderConfig, Head, Output

FILES = ("model.onnx", "tokenizer.json", "config.json")
"""What serving reads; the manifest pins these."""
HEAD = "emotions"
LICENCE = "Apache-2.0"
TRAINING_DATA: tuple[tuple[set[str], dict[str, str]], ...] = (
    ({"emotions"}, {"name": "GoEmotions", "licence": "Apache-2.0"}),
    ({"feelings", "topics"}, {"name": "Lemotif", "licence": "MIT"}),
)
"""Which heads are trained on what."""
PREFIXES = {
    "emotions": "goemotions_dev",
    "feelings": "lemotif_dev_feelings",
    "topics": "lemotif_dev_topics",
}
"""How the manifest names each head's figures."""


def encoder_config(
    artifact: Artifact,
    labels: Sequence[str],
    thresholds: Sequence[float],
    dimensions: int,
    temperatures: Sequence[float] | None = None,
) -> EncoderConfig:
    """The configuration of an encoder with one head; without temperatures, each is 1."""
    head = Head(
        output="emotions",
        labels=tuple(labels),
        thresholds=tuple(round(float(each), 4) for each in thresholds),
        temperatures=tuple(temperatures or [1.0] * len(labels)),
    )
    return EncoderConfig(
        name=artifact.name,
        version=artifact.version,
        max_length=artifact.max_length,
        embedding=Output(output="embedding", dimensions=dimensions),
        heads={HEAD: head},
    )


def manifest_entry(artifact: Artifact, found: Evaluation, files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The artifact's entry in ``models/manifest.json``; ``files`` gives sha256 and bytes by name."""
    return {
        "version": artifact.version,
        "description": artifact.description,
        "licence": LICENCE,
        "files": files,
        "source": {"kind": "committed"},
        "training_data": [
            {**source, "split": "train"} for heads, source in TRAINING_DATA if heads & found.heads.keys()
        ],
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
