"""Finds which words two versions of a text share, in time close to linear in their lengths."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

Pair = tuple[int, int]
"""Positions of the same word in the old and the new text."""

_CJK = "\u3040-\u30ff\u3400-\u9fff"
CJK = rf"[{_CJK}]"
"""A Chinese character or a Japanese one."""
_WORD = rf"{CJK}|[^\W_{_CJK}]++(?:['’-][^\W_{_CJK}]++)*+"
_STOP = r"[.!?…。！？｡]++"
_SYMBOL = "[\u2600-\u27bf\U0001f000-\U0001faff]"
TOKEN = re.compile(rf"{_WORD}|{_STOP}|{_SYMBOL}")
"""A word, the end of a sentence, or an emoji. Chinese and Japanese characters are words."""

_LONGER = 3
"""What changed around words that are alike by chance is this much longer than they are."""
_MAX_COMPARISONS = 200_000
_MAX_ITEMS = 2000  # in a longer shuffled text, SequenceMatcher would find one item at a time


def normal(token: str) -> str:
    """What two tokens that were spoken alike have in common."""
    return "." if token[0] in ".!?…。！？｡" else token.casefold()


def align(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Positions of equal items, ascending in both sequences.

    Where both have the same items very often, only those that are unique in both are compared: a text that
    repeats a few words thousands of times must not take minutes.
    """
    pairs = list[Pair]()
    regions = [(0, len(old), 0, len(new))]
    while regions:
        begin, end, other, stop = regions.pop()
        while begin < end and other < stop and old[begin] == new[other]:
            pairs.append((begin, other))
            begin, other = begin + 1, other + 1
        while begin < end and other < stop and old[end - 1] == new[stop - 1]:
            end, stop = end - 1, stop - 1
            pairs.append((end, stop))
        before, after = old[begin:end], new[other:stop]
        if _are_few(before, after):
            pairs += [(begin + i, other + j) for i, j in _matches(before, after)]
            continue
        anchors = [(begin + i, other + j) for i, j in _unique(before, after)]
        pairs += anchors
        if anchors:
            edges = [(begin - 1, other - 1), *anchors, (end, stop)]
            regions += [(i + 1, next_i, j + 1, next_j) for (i, j), (next_i, next_j) in pairwise(edges)]
    return sorted(pairs)


def align_sentences(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """As `align`, but with the fewest changes, of which the replacement of a sentence is one.

    So if the same is said several times and one of them is replaced, the others stay where they are.
    """
    begin, stop = 0, 0
    shorter = min(len(old), len(new))
    while begin < shorter and old[begin] == new[begin]:
        begin += 1
    while stop < shorter - begin and old[-1 - stop] == new[-1 - stop]:
        stop += 1
    before, after = old[begin : len(old) - stop], new[begin : len(new) - stop]
    if len(before) * len(after) > _MAX_COMPARISONS:
        return align(old, new)
    inside = [(begin + i, begin + j) for i, j in _fewest_changes(before, after)]
    ends = [(len(old) - back, len(new) - back) for back in range(stop, 0, -1)]
    return [*((index, index) for index in range(begin)), *inside, *ends]


def _fewest_changes(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """What stays if as little as possible is inserted, deleted and replaced."""
    rows = [list(range(len(new) + 1))]
    for item in old:
        above, row = rows[-1], [rows[-1][0] + 1]
        for j, other in enumerate(new):
            row.append(min(above[j] + (item != other), above[j + 1] + 1, row[j] + 1))
        rows.append(row)
    pairs = list[Pair]()
    i, j = len(old), len(new)
    while i and j:
        is_same = old[i - 1] == new[j - 1]
        if rows[i][j] == rows[i - 1][j - 1] + (not is_same):
            i, j = i - 1, j - 1
            pairs += [(i, j)] if is_same else []
        elif rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def slide(
    pairs: Sequence[Pair], old: Sequence[str], new: Sequence[str], firsts: Container[int]
) -> list[Pair]:
    """The same pairs, but where equally many fit, what was inserted or deleted is a whole sentence.

    Of "I was glad. I was sad." and "I was sad.", alignment may match the first "I was". `firsts` are the
    positions in `old` with which sentences begin.
    """
    moved = list(pairs)
    for number in range(1, len(moved)):
        (i, j), (after, following) = moved[number - 1], moved[number]
        if (after - i == 1) == (following - j == 1):
            continue
        step = 0
        while not (i + 1 - step in firsts and after - step in firsts):
            behind = after - 1 - step, following - 1 - step
            if step == number or moved[number - 1 - step] != (i - step, j - step):
                break
            if (old[i - step], new[j - step]) != (old[behind[0]], new[behind[1]]):
                break
            step += 1
        else:
            for back in range(step):
                moved[number - 1 - back] = (after - 1 - back, following - 1 - back)
    return moved


def without_chance(pairs: Sequence[Pair], old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """The pairs without those that are short beside what changed before and behind them: "I" in two sentences
    that have nothing else in common says nothing about when it was said.
    """
    blocks = list[list[Pair]]()
    for i, j in pairs:
        if blocks and blocks[-1][-1] == (i - 1, j - 1):
            blocks[-1].append((i, j))
        else:
            blocks.append([(i, j)])
    edges = [(-1, -1), *(edge for block in blocks for edge in (block[0], block[-1])), (len(old), len(new))]
    changed = [
        max(_length(old[i + 1 : after]), _length(new[j + 1 : following]))
        for (i, j), (after, following) in zip(edges[::2], edges[1::2], strict=True)
    ]
    return [
        pair
        for block, before, behind in zip(blocks, changed, changed[1:], strict=False)
        if _length(new[block[0][1] : block[-1][1] + 1]) * _LONGER > min(before, behind)
        for pair in block
    ]


def _length(items: Sequence[str]) -> int:
    return sum(map(len, items))


def _are_few(old: Sequence[str], new: Sequence[str]) -> bool:
    if max(len(old), len(new)) > _MAX_ITEMS:
        return False
    counts, others = Counter(old), Counter(new)
    return sum(count * others[item] for item, count in counts.items()) <= _MAX_COMPARISONS


def _matches(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            yield block.a + offset, block.b + offset


def _unique(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """The longest ascending series of items that are unique in both sequences."""
    counts, others = Counter(old), Counter(new)
    places = {item: index for index, item in enumerate(new) if others[item] == 1}
    pairs = [(i, places[item]) for i, item in enumerate(old) if counts[item] == 1 and item in places]
    return _ascending(pairs)


def _ascending(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest part of `pairs` (ascending in the first position) that ascends in the second, too."""
    lasts = list[int]()
    ends = list[int]()
    before = list[int]()
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(lasts, place)
        before.append(ends[length - 1] if length else -1)
        lasts[length : length + 1] = [place]
        ends[length : length + 1] = [index]
    series = list[Pair]()
    index = ends[-1] if ends else -1
    while index >= 0:
        series.append(pairs[index])
        index = before[index]
    return series[::-1]
