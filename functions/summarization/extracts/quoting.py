"""The part of a segment that is quoted: word for word, without hesitations and fillers at its edges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from functions.shared.domain.content import Segment, Word

_EMPTY = r"u+h+m*|u+m+|e+rm*|h+m+|so|yeah|and|but|like|you know|i mean"
_LEADING = re.compile(
    rf"(?:(?:{_EMPTY}|okay|ok|well|anyway|anyways|alright)\b[,.…]*\s+)+(?=\S)", re.IGNORECASE
)
_TRAILING = re.compile(rf"(?<=\S)(?:[,…]?\s+(?:{_EMPTY}|or|because|the|a|to|and what))+[,…]?$", re.IGNORECASE)
_LEAST_WORDS = 4
_WORD = re.compile(r"\S+")


class Part(NamedTuple):
    """A contiguous part of a segment, with its times in seconds if it was spoken."""

    text: str
    start: float | None
    end: float | None


def whole(segment: Segment) -> Part:
    return Part(segment.text, segment.start, segment.end)


def without_empty_edges(segment: Segment) -> Part:
    """A segment from its first to its last word with content; as it is if little else would be left."""
    text = segment.text
    leading = _LEADING.match(text)
    begin = leading.end() if leading else 0
    trailing = _TRAILING.search(text, begin)
    end = trailing.start() if trailing else len(text)
    kept = len(_WORD.findall(text, begin, end))
    if (begin, end) == (0, len(text)) or kept < _LEAST_WORDS:
        return whole(segment)
    start, stop = _times(segment, len(_WORD.findall(text, 0, begin)), kept)
    return Part(text[begin:end], start, stop)


def _times(segment: Segment, skipped: int, kept: int) -> tuple[float | None, float | None]:
    """When `kept` words after `skipped` ones are spoken; the segment's times if its words have none."""
    spoken: Sequence[Word] = segment.words
    if len(spoken) != len(_WORD.findall(segment.text)):
        return segment.start, segment.end
    return spoken[skipped].start, spoken[skipped + kept - 1].end
