"""Keeps the times of a spoken transcript when its text is edited.

A sentence that did not change keeps its segment: times, words, and why it is uncertain or left out. What is
between two such sentences is cut into sentences like typed text, and each gets the time of the words that it
shares with what was heard there, or of those that it replaces.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from functions.shared.domain.content import Segment, Transcript
from functions.shared.text import sentences
from functions.shared.text.passage_times import Passage, passage_segments
from functions.shared.text.spoken_text import SpokenText, Token, tokens_of
from functions.shared.text.word_alignment import Pair, align, align_sentences, slide

_ENDED = re.compile(r"(?:[.!?…。！？｡][\"'”’»)\]]*+\s*+|\n\s*+|^\s*+)\Z")
_LOOK_BACK = 40
"""This many characters show how a sentence ends."""


class _Kept(NamedTuple):
    """A segment that did not change: its number, and where it is in the new text."""

    number: int
    start: int
    end: int


def edited_transcript(previous: Transcript | None, text: str) -> Transcript:
    """The transcript of an edited text. Its segments have times if those of `previous` have.

    Times ascend, are within the recording, and are those of before for sentences that did not change.
    """
    if previous is None or all(segment.start is None for segment in previous.segments):
        return Transcript(text=text, segments=sentences.segments(text))
    edit = _Edit(SpokenText(previous), text)
    return replace(previous, text=text, segments=tuple(edit.segments(previous.duration_s)))


class _Edit:
    """What becomes of a spoken text."""

    def __init__(self, spoken: SpokenText, text: str) -> None:
        self._spoken = spoken
        self._text = text
        self._tokens = tokens_of(text)
        self._starts = [token.start for token in self._tokens]
        self._places = dict(_aligned(spoken, text, self._tokens))
        """Where each spoken token is in the new text."""

    def segments(self, duration_s: float | None) -> Iterator[Segment]:
        kept = self._still_apart(list(self._unchanged()))
        heard = [self._spoken.segments[item.number].segment for item in kept]
        latest = max((item.segment.end or 0.0 for item in self._spoken.segments), default=0.0)
        lows = [0.0, *(segment.end or 0.0 for segment in heard)]
        highs = [*(segment.start or 0.0 for segment in heard), max(latest, duration_s or 0.0)]
        for number, (before, after) in enumerate(self._gaps(kept)):
            low, high = min(lows[number], highs[number]), highs[number]
            yield from self._between(before, after, low, high)
            yield from heard[number : number + 1]

    def _gaps(self, kept: Sequence[_Kept]) -> Iterator[tuple[_Kept, _Kept]]:
        """The unchanged segments around each part that may have changed."""
        end = len(self._text)
        return pairwise([_Kept(-1, 0, 0), *kept, _Kept(len(self._spoken.segments), end, end)])

    def _unchanged(self) -> Iterator[_Kept]:
        position = 0
        for index, item in enumerate(self._spoken.segments):
            places = [self._places.get(number) for number in range(*item.tokens)]
            if not places or places[0] is None or places != list(range(places[0], places[0] + len(places))):
                continue
            start = self._tokens[places[0]].start - (
                self._spoken.positions[item.tokens[0]].start - item.start
            )
            end = start + len(item.segment.text)
            same = self._text[max(0, start) : end] == item.segment.text
            if same and start >= position and self._has_same_edges(item.start, item.end, start, end):
                yield _Kept(index, start, end)
                position = end

    def _has_same_edges(self, old_start: int, old_end: int, start: int, end: int) -> bool:
        """Whether a part of the text is as separate from what is around it as it was."""
        old, new = self._spoken.text, self._text
        edges = (
            (old[max(0, old_start - 1) : old_start], new[max(0, start - 1) : start]),
            (old[old_end : old_end + 1], new[end : end + 1]),
        )
        return all(not after or after.isspace() or after == before for before, after in edges)

    def _still_apart(self, kept: Sequence[_Kept]) -> list[_Kept]:
        """The unchanged segments without those that were joined to what is before or behind them."""
        joined = set[_Kept]()
        for before, after in self._gaps(kept):
            if self._is_continued(before, after):
                joined.add(before)
            if self._continues(after):
                joined.add(after)
                if not self._text[before.end : after.start].strip():
                    joined.add(before)
        return [item for item in kept if item not in joined or self._is_left_out(item)]

    def _is_continued(self, before: _Kept, after: _Kept) -> bool:
        """Whether text was inserted behind a segment that belongs to its sentence."""
        gap = self._text[before.end : after.start]
        if after.number != before.number + 1 or not gap.strip():
            return False
        if not self._tokens_within(before.end, after.start):
            return True
        return not _ended(self._text, before.end) and "\n" not in gap[: len(gap) - len(gap.lstrip())]

    def _continues(self, after: _Kept) -> bool:
        """Whether a segment no longer begins a sentence: the end of the one before it is gone."""
        if after.number == len(self._spoken.segments) or _ended(self._text, after.start):
            return False
        return _ended(self._spoken.text, self._spoken.segments[after.number].start)

    def _is_left_out(self, item: _Kept) -> bool:
        return self._spoken.segments[item.number].segment.left_out is not None

    def _tokens_within(self, start: int, end: int) -> range:
        return range(bisect_left(self._starts, start), bisect_left(self._starts, end))

    def _between(self, before: _Kept, after: _Kept, low: float, high: float) -> Iterator[Segment]:
        """The segments of the text between two that did not change, within [low, high] seconds."""
        start, end = before.end, after.start
        spans = [(start + first, start + last) for first, last in sentences.spans(self._text[start:end])]
        written = self._tokens_within(start, end)
        replaced = self._spoken.segments[before.number + 1 : after.number]
        first, last = (replaced[0].tokens[0], replaced[-1].tokens[1]) if replaced else (0, 0)
        passage = Passage(
            text=self._text,
            spans=spans,
            tokens=self._tokens[written.start : written.stop],
            heard=self._spoken.tokens[first:last],
            pairs=[
                (old - first, self._places[old] - written.start)
                for old in range(first, last)
                if self._places.get(old, -1) in written
            ],
            low=low,
            high=high,
            opens=before.number < 0,
        )
        has_words = any(item.segment.words for item in self._spoken.segments)
        yield from passage_segments(passage, has_words=has_words)


def _aligned(spoken: SpokenText, text: str, tokens: Sequence[Token]) -> Iterator[Pair]:
    """The tokens that stayed: those of equal sentences, and those within what is between."""
    old, new = sentences.spans(spoken.text), sentences.spans(text)
    equal = align_sentences([spoken.text[slice(*span)] for span in old], [text[slice(*span)] for span in new])
    olds, news = [token.start for token in spoken.positions], [token.start for token in tokens]
    position, other = 0, 0
    ends = [(old[i], new[j]) for i, j in equal] + [((len(spoken.text),) * 2, (len(text),) * 2)]
    for span, counterpart in ends:
        begin, start = bisect_left(olds, span[0]), bisect_left(news, counterpart[0])
        words = [token.text for token in spoken.tokens[position:begin]]
        others = [token.text for token in tokens[other:start]]
        firsts = {item.tokens[0] - position for item in spoken.segments} | {len(words)}
        for i, j in slide(align(words, others), words, others, firsts):
            yield position + i, other + j
        position, other = bisect_left(olds, span[1]), bisect_left(news, counterpart[1])
        yield from zip(range(begin, position), range(start, other), strict=False)


def _ended(text: str, position: int) -> bool:
    """Whether a sentence, or nothing, is before this position."""
    return _ENDED.search(text, max(0, position - _LOOK_BACK), position) is not None
