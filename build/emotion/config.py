"""One run's configuration: a TOML file read into typed, checked structs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from msgspec import Meta, field
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
from build.data.noise import Noise
from build.evaluation.harness import EvaluationConfig
from build.evaluation.thresholds import ThresholdSearch


class LossKind(StrEnum):
    BCE = "bce"
    WEIGHTED = "weighted"
    FOCAL = "focal"
    ASYMMETRIC = "asymmetric"


class Loss(ConfigSection, frozen=True, kw_only=True):
    """How a decision's error is counted; see ``build.emotion.losses``."""

    kind: LossKind = LossKind.BCE
    gamma: NonNegativeFloat = 2.0
    """Focal: how little easy decisions count. Asymmetric: the same, for labels that are absent."""
    smoothing: Fraction = 0.0
    """Label smoothing: how far targets move from 0 and 1 towards 1/2."""


class Pooling(StrEnum):
    """What of a text the emotions are read from."""

    MEAN = "mean"
    """The mean of its tokens, as the embedding is."""
    FIRST = "first"
    """The token in front of it ([CLS]), so that what is felt need not move the embedding."""


class Augmentation(ConfigSection, frozen=True, kw_only=True):
    """Texts are distorted anew in each epoch."""

    share: Fraction = 0.0
    """Of all texts."""
    strength: Fraction = 0.1
    kinds: tuple[Noise, ...] = tuple(Noise)


class Training(ConfigSection, frozen=True, kw_only=True):
    """AdamW, cosine decay after a linear warm-up."""

    epochs: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    head_rate: PositiveFloat = 1.0
    """Learning rate of the fresh heads, as a multiple of the encoder's."""
    weight_decay: NonNegativeFloat = 0.01
    warmup: Fraction = 0.06
    """Share of all steps spent warming up."""
    dropout: Fraction = 0.1
    pooling: Pooling = Pooling.MEAN
    max_tokens: Annotated[int, Meta(ge=3, le=512)] = 64
    """Longest training text, special tokens included."""
    clip_norm: PositiveFloat = 1.0
    """Gradients longer than this are scaled down to it."""
    bf16: bool = True
    """Multiply matrices in bfloat16 (the weights stay float32)."""
    balance: Fraction = 0.0
    """0 takes every text once an epoch; 1 draws them so that every label comes equally often."""
    average: Fraction = 0.0
    """Decay of the running mean of the weights that is kept in place of the last ones; 0 keeps the last."""
    patience: NonNegativeInt = 0
    """Epochs without a lower dev loss before it stops and keeps the best; 0 never stops early."""
    loss: Loss = Loss()
    augmentation: Augmentation = Augmentation()


class Teacher(ConfigSection, frozen=True, kw_only=True):
    """The ensemble: ``folds`` members, each trained on the texts that are not in its fold."""

    folds: Annotated[int, Meta(ge=2)] = 5
    training: Training
    losses: tuple[Loss, ...] = (Loss(),)
    """Taken in turn by the members."""


class Distillation(ConfigSection, frozen=True, kw_only=True):
    """What the student learns from its teacher."""

    share: Fraction = 0.5
    """Of a target, how much is the teacher's probability; the rest is what the annotators said."""
    unlabelled: NonNegativeInt = 0
    """Sentences of Hippocorpus the teacher alone labels."""


class Heads(ConfigSection, frozen=True, kw_only=True):
    """What the student knows beside emotions."""

    feelings: bool = False
    topics: bool = False
    """Fitted on the trained encoder, which they leave as it is."""
    embedding: NonNegativeFloat = 0.0
    """NonNegativeFloat of keeping the embedding where the untouched base model has it; 0 lets it go."""
    least_examples: PositiveInt = 10
    """Feelings and topics with fewer training examples cannot be learned, and are left out."""


class Journal(ConfigSection, frozen=True, kw_only=True):
    """How feelings and topics are fitted on the trained encoder."""

    strengths: tuple[PositiveFloat, ...] = (1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 1.0)
    """Of the regression, scikit-learn's C, to choose from by cross-validation: the weaker, the larger."""


