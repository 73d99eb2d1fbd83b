"""Training examples, sampled anew for each epoch; the same seed produces the same epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from build.data import goemotions, hippocorpus, summaries
from build.data.summaries import Pair
from build.summarization.config import Pretraining, Variant
from build.summarization.data.pretraining import (
    Example,
    denoising_example,
    gap_example,
    random_passage,
    salience,
)
from functions.shared.text import sentences

Row = TypeVar("Row")
ExampleSampler = Callable[[int], list[Example]]
"""Returns the examples of an epoch, given its number."""


class PretrainingTexts(NamedTuple):
    """Stories as sentences, the salience of each sentence, and comments."""

    stories: list[list[str]]
    saliences: list[list[float]]
    comments: list[str]


def load_pretraining_texts(folder: Path, share: float, seed: int) -> PretrainingTexts:
    """Stories of Hippocorpus and comments of GoEmotions.

    Raises:
        DataError: a file is missing or damaged.
    """
    texts = random_share(hippocorpus.load_texts(folder / "summaries", "train"), share, seed)
    stories = [sentences.split(story) for story in texts]
    comments = random_share(goemotions.load(folder / "goemotions", "train").texts, share, seed)
    return PretrainingTexts(stories, [salience(story) for story in stories], comments)


def pretraining_sampler(texts: PretrainingTexts, settings: Pretraining, seed: int) -> ExampleSampler:
    """Gap-sentence and denoising examples."""
    share = settings.training.share

    def draw(number: int) -> list[Example]:
        random = np.random.default_rng([seed, number, 1])
        rows = random.permutation(len(texts.stories))[
            : round(len(texts.stories) * share * settings.gap_share)
        ]
        gaps = [gap_example(texts.stories[row], texts.saliences[row], random) for row in rows.tolist()]
        story_rows = random.choice(len(texts.stories), round(settings.passages * share))
        passages = [
            denoising_example(random_passage(texts.stories[row], random), random)
            for row in story_rows.tolist()
        ]
        comment_rows = random.choice(len(texts.comments), round(settings.comments * share))
        comments = [denoising_example(texts.comments[row], random) for row in comment_rows.tolist()]
        return [example for example in (*gaps, *passages, *comments) if example and example.target.strip()]

    return draw


def load_pairs(folder: Path, variant: Variant, share: float, seed: int) -> list[Pair]:
    """The pairs a variant is fine-tuned on.

    Raises:
        DataError: a file is missing or damaged, or a dataset must not be used for training.
    """
    all_pairs = [
        pair for name in variant.datasets for pair in _with_kind(summaries.load(folder, name, "train"), name)
    ]
    return random_share(all_pairs, share, seed)


def fine_tuning_sampler(
    pairs: list[Pair], variant: Variant, example_weights: Mapping[str, float], seed: int
) -> ExampleSampler:
    """Pairs with extracts and random sentences dropped; the target of some is the extract."""
    extracts, bodies = zip(*(pair.source.split("\n", 1) for pair in pairs), strict=True)
    split = [_split_lines(body) for body in bodies]
    weights = [example_weights.get(pair.kind, 1.0) for pair in pairs]

    def draw(number: int) -> list[Example]:
        random = np.random.default_rng([seed, number, 2])
        quote_share = variant.quote_shares[number] if number < len(variant.quote_shares) else 0.0
        rows = random.permutation(len(pairs))[: round(len(pairs) * variant.training.share)]
        return [
            Example(f"{extracts[row]}\n{body}", target, weights[row])
            for row in rows.tolist()
            for body in (_drop_sentences(split[row], variant.sentence_dropout, random),)
            for target in (extracts[row] if random.random() < quote_share else pairs[row].summary,)
        ]

    return draw


def _with_kind(pairs: list[Pair], name: str) -> list[Pair]:
    """Set the kind of pairs without one to the name of their dataset."""
    return [pair if pair.kind else Pair(pair.id, pair.source, pair.summary, name) for pair in pairs]


def _split_lines(source: str) -> list[list[str]]:
    return [sentences.split(line) for line in source.split("\n") if line.strip()]


def _drop_sentences(lines: list[list[str]], share: float, random: np.random.Generator) -> str:
    kept = [[sentence for sentence in line if random.random() >= share] for line in lines]
    text = "\n".join(" ".join(line) for line in kept if line)
    return text or "\n".join(" ".join(line) for line in lines)


def random_share(rows: list[Row], share: float, seed: int) -> list[Row]:
    """A random share of the rows, at least one, in order."""
    count = max(1, round(len(rows) * share))
    return [rows[row] for row in sorted(np.random.default_rng(seed).permutation(len(rows))[:count].tolist())]
