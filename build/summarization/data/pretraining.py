"""Pretraining objectives on texts without summaries: gap sentences and denoising.

The most salient sentences of a story are generated from the rest (Zhang et al. 2020, PEGASUS,
https://arxiv.org/abs/1912.08777); in half of the stories they stay in the source, so that the model also
learns to find and copy. Passages and comments are reconstructed from a version with masked spans (Lewis et
al. 2020, BART, https://aclanthology.org/2020.acl-main.703).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MASK = "[MASK]"
_WORD = re.compile(r"[a-z0-9]+")
_MIN_SENTENCES = 4
"""Sentences of the shortest story that is used."""
_GAP_COUNTS = (1, 2, 3)
_KEEP_PROBABILITY = 0.5
"""Probability that the gap sentences stay in the source."""
_UNMARKED_PROBABILITY = 0.2
"""Probability that a gap is not marked by a mask."""
_LINE_BREAK_PROBABILITY = 0.1
"""Probability of a line break after a sentence."""
_TEMPERATURE = 0.08
"""Temperature of sampling sentences by salience, in units of F1."""
_MASKED_SHARE, _MEAN_SPAN = 0.3, 3.0
"""Share of masked words, and mean number of words per mask (as in BART)."""


class Example(NamedTuple):
    """Source, target and weight of a training example."""

    source: str
    target: str
    weight: float = 1.0


def salience(sentences: Sequence[str]) -> list[float]:
    """Unigram F1 of each sentence with all others."""
    bags = [Counter(_WORD.findall(sentence.lower())) for sentence in sentences]
    total = sum(bags, Counter())
    return [_f1(bag, total - bag) for bag in bags]


def gap_example(
    sentences: Sequence[str], saliences: Sequence[float], random: np.random.Generator
) -> Example | None:
    """Salient sentences as the target, the rest as the source; None if the story is too short."""
    if len(sentences) < _MIN_SENTENCES:
        return None
    scores = np.asarray(saliences) / _TEMPERATURE + random.gumbel(size=len(sentences))
    count = int(random.choice(_GAP_COUNTS))
    chosen = set(np.argsort(-scores)[:count].tolist())
    keep = random.random() < _KEEP_PROBABILITY
    source_sentences = [
        sentence if keep or index not in chosen else _gap_marker(random)
        for index, sentence in enumerate(sentences)
    ]
    return Example(
        _join_lines(source_sentences, random), " ".join(sentences[index] for index in sorted(chosen))
    )


def denoising_example(text: str, random: np.random.Generator) -> Example:
    """A text as the target, the text with masked spans of words as the source."""
    words = text.split()
    source_words, position = [], 0
    while position < len(words):
        if random.random() < _MASKED_SHARE / _MEAN_SPAN:
            source_words.append(MASK)
            position += int(random.poisson(_MEAN_SPAN))
        else:
            source_words.append(words[position])
            position += 1
    return Example(" ".join(source_words), text)


def random_passage(sentences: Sequence[str], random: np.random.Generator, max_sentences: int = 3) -> str:
    """One to ``max_sentences`` consecutive sentences."""
    count = int(random.integers(1, max_sentences + 1))
    start = int(random.integers(0, max(1, len(sentences) - count + 1)))
    return " ".join(sentences[start : start + count])


def _gap_marker(random: np.random.Generator) -> str:
    return "" if random.random() < _UNMARKED_PROBABILITY else MASK


def _join_lines(sentences: Sequence[str], random: np.random.Generator) -> str:
    ends = np.where(random.random(len(sentences)) < _LINE_BREAK_PROBABILITY, "\n", " ")
    return "".join(f"{sentence}{end}" for sentence, end in zip(sentences, ends, strict=True) if sentence)


def _f1(bag: Counter[str], others: Counter[str]) -> float:
    shared = (bag & others).total()
    return 2.0 * shared / max(1, bag.total() + others.total())
