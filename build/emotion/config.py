"""Configuration of a run: a TOML file parsed into typed, validated structs."""

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
from build.text_encoder import Pooling


class LossKind(StrEnum):
    BCE = "bce"
    WEIGHTED = "weighted"
    FOCAL = "focal"
    ASYMMETRIC = "asymmetric"


class Loss(ConfigSection, frozen=True, kw_only=True):
    """Loss of a decision; see ``build.emotion.training.losses``."""

    kind: LossKind = LossKind.BCE
    gamma: NonNegativeFloat = 2.0
    """Focal: how strongly easy decisions are down-weighted. Asymmetric: the same, for absent labels only."""
    smoothing: Fraction = 0.0
    """Label smoothing: how far targets are moved from 0 and 1 towards 1/2."""


class Augmentation(ConfigSection, frozen=True, kw_only=True):
    """Adds noise to texts, anew in each epoch."""

    share: Fraction = 0.0
    """Share of the texts."""
    strength: Fraction = 0.1
    kinds: tuple[Noise, ...] = tuple(Noise)


class Training(ConfigSection, frozen=True, kw_only=True):
    """AdamW with linear warm-up and cosine decay."""

    epochs: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    head_lr_multiplier: PositiveFloat = 1.0
    """Learning rate of the new heads, as a multiple of the encoder's."""
    weight_decay: NonNegativeFloat = 0.01
    warmup: Fraction = 0.06
    """Share of all steps."""
    dropout: Fraction = 0.1
    pooling: Pooling = Pooling.MEAN
    max_tokens: Annotated[int, Meta(ge=3, le=512)] = 64
    """Training texts are truncated to this length, special tokens included."""
    max_grad_norm: PositiveFloat = 1.0
    """Gradients are clipped to this norm."""
    bf16: bool = True
    """Multiply matrices in bfloat16 (weights stay float32)."""
    class_balance: Fraction = 0.0
    """0 uses every text once per epoch; 1 samples texts so that all labels are equally frequent."""
    ema_decay: Fraction = 0.0
    """Decay of the weights' exponential moving average, which replaces the last weights; 0 turns it off."""
    patience: NonNegativeInt = 0
    """Epochs without a lower dev loss before training stops and keeps the best; 0 never stops early."""
    loss: Loss = Loss()
    augmentation: Augmentation = Augmentation()


class Teacher(ConfigSection, frozen=True, kw_only=True):
    """The teacher ensemble: ``folds`` members, each trained on the texts outside its fold."""

    folds: Annotated[int, Meta(ge=2)] = 5
    training: Training
    losses: tuple[Loss, ...] = (Loss(),)
    """Assigned to the members in turn."""


class Distillation(ConfigSection, frozen=True, kw_only=True):
    """What the student learns from the teachers."""

    teacher_weight: Fraction = 0.5
    """Weight of the teachers' probability in a target; the annotators' label has the rest."""
    unlabelled_sentences: NonNegativeInt = 0
    """Sentences of Hippocorpus for which the teachers' probabilities are the only target."""


class Heads(ConfigSection, frozen=True, kw_only=True):
    """What the student predicts besides emotions."""

    feelings: bool = False
    topics: bool = False
    """Feelings and topics are linear heads, fitted on the trained encoder without changing it."""
    embedding_distillation: NonNegativeFloat = 0.0
    """Weight of the loss that keeps the embedding close to the base model's; 0 turns it off."""
    min_examples: PositiveInt = 10
    """Feelings and topics with fewer training examples are dropped."""


class LinearHeads(ConfigSection, frozen=True, kw_only=True):
    """How feelings and topics are fitted on the trained encoder."""

    c_grid: tuple[PositiveFloat, ...] = (1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 1.0)
    """Values of the logistic regression's C (inverse regularization) to choose from by cross-validation."""


