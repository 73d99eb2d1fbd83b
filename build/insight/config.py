"""Configuration of a run: a TOML file parsed into typed, validated structs."""

from __future__ import annotations

from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from build.config import (
    ConfigSection,
    Fraction,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    load_config,
)


class Base(StrEnum):
    """The pre-trained encoder that the reader starts from."""

    MINILM = "all-MiniLM-L6-v2"
    """6 layers, 384 wide, 22.7 M parameters."""
    MPNET = "all-mpnet-base-v2"
    """12 layers, 768 wide, 109 M parameters."""


class LossWeights(ConfigSection, frozen=True, kw_only=True):
    """Weight of each output's loss, which is a mean per decision (per label, sentence or entry)."""

    sentence_emotions: NonNegativeFloat = 28.0
    core: NonNegativeFloat = 1.0
    avoid: NonNegativeFloat = 1.0
    emotions: NonNegativeFloat = 4.0
    primary: NonNegativeFloat = 0.5
    feelings: NonNegativeFloat = 4.0
    topics: NonNegativeFloat = 2.0
    mood: NonNegativeFloat = 1.0
    support: NonNegativeFloat = 1.0


class Round(ConfigSection, frozen=True, kw_only=True):
    """Epochs with one learning-rate schedule: linear warm-up, then cosine decay to 0."""

    epochs: PositiveInt
    frozen_layers: NonNegativeInt = 0
    """Lower layers that are not trained, no fewer than in the round before.

    If there are any, the embeddings are not trained either.
    """
    loss: LossWeights = LossWeights()


class Training(ConfigSection, frozen=True, kw_only=True):
    """AdamW with warm restarts, over batches of entries of similar length."""

    rounds: Annotated[tuple[Round, ...], Meta(min_length=1)]
    """Each starts from the weights of the one before it."""
    batch_tokens: PositiveInt
    """Tokens of a batch, padding included."""
    learning_rate: PositiveFloat
    """Of the top layer."""
    layer_decay: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Factor of the learning rate from each layer to the one below it."""
    head_learning_rate: PositiveFloat = 1e-3
    weight_decay: NonNegativeFloat = 0.01
    warmup: Fraction = 0.08
    """Share of a round's steps."""
    dropout: Fraction = 0.1
    max_grad_norm: PositiveFloat = 1.0
    bf16: bool = True
    """Multiply matrices in bfloat16 (weights stay float32)."""
    primary_share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.7
    """Share of the primary emotion in its target; the entry's other emotions have the rest."""

    @property
    def epochs(self) -> int:
        """Epochs of all rounds."""
        return sum(part.epochs for part in self.rounds)

    def round_of(self, epoch: int) -> int:
        """The round that an epoch (counted from 0) belongs to."""
        ends = accumulate(part.epochs for part in self.rounds)
        return next(number for number, end in enumerate(ends) if epoch < end)


class Config(ConfigSection, frozen=True, kw_only=True):
    """One run."""

    name: str
    version: str
    seed: NonNegativeInt = 1
    threads: PositiveInt = 2
    base: Base
    max_tokens: Annotated[int, Meta(ge=16, le=512)] = 512
    """Longer entries are read in overlapping windows; training reads their first window."""
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Share of the training entries."""
    training: Training


def load(path: Path) -> Config:
    """Raises ConfigError if the file cannot be read or is not valid."""
    return load_config(path, Config)


def dev_mode(config: Config) -> Config:
    """The same run in minutes: the small encoder, a twentieth of the entries, one epoch."""
    training = replace(config.training, rounds=(Round(epochs=1),), batch_tokens=1024)
    return replace(config, name=f"{config.name}-dev", base=Base.MINILM, share=0.05, training=training)