class Trials(ConfigSection, frozen=True, kw_only=True):
    """How much the ablation trains."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.3
    """Of the comments, for one epoch."""
    seeds: tuple[int, ...] = (1, 2)


class Compression(ConfigSection, frozen=True, kw_only=True):
    """What is tried to make the student small; what ships follows from the table of all."""

    variants: tuple[str, ...] = ()
    """Ways to quantise it, of ``build.quantisation.variants``, float32 first; none named: all."""
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By change (of ``build.emotion.shrinking``, or "latin"), the ways to quantise what comes of it."""
    share: Fraction = 0.3
    """Of the comments, what a changed network is trained on."""
    learning_rate: PositiveFloat = 3e-5
    calibration_texts: PositiveInt = 256
    repeats: PositiveInt = 4
    """Cross-fittings a graph."""
    timed: PositiveInt = 100
    """Texts that speed is measured on."""
    most_lost: NonNegativeFloat = 0.003
    """Macro-F1 a graph may lose against float32, and surely so."""
    tie: PositiveFloat = 1.1
    """Graphs at most this many times as slow as the quickest count as equally quick."""


class Artifact(ConfigSection, frozen=True, kw_only=True):
    """What ships, and the limits it must keep."""

    name: str
    version: str
    description: str
    max_length: Annotated[int, Meta(ge=3, le=512)] = 128
    """Longest text served, in tokens, special tokens included."""
    max_megabytes: PositiveFloat = 24.0
    """Largest int8 file, in units of 10^6 bytes."""
    opset: PositiveInt = 17


class Config(ConfigSection, frozen=True, kw_only=True):
    """Everything that decides a run's result, with its seed."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    seed: int
    threads: PositiveInt = 2
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Of every split, how much is used."""
    training: Training
    teacher: Teacher | None = None
    """None trains on the annotators' labels alone."""
    distillation: Distillation = Distillation()
    heads: Heads = Heads()
    journal: Journal = Journal()
    trials: Trials = Trials()
    compression: Compression = Compression()
    artifact: Artifact
    thresholds: ThresholdSearch = ThresholdSearch()
    evaluation: EvaluationConfig = EvaluationConfig()
    chosen_on_dev: str = "the thresholds"
    """What was decided by looking at the dev split; the card says it."""


def learns_unlabelled(config: Config) -> bool:
    """Whether the student sees sentences that teachers alone label."""
    return bool(config.teacher and config.distillation.unlabelled)


DEV_SHARE = 0.05
DEV_BATCH = 128


def dev_mode(config: Config) -> Config:
    """The same run on a twentieth of the data, in minutes: to see that it works, not for its figures."""
    training = replace(config.training, epochs=1, batch_size=DEV_BATCH)
    teacher = config.teacher and replace(
        config.teacher, folds=2, training=replace(config.teacher.training, epochs=1, batch_size=DEV_BATCH)
    )
    distillation = replace(config.distillation, unlabelled=round(config.distillation.unlabelled * DEV_SHARE))
    return replace(
        config,
        name=f"{config.name}-dev",
        share=DEV_SHARE,
        training=training,
        teacher=teacher,
        distillation=distillation,
        heads=replace(config.heads, least_examples=1),
        journal=Journal(strengths=(0.01,)),
        trials=replace(config.trials, seeds=config.trials.seeds[:1]),
        compression=_in_short(config.compression),
        thresholds=replace(config.thresholds, repeats=2),
        evaluation=EvaluationConfig(draws=100, strengths=(0.1,), robustness_rows=50),
    )


def _in_short(whole: Compression) -> Compression:
    """One way of each kind; so little training loses what it will."""
    changes = {name: ways[-1:] for name, ways in whole.changes.items()}
    ways = ("fp32", "int8-dynamic", "int8-static")
    return replace(
        whole, variants=ways, changes=changes, calibration_texts=16, repeats=1, timed=20, most_lost=1.0
    )


def load(path: Path) -> Config:
    """Read and check a configuration.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or does not describe a run.
    """
    return load_config(path, Config)