class AblationConfig(ConfigSection, frozen=True, kw_only=True):
    """Size of the ablation's training runs."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.3
    """Share of the comments, for one epoch."""
    seeds: tuple[int, ...] = (1, 2)


class Compression(ConfigSection, frozen=True, kw_only=True):
    """Candidates for a smaller model; what ships is selected from the comparison of all."""

    variants: tuple[str, ...] = ()
    """Variants of ``build.quantization.variants``, float32 first; empty: all."""
    model_changes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The variants of each changed model: of ``build.emotion.compression.model_changes``, or "latin"."""
    finetune_share: Fraction = 0.3
    """Share of the comments on which a changed network is fine-tuned."""
    learning_rate: PositiveFloat = 3e-5
    calibration_texts: PositiveInt = 256
    repeats: PositiveInt = 4
    """Cross-validation repeats per graph."""
    timed_texts: PositiveInt = 100
    """Texts for measuring latency."""
    max_f1_loss: NonNegativeFloat = 0.003
    """Macro-F1 that a graph may lose against float32, as the bound of its confidence interval."""
    latency_tolerance: PositiveFloat = 1.1
    """Graphs at most this many times as slow as the fastest count as equally fast."""


class Artifact(ConfigSection, frozen=True, kw_only=True):
    """The released artifact and its limits."""

    name: str
    version: str
    description: str
    max_length: Annotated[int, Meta(ge=3, le=512)] = 128
    """Longest text in serving, in tokens, special tokens included."""
    max_megabytes: PositiveFloat = 24.0
    """Largest int8 file, in 10^6 bytes."""
    opset: PositiveInt = 17


class Config(ConfigSection, frozen=True, kw_only=True):
    """Everything that determines the result of a run, including its seed."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    seed: int
    threads: PositiveInt = 2
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Share of every split that is used."""
    training: Training
    teacher: Teacher | None = None
    """None trains on the annotators' labels alone."""
    distillation: Distillation = Distillation()
    heads: Heads = Heads()
    linear_heads: LinearHeads = LinearHeads()
    ablation: AblationConfig = AblationConfig()
    compression: Compression = Compression()
    artifact: Artifact
    thresholds: ThresholdSearch = ThresholdSearch()
    evaluation: EvaluationConfig = EvaluationConfig()
    chosen_on_dev: str = "the thresholds"
    """What was chosen by looking at the dev split; stated in the model card."""


def uses_unlabelled(config: Config) -> bool:
    """Whether the student trains on sentences that only the teachers label."""
    return bool(config.teacher and config.distillation.unlabelled_sentences)


DEV_SHARE = 0.05
DEV_BATCH = 128


def dev_mode(config: Config) -> Config:
    """The same run on a twentieth of the data, in minutes: to check that it works, not for its figures."""
    training = replace(config.training, epochs=1, batch_size=DEV_BATCH)
    teacher = config.teacher and replace(
        config.teacher, folds=2, training=replace(config.teacher.training, epochs=1, batch_size=DEV_BATCH)
    )
    distillation = replace(
        config.distillation, unlabelled_sentences=round(config.distillation.unlabelled_sentences * DEV_SHARE)
    )
    return replace(
        config,
        name=f"{config.name}-dev",
        share=DEV_SHARE,
        training=training,
        teacher=teacher,
        distillation=distillation,
        heads=replace(config.heads, min_examples=1),
        linear_heads=LinearHeads(c_grid=(0.01,)),
        ablation=replace(config.ablation, seeds=config.ablation.seeds[:1]),
        compression=_shortened(config.compression),
        thresholds=replace(config.thresholds, repeats=2),
        evaluation=EvaluationConfig(bootstrap_samples=100, noise_strengths=(0.1,), robustness_texts=50),
    )


def _shortened(compression: Compression) -> Compression:
    """One variant of each kind; with so little training, any loss of F1 is accepted."""
    model_changes = {name: variants[-1:] for name, variants in compression.model_changes.items()}
    variants = ("fp32", "int8-dynamic", "int8-static")
    return replace(
        compression,
        variants=variants,
        model_changes=model_changes,
        calibration_texts=16,
        repeats=1,
        timed_texts=20,
        max_f1_loss=1.0,
    )


def load(path: Path) -> Config:
    """Read and validate a configuration.

    Raises:
        ConfigError: the file cannot be read, is not valid TOML, or has invalid values.
    """
    return load_config(path, Config)
