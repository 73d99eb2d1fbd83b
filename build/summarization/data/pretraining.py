"""Learning to write from texts without summaries: gap sentences and denoising.

A story's most telling sentences are to be written from the rest (Zhang et al. 2020, PEGASUS,
https://arxiv.org/abs/1912.08777); in half of the stories they stay where they are, so that finding and
copying is learned too. Passages and comments are to be restored from what masked spans left of them (Lewis et
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
_FEWEST = 4
"""Sentences of a story that can spare some."""
_SPARED = (1, 2, 3)
_KEPT = 0.5
"""Of the stories, how many keep the sentences that are to be written."""
_UNMASKED = 0.2
"""Of the gaps, how many are not marked."""
_BROKEN = 0.1
"""After how many sentences a new line begins."""
_TEMPERATURE = 0.08
"""Of drawing sentences by how telling they are, in units of F1."""
_COVERED, _SPAN = 0.3, 3.0
"""Share of words under masks, and how many words one covers on average (as in BART)."""


class Example(NamedTuple):
    """What is read, what is to be written, and how much it counts."""

    source: str
    target: str
    weight: float = 1.0


def salience(sentences: Sequence[str]) -> list[float]:
    """Of each sentence, unigram F1 with all the others."""
    bags = [Counter(_WORD.findall(sentence.lower())) for sentence in sentences]
    total = sum(bags, Counter())
    return [_f1(bag, total - bag) for bag in bags]


def gap(sentences: Sequence[str], telling: Sequence[float], random: np.random.Generator) -> Example | None:
    """Some telling sentences to be written from a story; None where it is too short to spare any."""
    if len(sentences) < _FEWEST:
        return None
    noisy = np.asarray(telling) / _TEMPERATURE + random.gumbel(size=len(sentences))
    count = int(random.choice(_SPARED))
    chosen = set(np.argsort(-noisy)[:count].tolist())
    kept = random.random() < _KEPT
    shown = [
        sentence if kept or index not in chosen else _gap(random) for index, sentence in enumerate(sentences)
    ]
    return Example(_lines(shown, random), " ".join(sentences[index] for index in sorted(chosen)))


def restore(text: str, random: np.random.Generator) -> Example:
    """A text to be written whole, from one with some spans of words under masks."""
    words = text.split()
    shown, at = [], 0
    while at < len(words):
        if random.random() < _COVERED / _SPAN:
            shown.append(MASK)
            at += int(random.poisson(_SPAN))
        else:
            shown.append(words[at])
            at += 1
    return Example(" ".join(shown), text)


def passage(sentences: Sequence[str], random: np.random.Generator, most: int = 3) -> str:
    """One to ``most`` sentences that follow each other."""
    count = int(random.integers(1, most + 1))
    start = int(random.integers(0, max(1, len(sentences) - count + 1)))
    return " ".join(sentences[start : start + count])


def _gap(random: np.random.Generator) -> str:
    return "" if random.random() < _UNMASKED else MASK


def _lines(sentences: Sequence[str], random: np.random.Generator) -> str:
    ends = np.where(random.random(len(sentences)) < _BROKEN, "\n", " ")
    return "".join(f"{sentence}{end}" for sentence, end in zip(sentences, ends, strict=True) if sentence)


def _f1(bag: Counter[str], others: Counter[str]) -> float:
    shared = (bag & others).total()
    return 2.0 * shared / max(1, bag.total() + others.total())
