"""Configuration of a run: a TOML file parsed into typed, validated structs."""

from __future__ import annotations

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
from functions.summarization.abstracts.word_bias import WordBias

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class Network(ConfigSection, frozen=True, kw_only=True):
    """The decoder on top of the base model's encoder."""

    decoder_layers_from: tuple[NonNegativeInt, ...] = (1, 3, 5)
    """Encoder layers that the decoder's layers are initialized from."""
    positions: PositiveInt = 160
    """Longest summary in tokens, including its length token."""
    dropout: Fraction = 0.1
    output_vocabulary: PositiveInt = 10000
    """Number of tokens it can generate, the most frequent of the training texts; it copies all others."""


class Training(ConfigSection, frozen=True, kw_only=True):
    """AdamW with linear warm-up and cosine decay; a checkpoint after every epoch."""

    epochs: PositiveInt
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Share of the pairs used per epoch."""
    batch_tokens: PositiveInt = 6000
    """Source tokens per batch, padding included."""
    encoder_lr: PositiveFloat = 1e-4
    decoder_lr: PositiveFloat = 4e-4
    weight_decay: Fraction = 0.01
    warmup: Fraction = 0.06
    max_grad_norm: PositiveFloat = 1.0
    max_source: Annotated[int, Meta(ge=16, le=512)] = 512
    """Sources are truncated to this many tokens."""
    bf16: bool = True
    ema_decay: Fraction = 0.0
    """Decay of the weights' exponential moving average, which replaces the last weights; 0 turns it off."""


class Pretraining(ConfigSection, frozen=True, kw_only=True):
    """Pretraining on texts without summaries."""

    training: Training
    gap_share: Fraction = 1.0
    """Share of an epoch's stories used as gap-sentence examples."""
    passages: NonNegativeInt = 8000
    """Denoising examples from passages of stories, per full epoch."""
    comments: NonNegativeInt = 16000
    """Denoising examples from comments (GoEmotions), per full epoch."""


class Artifact(ConfigSection, frozen=True, kw_only=True):
    """The released artifact."""

    version: str
    description: str
    licence: str = "Apache-2.0"
    max_source: Annotated[int, Meta(ge=16, le=512)] = 512
    beams: PositiveInt = 4
    length_penalty: float = 1.0
    no_repeat: NonNegativeInt = 3
    most: PositiveInt = 96
    """Maximum tokens of a summary."""
    worth: WordBias = WordBias()
    least_supported: Fraction = 0.0


class Variant(ConfigSection, frozen=True, kw_only=True):
    """Fine-tuning on pairs."""

    datasets: tuple[str, ...]
    init_from: str | None = None
    """Another variant whose weights initialize this one; default: the pretrained weights."""
    teacher: str | None = None
    """Another variant whose summaries of the same texts are additional targets (Kim and Rush 2016,
    https://aclanthology.org/D16-1139).
    """
    training: Training
    artifact: Artifact
    sentence_dropout: Fraction = 0.1
    """Share of source sentences dropped at random, so that no source is seen twice."""
    quote_shares: tuple[Fraction, ...] = ()
    """By epoch, the share of pairs whose target is the extract instead of the summary."""

    @property
    def weight_settings(self) -> dict[str, object]:
        """The settings that determine the weights."""
        return {
            "datasets": self.datasets,
            "init_from": self.init_from,
            "teacher": self.teacher,
            "training": self.training,
            "sentence_dropout": self.sentence_dropout,
            "quote_shares": self.quote_shares,
        }


class Titles(ConfigSection, frozen=True, kw_only=True):
    """How the scorer of titles is fitted."""

    c: PositiveFloat = 0.05
    """C (inverse regularization) of the logistic regression."""
    title_weight: Fraction = 0.85
    """Weight of what a phrase has in common with the title, relative to its words that are also told."""
    min_resemblance: Fraction = 0.3
    """Phrases that resemble the title at least this much are all examples."""
    other_phrases: PositiveInt = 40
    """Examples from an entry's other phrases."""
    min_count: PositiveInt = 20
    """Minimum number of examples with a feature."""
    least: Fraction = 0.1
    """The least probability of a title."""


