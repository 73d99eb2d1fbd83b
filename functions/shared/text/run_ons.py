"""Cuts sentences that run on without punctuation, as dictation does, where the next one begins.

Each gap between two words is scored by a linear model of the words around it; the best sequence of cuts also
weighs how long sentences are. Trained by `python -m build.run_ons` on stories without their punctuation. Time
is linear in the number of words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

WEIGHTS = Path(__file__).with_name("run_ons.json")

MIN_WORDS = 2
"""No part is shorter, unless the whole is."""
_EDGE = '.,;:!?…"“”()[]{}<>*_—–'
_PAUSES = {",": 1.0, ";": 2.0, ":": 2.0, "—": 2.0, "–": 2.0, ".": 2.0, "!": 2.0, "?": 2.0, "…": 2.0}
"""Added to the score of a gap after this mark, which the stories did not have."""
_ENGLISH = 0.3
"""The least share of common words in English text; usually more than half are."""
_SUFFIXES = ("ing", "ed", "ly", "'s", "s", "er", "tion")
_SHORTEST_STEM = 3


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """The model.

    Attributes:
        scale: what weights are divided by.
        bias: of every gap.
        common: words that are classes of their own; others are classed by their ending.
        lengths: the score of a sentence of n words, from n = 0; the last is for longer ones too.
        features: weights by template and words.
    """

    scale: float
    bias: float
    common: frozenset[str]
    lengths: tuple[float, ...]
    features: Mapping[str, Mapping[str, int]]


def cuts(words: Sequence[str], max_words: int, weights: Weights | None = None) -> list[int]:
    """The indices of the words with which a new sentence begins; none has more than `max_words`.

    Words that are not English are cut only if there are too many.
    """
    weights = weights or load()
    known = sum(normalized(word) in weights.common for word in words)
    if len(words) <= max_words and known < _ENGLISH * len(words):
        return []
    return best_cuts(scores(words, weights), weights.lengths, max_words)


def scores(words: Sequence[str], weights: Weights) -> list[float]:
    """The score of a cut before each word; that of the first means nothing."""
    spoken = [normalized(word) for word in words]
    kinds = [kind(word, weights.common) for word in spoken]
    tables = weights.features
    return [
        weights.bias
        + sum(tables[name].get(value, 0) for name, value in features(spoken, kinds, at)) / weights.scale
        + _PAUSES.get(words[at - 1][-1:], 0.0)
        for at in range(len(words))
    ]


def best_cuts(gaps: Sequence[float], lengths: Sequence[float], max_words: int) -> list[int]:
    """The cuts with the highest sum of the scores of gaps and of lengths."""
    count = len(gaps)
    best, back = [0.0] + [float("-inf")] * count, [0] * (count + 1)
    for end in range(1, count + 1):
        shortest = MIN_WORDS if count >= 2 * MIN_WORDS else count
        for start in range(max(0, end - max_words), end - shortest + 1):
            score = best[start] + lengths[min(end - start, len(lengths) - 1)]
            if score > best[end]:
                best[end], back[end] = score, start
        if end < count:
            best[end] += gaps[end]
    found, end = list[int](), count
    while end > 0:
        end = back[end]
        found.append(end)
    return found[-2::-1]


def features(spoken: Sequence[str], kinds: Sequence[str], at: int) -> Iterator[tuple[str, str]]:
    """Template and words of each feature of the gap before word `at`."""
    b3, b2, b1, a1, a2, a3 = (_word(spoken, at + offset) for offset in range(-3, 3))
    k3, k2, k1, n1, n2, n3 = (_word(kinds, at + offset) for offset in range(-3, 3))
    yield from (("b3", b3), ("b2", b2), ("b1", b1), ("a1", a1), ("a2", a2), ("a3", a3))
    yield from (
        ("b2b1", f"{b2} {b1}"),
        ("b1a1", f"{b1} {a1}"),
        ("a1a2", f"{a1} {a2}"),
        ("a2a3", f"{a2} {a3}"),
    )
    yield from (("e1", b1[-3:]), ("f1", a1[-3:]), ("f2", a2[-3:]))
    yield from (("k2k1n1", f"{k2} {k1} {n1}"), ("k1n1n2", f"{k1} {n1} {n2}"), ("n1n2n3", f"{n1} {n2} {n3}"))
    yield from (("k3k2k1", f"{k3} {k2} {k1}"), ("k2k1n1n2", f"{k2} {k1} {n1} {n2}"))
    yield "k1n1n2n3", f"{k1} {n1} {n2} {n3}"


def normalized(word: str) -> str:
    """In lower case, without punctuation around it."""
    return word.strip(_EDGE).lower().replace("’", "'")


def kind(word: str, common: frozenset[str]) -> str:
    """The class of a normalized word: itself if it is common, or else its ending."""
    if word in common or not word:
        return word
    if word[0].isdigit():
        return "#"
    endings = (end for end in _SUFFIXES if word.endswith(end) and len(word) >= len(end) + _SHORTEST_STEM)
    return "-" + next(endings, "")


@cache
def load() -> Weights:
    """The weights that ship, read when the first sentence runs on."""
    return msgspec.json.decode(WEIGHTS.read_bytes(), type=Weights)


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""
