"""One run's configuration: a TOML file read into typed, checked structs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, field
from msgspec.structs import replace

from build import settings
from build.settings import Count, Fraction, Positive, Rate, Settings, Weight
from functions.summarization.word_bias import WordBias

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class Network(Settings, frozen=True, kw_only=True):
    """The decoder on top of the base model's encoder."""

    layers_from: tuple[Count, ...] = (1, 3, 5)
    """Which layers of the encoder the decoder's layers begin as."""
    positions: Positive = 160
    """Longest summary in tokens, its length mark included."""
    dropout: Fraction = 0.1
    common: Positive = 10000
    """How many tokens it can write of itself, the most frequent of what it learns from; others it copies."""


class Training(Settings, frozen=True, kw_only=True):
    """AdamW, cosine decay after a linear warm-up, in rounds that each end with a checkpoint."""

    rounds: Positive
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Of the pairs, how many one round takes."""
    batch_tokens: Positive = 6000
    """Source tokens of a batch, padding included."""
    encoder_rate: Rate = 1e-4
    decoder_rate: Rate = 4e-4
    weight_decay: Fraction = 0.01
    warmup: Fraction = 0.06
    clip_norm: Rate = 1.0
    max_source: Annotated[int, Meta(ge=16, le=512)] = 512
    """Longest source in tokens; the rest is cut."""
    bf16: bool = True
    average: Fraction = 0.0
    """Decay of the running mean of the weights that is kept in place of the last ones; 0 keeps the last."""


class Pretraining(Settings, frozen=True, kw_only=True):
    """Learning to write from texts without summaries."""

    training: Training
    gaps: Fraction = 1.0
    """Of the stories a round, for how many some of its best sentences are to be written."""
    passages: Count = 8000
    """How many passages of stories are to be restored, a full round."""
    comments: Count = 16000
    """How many comments (GoEmotions) likewise."""


class Artifact(Settings, frozen=True, kw_only=True):
    """What ships."""

    version: str
    description: str
    licence: str = "Apache-2.0"
    max_source: Annotated[int, Meta(ge=16, le=512)] = 512
    beams: Positive = 4
    length_penalty: float = 1.0
    no_repeat: Count = 3
    most: Positive = 96
    """Tokens of a summary."""
    worth: WordBias = WordBias()
    least_supported: Fraction = 0.0


class Variant(Settings, frozen=True, kw_only=True):
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


class Extractive(Settings, frozen=True, kw_only=True):
    """How the extractive engine is fitted, and between what is chosen."""

    folds: Annotated[int, Meta(ge=2)] = 5
    ridge: Rate = 1000.0
    embedding_scale: Rate = 1.0
    """How much more freely the embedding's weights may grow than the others'."""
    strength: Rate = 0.1
    """Of the regression on words, scikit-learn's C."""
    prior_stories: Rate = 3.0
    """How many stories' worth a word's own log-odds is drawn towards all words'."""
    rarest: Rate = 8.0
    """Stories a word must be in to have log-odds of its own."""
    name_texts: Positive = 3
    """Texts a name must be in."""
    name_share: Fraction = 0.9
    """How often a name must be written with a capital."""
    noun_texts: Positive = 5
    """How often a noun must come."""
    noun_share: Fraction = 0.25
    """How often a noun must stand behind an article or possessive, and before nothing it could describe."""
    short_note_words: Positive = 25
    score_weights: tuple[Rate, ...] = (0.02, 0.05, 0.08, 0.12)
    sentence_words: tuple[Positive, ...] = (13, 15, 17, 19)
    most_words: tuple[Positive, ...] = (20, 24)
    emotion_weights: tuple[Weight, ...] = (0.0, 0.2, 0.5, 1.0, 2.0, 3.0, 4.0)
    emotion_costs: Weight = 0.1
    """ROUGE-1 that quoting what was felt may cost."""


class Config(Settings, frozen=True, kw_only=True):
    """Everything that decides a run's result, with its seed."""

    name: Name
    seed: int
    threads: Positive = 2
    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Of every split, how much is used."""
    network: Network = Network()
    weights: dict[str, Rate] = field(default_factory=dict)
    """How much a pair of a kind or set counts; 1 where not named."""
    pretraining: Pretraining
    variants: dict[str, Variant]
    extractive: Extractive = Extractive()
    extractive_version: str
    judged: Positive | None = None
    """Pairs of each dev set that are summarised in the evaluation; all where not given."""
    watched: Positive = 96
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
    return settings.load(path, Config)


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
