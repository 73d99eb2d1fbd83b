"""The words of a spoken transcript and when each was said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from functions.shared.domain.content import Segment, Transcript
from functions.shared.text.word_alignment import TOKEN, normal


class Token(NamedTuple):
    """A token of a text. `end` is exclusive."""

    text: str
    start: int
    end: int


class SpokenToken(NamedTuple):
    """A token that was spoken: its segment, and its time in seconds."""

    text: str
    segment: int
    start: float
    end: float


class SpokenSegment(NamedTuple):
    """A segment, where it is in the transcript's text, and the numbers of its first token and the one after
    its last.
    """

    segment: Segment
    start: int
    end: int
    tokens: tuple[int, int]


def tokens_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    stop = len(text) if end is None else end
    return [Token(normal(match[0]), *match.span()) for match in TOKEN.finditer(text, start, stop)]


class SpokenText:
    """A transcript whose sentences have times.

    Attributes:
        tokens: all of them, in order.
        segments: those of the transcript that are found in its text.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.text = transcript.text
        self.tokens: list[SpokenToken] = []
        self.positions: list[Token] = []
        self.segments: list[SpokenSegment] = []
        position, earliest = 0, 0.0
        for segment in transcript.segments:
            start = self.text.find(segment.text, position)
            if start < 0:
                continue
            position = start + len(segment.text)
            tokens = tokens_of(self.text, start, position)
            earliest = self._add(segment, start, tokens, earliest)

    def _add(self, segment: Segment, start: int, tokens: Sequence[Token], earliest: float) -> float:
        begin = earliest if segment.start is None else segment.start
        until = max(begin, begin if segment.end is None else segment.end)
        clock = _Clock(segment, begin, until)
        first, index = len(self.tokens), len(self.segments)
        self.positions += tokens
        self.tokens += [
            SpokenToken(token.text, index, clock.at(token.start - start), clock.at(token.end - start))
            for token in _to_the_edges(tokens, start, start + len(segment.text))
        ]
        span = first, len(self.tokens)
        self.segments.append(SpokenSegment(segment, start, start + len(segment.text), span))
        return until


def _to_the_edges(tokens: Sequence[Token], start: int, end: int) -> Iterable[Token]:
    """The tokens, with the first and the last extended to the edges of their segment."""
    for index, token in enumerate(tokens):
        yield Token(
            token.text,
            start if index == 0 else token.start,
            end if index == len(tokens) - 1 else token.end,
        )


class _Clock:
    """When each character of a segment is spoken: from its words' times if there are any."""

    def __init__(self, segment: Segment, begin: float, end: float) -> None:
        knots, position = [(0, begin)], 0
        for word in segment.words:
            found = segment.text.find(word.text, position)
            if found >= 0 and word.text:
                position = found + len(word.text)
                knots += [(found, word.start), (position, word.end)]
        knots.append((len(segment.text), end))
        self._characters = [character for character, _ in knots]
        times = accumulate((time for _, time in knots), max)
        self._times = [min(max(begin, time), end) for time in times]

    def at(self, character: int) -> float:
        index = min(bisect_right(self._characters, character), len(self._characters) - 1)
        before, after = self._characters[index - 1], self._characters[index]
        share = (character - before) / (after - before) if after > before else 1.0
        return self._times[index - 1] + share * (self._times[index] - self._times[index - 1])