class Extractive(ConfigSection, frozen=True, kw_only=True):
    """How the extractive engine is fitted and tuned."""

    folds: Annotated[int, Meta(ge=2)] = 5
    ridge_alpha: PositiveFloat = 1000.0
    embedding_scale: PositiveFloat = 1.0
    """Ratio of the embedding's prior variance to that of the other weights."""
    word_c: PositiveFloat = 0.1
    """C (inverse regularization) of the word model's logistic regression."""
    prior_strength: PositiveFloat = 3.0
    """Weight, in stories, of the prior that pulls a word's log-odds towards those of all words."""
    min_stories: PositiveFloat = 8.0
    """Stories that must contain a word for it to have its own log-odds."""
    min_name_texts: PositiveInt = 3
    """Texts that must contain a name."""
    min_name_share: Fraction = 0.9
    """Minimum share of a name's occurrences that are capitalized."""
    min_noun_count: PositiveInt = 5
    """Minimum number of occurrences of a noun."""
    min_noun_share: Fraction = 0.25
    """Minimum share of a noun's occurrences after a determiner and not before a word it could modify."""
    short_note_words: PositiveInt = 25
    score_weights: tuple[PositiveFloat, ...] = (0.02, 0.05, 0.08, 0.12)
    sentence_words: tuple[PositiveInt, ...] = (13, 15, 17, 19)
    max_words: tuple[PositiveInt, ...] = (20, 24)
    emotion_weights: tuple[NonNegativeFloat, ...] = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0)
    max_rouge_loss: NonNegativeFloat = 0.1
    """ROUGE-1 that may be lost by weighting emotions."""


class Config(ConfigSection, frozen=True, kw_only=True):
    """Everything that determines the result of a run, including its seed."""

    name: Name
    seed: int
    threads: PositiveInt = 2
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Share of every split that is used."""
    network: Network = Network()
    example_weights: dict[str, PositiveFloat] = field(default_factory=dict)
    """Weight of a pair by its kind or dataset; default: 1."""
    pretraining: Pretraining
    variants: dict[str, Variant]
    extractive: Extractive = Extractive()
    titles: Titles = Titles()
    extractive_version: str
    evaluated_pairs: PositiveInt | None = None
    """Pairs of each dev set used in the evaluation; default: all."""
    monitored_pairs: PositiveInt = 96
    """Dev pairs that are summarized after every epoch."""

    def __post_init__(self) -> None:
        for name, variant in self.variants.items():
            if variant.artifact.most >= self.network.positions:
                raise ValueError(f"{name}: summaries of {variant.artifact.most} tokens need more positions")
            earlier = list(self.variants)[: list(self.variants).index(name)]
            for dependency in filter(None, (variant.teacher, variant.init_from)):
                if dependency not in earlier:
                    raise ValueError(f"{name}: no variant {dependency!r} precedes it")


def load(path: Path) -> Config:
    """Read and validate a configuration.

    Raises:
        ConfigError: the file cannot be read, is not valid TOML, or has invalid values.
    """
    return load_config(path, Config)


DEV_SHARE = 0.01


def dev_mode(config: Config) -> Config:
    """The same run on a hundredth of the data, in minutes: to check that it works, not for its figures."""
    pretraining = replace(
        config.pretraining,
        passages=round(config.pretraining.passages * DEV_SHARE),
        comments=round(config.pretraining.comments * DEV_SHARE),
        training=_shortened(config.pretraining.training),
    )
    variants = {
        name: replace(variant, training=_shortened(variant.training))
        for name, variant in config.variants.items()
    }
    return replace(
        config,
        name=f"{config.name}-dev",
        share=DEV_SHARE,
        monitored_pairs=4,
        evaluated_pairs=6,
        extractive=_untuned(config.extractive),
        pretraining=pretraining,
        variants=variants,
    )


def _shortened(training: Training) -> Training:
    return replace(training, epochs=2)


def _untuned(settings: Extractive) -> Extractive:
    """The first value of every grid, and no minimum frequency of words."""
    return replace(
        settings,
        folds=2,
        min_stories=1.0,
        score_weights=settings.score_weights[:1],
        sentence_words=settings.sentence_words[:1],
        max_words=settings.max_words[:1],
        emotion_weights=settings.emotion_weights[:1],
    )
