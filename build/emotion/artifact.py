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


def encoder_config(
    artifact: Artifact, labels: Sequence[str], thresholds: Sequence[float], dimensions: int
) -> EncoderConfig:
    """The configuration of an encoder with one head; its probabilities are not tempered yet."""
    head = Head(
        output="emotions",
        labels=tuple(labels),
        thresholds=tuple(round(float(each), 4) for each in thresholds),
        temperatures=(1.0,) * len(labels),
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
        "training_data": [{"name": "GoEmotions", "licence": "Apache-2.0", "split": "train"}],
        "base_model": BASE_MODEL,
        "metrics": {name: round(value, 4) for name, value in _headlines(found).items()},
    }


def _headlines(found: Evaluation) -> dict[str, float]:
    return {
        "goemotions_dev_macro_f1_int8_crossfitted": found.int8.macro_f1,
        "goemotions_dev_micro_f1_int8_crossfitted": found.int8.micro_f1,
        "goemotions_dev_macro_f1_fp32_crossfitted": found.fp32.macro_f1,
        "goemotions_dev_calibration_error_int8": found.int8.calibration_error,
    }
