"""What a run learns from, drawn anew each round; the same seed gives the same rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from build.data import goemotions, hippocorpus, summaries
from build.data.summaries import Pair
from build.summarization.config import Pretraining, Variant
from build.summarization.objectives import Example, gap, passage, restore, salience
from functions.shared.text import sentences

Row = TypeVar("Row")
Rounds = Callable[[int], list[Example]]
"""The examples of a round, by its number."""


class Texts(NamedTuple):
    """What pretraining reads: stories in sentences, how telling each is, and comments."""

    stories: list[list[str]]
    telling: list[list[float]]
    comments: list[str]


def texts(folder: Path, share: float, seed: int) -> Texts:
    """Stories of Hippocorpus and comments of GoEmotions.

    Raises:
        DataError: a file is missing or damaged.
    """
    whole = thin(hippocorpus.texts(folder / "summaries", "train"), share, seed)
    stories = [sentences.split(story) for story in whole]
    comments = thin(goemotions.load(folder / "goemotions", "train").texts, share, seed)
    return Texts(stories, [salience(story) for story in stories], comments)


def pretraining(found: Texts, settings: Pretraining, seed: int) -> Rounds:
    """Gap sentences and texts to restore."""
    share = settings.training.share

    def draw(number: int) -> list[Example]:
        random = np.random.default_rng([seed, number, 1])
        rows = random.permutation(len(found.stories))[: round(len(found.stories) * share * settings.gaps)]
        gaps = [gap(found.stories[row], found.telling[row], random) for row in rows.tolist()]
        picked = random.choice(len(found.stories), round(settings.passages * share))
        passages = [restore(passage(found.stories[row], random), random) for row in picked.tolist()]
        said = random.choice(len(found.comments), round(settings.comments * share))
        comments = [restore(found.comments[row], random) for row in said.tolist()]
        return [example for example in (*gaps, *passages, *comments) if example and example.target.strip()]

    return draw


def pairs(folder: Path, variant: Variant, share: float, seed: int) -> list[Pair]:
    """The pairs a variant learns from; those of sets that only evaluation may use are refused.

    Raises:
        DataError: a file is missing or damaged, or a set may not be trained on.
    """
    found = [pair for name in variant.sets for pair in _named(summaries.load(folder, name, "train"), name)]
    return thin(found, share, seed)


def fine_tuning(found: list[Pair], variant: Variant, kinds: Mapping[str, float], seed: int) -> Rounds:
    """Guided pairs, each with some sentences left out at random; of some, the quotes are to be written."""
    guides, bodies = zip(*(pair.source.split("\n", 1) for pair in found), strict=True)
    split = [_lines(body) for body in bodies]
    weights = [kinds.get(pair.kind, 1.0) for pair in found]

    def draw(number: int) -> list[Example]:
        random = np.random.default_rng([seed, number, 2])
        quoting = variant.quoting[number] if number < len(variant.quoting) else 0.0
        rows = random.permutation(len(found))[: round(len(found) * variant.training.share)]
        return [
            Example(f"{guides[row]}\n{body}", target, weights[row])
            for row in rows.tolist()
            for body in (_skip(split[row], variant.skipped_sentences, random),)
            for target in (guides[row] if random.random() < quoting else found[row].summary,)
        ]

    return draw


def _named(pairs: list[Pair], name: str) -> list[Pair]:
    """Pairs whose kind tells at least the set they are of."""
    return [pair if pair.kind else Pair(pair.id, pair.source, pair.summary, name) for pair in pairs]


def _lines(source: str) -> list[list[str]]:
    return [sentences.split(line) for line in source.split("\n") if line.strip()]


def _skip(lines: list[list[str]], share: float, random: np.random.Generator) -> str:
    kept = [[each for each in line if random.random() >= share] for line in lines]
    made = "\n".join(" ".join(line) for line in kept if line)
    return made or "\n".join(" ".join(line) for line in lines)


def thin(rows: list[Row], share: float, seed: int) -> list[Row]:
    """As many rows as the run takes, at random."""
    count = max(1, round(len(rows) * share))
    return [rows[at] for at in sorted(np.random.default_rng(seed).permutation(len(rows))[:count].tolist())]
