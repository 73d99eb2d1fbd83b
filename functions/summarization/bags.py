"""Sentences as bags of words: how alike two are, and how near one is to the whole note."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

Bag = Mapping[str, float]


def cosine(one: Bag, other: Bag) -> float:
    """Likeness of two bags, 0 to 1; 0 where either is empty."""
    small, large = sorted((one, other), key=len)
    shared = sum(count * large.get(word, 0.0) for word, count in small.items())
    return shared / (_length(one) * _length(other)) if shared else 0.0


def whole(bags: Sequence[Bag]) -> Bag:
    """All sentences in one bag, where a word counts by the logarithm of how often it comes."""
    total: Counter[str] = Counter()
    for bag in bags:
        total.update(bag)
    return {word: 1.0 + math.log(count) for word, count in total.items()}


def _length(bag: Bag) -> float:
    return math.sqrt(sum(count * count for count in bag.values()))
