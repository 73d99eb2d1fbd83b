"""Features by which phrases are scored as titles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from functions.summarization.titles.phrases import Phrase
from functions.summarization.wording.kinds import BREAK
from functions.summarization.wording.words import FUNCTION

_VERBS = frozenset({"be", "will", "ed"})


class Place(NamedTuple):
    """Where a phrase is from.

    Attributes:
        rank: how many sentences belong more to the core of the entry than its own.
        place: of its sentence, from 0, the first, to 1, the last.
    """

    rank: int
    place: float


def features(phrase: Phrase, place: Place, counts: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    """Names and values; those that are 0 are left out.

    Args:
        counts: how often the entry has each word.
    """
    words, kinds = phrase.words, phrase.kinds
    content = [word for word in words if word not in FUNCTION]
    verb = not _VERBS.isdisjoint(kinds) or any("'" in word for word in words[:1])
    yield f"rank {min(place.rank, 4)}", 1.0
    yield "place", place.place
    yield f"length {len(words)} {verb}", 1.0
    yield f"content {min(len(content), 4)}", 1.0
    yield f"first {words[0]}", 1.0
    yield f"last {words[-1]}", 1.0
    yield f"before {phrase.before.lower}", 1.0
    yield f"after {phrase.after.lower}", 1.0
    yield f"starts {phrase.before.kind} {kinds[0]}", 1.0
    yield f"ends {kinds[-1]} {phrase.after.kind}", 1.0
    yield f"shape {kinds[0]} {kinds[-1]} {verb}", 1.0
    yield f"opening {kinds[0]} {kinds[1]}", 1.0
    yield f"edges {phrase.before.kind == BREAK} {phrase.after.kind == BREAK}", 1.0
    if phrase.whole:
        yield "whole", 1.0
    for word in content:
        yield f"word {word}", 1.0
    if content:
        yield "recurring", sum(min(counts.get(word, 1), 4) - 1 for word in content) / len(content)
        yield "letters", sum(map(len, content)) / len(content) / 5.0
    if any(part[0].isupper() for part in phrase.text.split()[1:] if part[:2] not in ("I", "I'")):
        yield "name", 1.0
