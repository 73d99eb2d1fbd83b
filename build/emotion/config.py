"""One run's configuration: a TOML file read into typed, checked structs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from build.errors import ConfigError
from build.evaluation.thresholds import Search

Positive = Annotated[int, Meta(ge=1)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Rate = Annotated[float, Meta(gt=0.0)]


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """AdamW, cosine decay after a linear warm-up, binary cross-entropy over every label."""

    epochs: Positive
    batch_size: Positive
    learning_rate: Rate
    head_rate: Rate = 1.0
    """Learning rate of the fresh head, as a multiple of the encoder's."""
    weight_decay: Annotated[float, Meta(ge=0.0)] = 0.01
    warmup: Fraction = 0.06
    """Share of all steps spent warming up."""
    dropout: Fraction = 0.1
    max_tokens: Annotated[int, Meta(ge=3, le=512)] = 64
    """Longest training text, special tokens included."""
    clip_norm: Rate = 1.0
    """Gradients longer than this are scaled down to it."""
    bf16: bool = True
    """Multiply matrices in bfloat16 (the weights stay float32)."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ships, and the limits it must keep."""

    name: str
    version: str
    description: str
    max_length: Annotated[int, Meta(ge=3, le=512)] = 128
    """Longest text served, in tokens, special tokens included."""
    max_megabytes: Rate = 24.0
    """Largest int8 file, in units of 10^6 bytes."""
    opset: Positive = 17


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides a run's result, with its seed."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    seed: int
    threads: Positive = 2
    training: Training
    artifact: Artifact
    thresholds: Search = Search()
    chosen_on_dev: str = "the thresholds"
    """What was decided by looking at the dev split; the card says it."""


def load(path: Path) -> Config:
    """Read and check a configuration.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or does not describe a run.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Config)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
