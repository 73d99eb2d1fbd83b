"""The contract of a shipped text encoder: ``config.json`` beside the model, and its entry in the manifest."""

from __future__ import annotations

from typing import Any

import msgspec

from build.base_model import NAME as BASE_MODEL
from build.emotion.config import Artifact
from build.emotion.evaluate import Evaluation

FILES = ("model.onnx", "tokenizer.json", "config.json")
"""What serving reads; the manifest pins these."""
LICENCE = "Apache-2.0"


class EmbeddingOutput(msgspec.Struct, frozen=True, kw_only=True):
    """Which output is the text's embedding, and how wide it is."""

    output: str
    dimensions: int


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """One classifier: its output and, in column order, labels, thresholds and temperatures."""

    output: str
    labels: list[str]
    thresholds: list[float]
    temperatures: list[float]


class EncoderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Everything serving needs to know about the model that the model file does not say."""

    name: str
    version: str
    max_length: int
    embedding: EmbeddingOutput
    heads: dict[str, Head]


def encoder_config(artifact: Artifact, evaluation: Evaluation, dimensions: int) -> EncoderConfig:
    """The configuration that ships: thresholds fitted on all of dev; probabilities are not yet tempered."""
    scores = evaluation.labels
    emotions = Head(
        output="emotions",
        labels=[score.label for score in scores],
        thresholds=[round(score.threshold, 4) for score in scores],
        temperatures=[1.0] * len(scores),
    )
    return EncoderConfig(
        name=artifact.name,
        version=artifact.version,
        max_length=artifact.max_length,
        embedding=EmbeddingOutput(output="embedding", dimensions=dimensions),
        heads={"emotions": emotions},
    )


def manifest_entry(
    artifact: Artifact, evaluation: Evaluation, files: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The artifact's entry in ``models/manifest.json``; ``files`` gives sha256 and bytes by name."""
    return {
        "version": artifact.version,
        "description": artifact.description,
        "licence": LICENCE,
        "files": files,
        "source": {"kind": "committed"},
        "training_data": [{"name": "GoEmotions", "licence": "Apache-2.0", "split": "train"}],
        "base_model": BASE_MODEL,
        "metrics": {name: round(value, 4) for name, value in _headlines(evaluation).items()},
    }


def _headlines(evaluation: Evaluation) -> dict[str, float]:
    return {
        "goemotions_dev_macro_f1_int8_crossfitted": evaluation.int8.macro_f1,
        "goemotions_dev_micro_f1_int8_crossfitted": evaluation.int8.micro_f1,
        "goemotions_dev_macro_f1_fp32_crossfitted": evaluation.fp32.macro_f1,
        "goemotions_dev_calibration_error_int8": evaluation.int8.calibration_error,
    }
