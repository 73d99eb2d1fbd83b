"""Times for the sentences of an edited passage, from the words that were heard there."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from functions.shared.domain.content import Segment, Word
from functions.shared.text.spoken_text import SpokenToken, Token
from functions.shared.text.word_alignment import CJK, Pair, without_chance

_S_PER_CHARACTER = 0.07
"""About as long as it takes to say one: text that nobody said does not fill a longer pause."""
_CHUNK = re.compile(r"\S++")
_CHARACTER = re.compile(CJK)


class Passage(NamedTuple):
    """A changed part of a text.

    Attributes:
        spans: its sentences.
        tokens: its tokens.
        heard: what was heard there.
        pairs: positions in `heard` and in `tokens` of what stayed.
        low, high: between these times, in seconds.
        opens: whether nothing that stayed comes before it.
    """

    text: str
    spans: Sequence[tuple[int, int]]
    tokens: Sequence[Token]
    heard: Sequence[SpokenToken]
    pairs: Sequence[Pair]
    low: float
    high: float
    opens: bool


class _Timed(NamedTuple):
    """A token's time. `heard`: something was said then."""

    start: float
    end: float
    heard: bool


def passage_segments(passage: Passage, *, has_words: bool) -> Iterator[Segment]:
    """The sentences as segments, which ascend in time and do not overlap."""
    tokens = [token.text for token in passage.tokens]
    pairs = without_chance(passage.pairs, [token.text for token in passage.heard], tokens)
    low = passage.low
    for part in _parts(passage._replace(pairs=pairs)):
        for segment in _segments(part._replace(low=low), has_words=has_words):
            yield segment
            low = segment.end or low


def _parts(passage: Passage) -> list[Passage]:
    """The passage sentence by sentence, if each was a sentence before and nothing moved between them."""
    numbers = sorted({token.segment for token in passage.heard})
    starts = [token.start for token in passage.tokens]
    edges = [*(bisect_left(starts, begin) for begin, _ in passage.spans), len(passage.tokens)]
    segments = [token.segment for token in passage.heard]
    if len(numbers) != len(passage.spans) or any(
        numbers[bisect_right(edges, new) - 1] != segments[old] for old, new in passage.pairs
    ):
        return [passage]
    heard = [*(bisect_left(segments, number) for number in numbers), len(segments)]
    return [
        passage._replace(
            spans=[span],
            tokens=passage.tokens[first:last],
            heard=passage.heard[begin:end],
            pairs=[(i - begin, j - first) for i, j in passage.pairs if begin <= i < end],
            opens=passage.opens and begin == 0,
        )
        for span, (first, last), (begin, end) in zip(
            passage.spans, pairwise(edges), pairwise(heard), strict=True
        )
    ]


def _segments(passage: Passage, *, has_words: bool) -> Iterator[Segment]:
    times = list(_times(passage))
    starts = [token.start for token in passage.tokens]
    earliest = passage.low
    for begin, stop in passage.spans:
        first, last = bisect_left(starts, begin), bisect_left(starts, stop)
        start, end = _bounds(times[first:last], passage, earliest)
        start = _within(earliest, start, passage.high)
        end = _within(start, end, passage.high)
        tokens = list(zip(passage.tokens[first:last], times[first:last], strict=True))
        words = tuple(_words(passage.text, (begin, stop), tokens, start, end)) if has_words else ()
        yield Segment(text=passage.text[begin:stop], start=start, end=end, words=words)
        earliest = end


def _within(low: float, time: float, high: float) -> float:
    """A time to the hundredth of a second, in [low, high]."""
    return max(low, min(round(time, 2), high))


def _bounds(times: Sequence[_Timed], passage: Passage, earliest: float) -> tuple[float, float]:
    """When a sentence begins and ends: words that nobody said do not extend it."""
    heard = [time for time in times if time.heard] or times
    if heard:
        return heard[0].start, heard[-1].end
    if passage.heard and len(passage.spans) == 1:
        return passage.heard[0].start, passage.heard[-1].end
    return earliest, earliest


def _times(passage: Passage) -> Iterator[_Timed]:
    """A time for each token. Tokens that replace others share their time; new ones are between neighbors."""
    heard, tokens = passage.heard, passage.tokens
    edges = [(-1, -1), *passage.pairs, (len(heard), len(tokens))]
    for (before, last), (after, following) in pairwise(edges):
        replaced, written = heard[before + 1 : after], tokens[last + 1 : following]
        if replaced:
            yield from _shared(replaced, written)
        else:
            start = heard[before].end if before >= 0 else passage.low
            end = heard[after].start if after < len(heard) else passage.high
            is_opening = before < 0 and (after < len(heard) or passage.opens)
            yield from _squeezed(written, start, end, at_end=is_opening)
        if after < len(heard):
            yield _Timed(heard[after].start, heard[after].end, True)


def _squeezed(written: Sequence[Token], start: float, end: float, *, at_end: bool) -> Iterator[_Timed]:
    """Times for text that nobody said: next to its neighbor, no longer than it would take to say."""
    lengths = [len(token.text) for token in written]
    span = min(max(0.0, end - start), sum(lengths) * _S_PER_CHARACTER)
    begin = end - span if at_end and end > start else start
    shares = [begin + span * part / (sum(lengths) or 1) for part in accumulate(lengths, initial=0)]
    for left, right in pairwise(shares):
        yield _Timed(left, right, False)


def _shared(replaced: Sequence[SpokenToken], written: Sequence[Token]) -> Iterator[_Timed]:
    """The time of the replaced tokens, without the pauses between them, by length."""
    spoken = [round(end, 6) for end in accumulate((t.end - t.start for t in replaced), initial=0.0)]
    lengths = list(accumulate((len(token.text) for token in written), initial=0))
    cuts = [round(spoken[-1] * length / (lengths[-1] or 1), 6) for length in lengths]
    for left, right in pairwise(cuts):
        first = min(bisect_right(spoken, left), len(replaced)) - 1
        last = max(bisect_left(spoken, right), 1) - 1
        start = min(replaced[first].start + left - spoken[first], replaced[first].end)
        end = min(replaced[last].start + right - spoken[last], replaced[last].end)
        yield _Timed(start, max(start, end), True)


def _words(
    text: str, span: tuple[int, int], tokens: Sequence[tuple[Token, _Timed]], start: float, end: float
) -> Iterator[Word]:
    """The words of a sentence, which white space separates; Chinese and Japanese characters one by one."""
    starts = [token.start for token, _ in tokens]
    earliest = start
    for begin, stop in _chunks(text, *span, starts):
        times = [time for _, time in tokens[bisect_left(starts, begin) : bisect_left(starts, stop)]]
        first = _within(earliest, times[0].start if times else earliest, end)
        earliest = _within(first, times[-1].end if times else first, end)
        yield Word(text=text[begin:stop], start=first, end=earliest)


def _chunks(text: str, begin: int, end: int, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    for match in _CHUNK.finditer(text, begin, end):
        first, stop = match.span()
        cuts = [first, stop]
        if _CHARACTER.search(match[0]):
            inside = starts[bisect_right(starts, first) : bisect_left(starts, stop)]
            cuts = [first, *(cut for cut in inside if _CHARACTER.match(text, cut)), stop]
        yield from pairwise(cuts)
