"""One run's configuration: a TOML file read into typed, checked structs."""

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
from functions.summarization.worth import Worth

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class Network(ConfigSection, frozen=True, kw_only=True):
    """The decoder on top of the base model's encoder."""

    layers_from: tuple[NonNegativeInt, ...] = (1, 3, 5)
    """Which layers of the encoder the decoder's layers begin as."""
    positions: PositiveInt = 160
    """Longest summary in tokens, its length mark included."""
    dropout: Fraction = 0.1
    common: PositiveInt = 10000
    """How many tokens it can write of itself, the most frequent of what it learns from; others it copies."""


class Training(ConfigSection, frozen=True, kw_only=True):
    """AdamW, cosine decay after a linear warm-up, in rounds that each end with a checkpoint."""

    rounds: PositiveInt
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Of the pairs, how many one round takes."""
    batch_tokens: PositiveInt = 6000
    """Source tokens of a batch, padding included."""
    encoder_rate: PositiveFloat = 1e-4
    decoder_rate: PositiveFloat = 4e-4
    weight_decay: Fraction = 0.01
    warmup: Fraction = 0.06
    max_grad_norm: PositiveFloat = 1.0
    max_source: Annotated[int, Meta(ge=16, le=512)] = 512
    """Longest source in tokens; the rest is cut."""
    bf16: bool = True
    ema_decay: Fraction = 0.0
    """Decay of the running mean of the weights that is kept in place of the last ones; 0 keeps the last."""


class Pretraining(ConfigSection, frozen=True, kw_only=True):
    """Learning to write from texts without summaries."""

    training: Training
    gaps: Fraction = 1.0
    """Of the stories a round, for how many some of its best sentences are to be written."""
    passages: NonNegativeInt = 8000
    """How many passages of stories are to be restored, a full round."""
    comments: NonNegativeInt = 16000
    """How many comments (GoEmotions) likewise."""


class Artifact(ConfigSection, frozen=True, kw_only=True):
    """What ships."""

    version: str
    description: str
    licence: str = "Apache-2.0"
    max_source: Annotated[int, Meta(ge=16, le=512)] = 512
    beams: PositiveInt = 4
    length_penalty: float = 1.0
    no_repeat: NonNegativeInt = 3
    most: PositiveInt = 96
    """Tokens of a summary."""
    worth: Worth = Worth()
    least_supported: Fraction = 0.0


class Variant(ConfigSection, frozen=True, kw_only=True):
    """Fine-tuning on pairs."""

    sets: tuple[str, ...]
    after: str | None = None
    """Another variant, from whose weights it goes on; from pretraining's where not given."""
    teacher: str | None = None
    """Another variant, whose summaries of the same texts it learns from as well (Kim and Rush 2016,
    https://aclanthology.org/D16-1139)."""
    training: Training
    artifact: Artifact
    skipped_sentences: Fraction = 0.1
    """Of a source's sentences, how many are left out at random, so that no text is seen twice."""
    quoting: tuple[Fraction, ...] = ()
    """By round, of how many pairs the quotes are to be written instead of the summary."""

    @property
    def learning(self) -> dict[str, object]:
        """All of it that decides the weights."""
        return {
            "sets": self.sets,
            "after": self.after,
            "teacher": self.teacher,
            "training": self.training,
            "skipped_sentences": self.skipped_sentences,
            "quoting": self.quoting,
        }


class Extractive(ConfigSection, frozen=True, kw_only=True):
    """How the extractive engine is fitted, and between what is chosen."""

    folds: Annotated[int, Meta(ge=2)] = 5
    ridge: PositiveFloat = 1000.0
    embedding_scale: PositiveFloat = 1.0
    """How much more freely the embedding's weights may grow than the others'."""
    strength: PositiveFloat = 0.1
    """Of the regression on words, scikit-learn's C."""
    prior_stories: PositiveFloat = 3.0
    """How many stories' worth a word's own log-odds is drawn towards all words'."""
    rarest: PositiveFloat = 8.0
    """Stories a word must be in to have log-odds of its own."""
    name_texts: PositiveInt = 3
    """PretrainingTexts a name must be in."""
    name_share: Fraction = 0.9
    """How often a name must be written with a capital."""
    noun_texts: PositiveInt = 5
    """How often a noun must come."""
    noun_share: Fraction = 0.25
    """How often a noun must stand behind an article or possessive, and before nothing it could describe."""
    short_note_words: PositiveInt = 25
    score_weights: tuple[PositiveFloat, ...] = (0.02, 0.05, 0.08, 0.12)
    sentence_words: tuple[PositiveInt, ...] = (13, 15, 17, 19)
    most_words: tuple[PositiveInt, ...] = (20, 24)
    emotion_weights: tuple[NonNegativeFloat, ...] = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0)
    emotion_costs: NonNegativeFloat = 0.1
    """ROUGE-1 that quoting what was felt may cost."""


class Config(ConfigSection, frozen=True, kw_only=True):
    """Everything that decides a run's result, with its seed."""

    name: Name
    seed: int
    threads: PositiveInt = 2
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Of every split, how much is used."""
    network: Network = Network()
    weights: dict[str, PositiveFloat] = field(default_factory=dict)
    """How much a pair of a kind or set counts; 1 where not named."""
    pretraining: Pretraining
    variants: dict[str, Variant]
    extractive: Extractive = Extractive()
    extractive_version: str
    judged: PositiveInt | None = None
    """Pairs of each dev set that are summarised in the evaluation; all where not given."""
    watched: PositiveInt = 96
    """Dev pairs that are summarised after every round."""

    def __post_init__(self) -> None:
        for name, variant in self.variants.items():
            if variant.artifact.most >= self.network.positions:
                raise ValueError(
                    f"{name}: summaries of {variant.artifact.most} tokens need as many positions"
                )
            before = list(self.variants)[: list(self.variants).index(name)]
            for needed in filter(None, (variant.teacher, variant.after)):
                if needed not in before:
                    raise ValueError(f"{name}: there is no variant {needed!r} before it")


def load(path: Path) -> Config:
    """Read and check a configuration.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or does not describe a run.
    """
    return load_config(path, Config)


DEV_SHARE = 0.01


def dev_mode(config: Config) -> Config:
    """The same run on a hundredth of the data, in minutes: to see that it works, not for its figures."""
    pretraining = replace(
        config.pretraining,
        passages=round(config.pretraining.passages * DEV_SHARE),
        comments=round(config.pretraining.comments * DEV_SHARE),
        training=_in_short(config.pretraining.training),
    )
    variants = {
        name: replace(variant, training=_in_short(variant.training))
        for name, variant in config.variants.items()
    }
    return replace(
        config,
        name=f"{config.name}-dev",
        share=DEV_SHARE,
        watched=4,
        judged=6,
        extractive=_without_choice(config.extractive),
        pretraining=pretraining,
        variants=variants,
    )


def _in_short(training: Training) -> Training:
    return replace(training, rounds=2)


def _without_choice(settings: Extractive) -> Extractive:
    """The first of everything, and no word too rare."""
    return replace(
        settings,
        folds=2,
        rarest=1.0,
        score_weights=settings.score_weights[:1],
        sentence_words=settings.sentence_words[:1],
        most_words=settings.most_words[:1],
        emotion_weights=settings.emotion_weights[:1],
    )
