"""Overlapping windows over an entry's sentences, for models that read more than one passage at a time."""

from __future__ import annotations

from collections.abc import Sequence

Window = tuple[int, int]
"""The first sentence of a window, and the one after its last."""

OVERLAP = 0.25
"""The share of a window's tokens that the next one repeats, at least."""


def windows(lengths: Sequence[int], token_budget: int) -> list[Window]:
    """Few windows of at most `token_budget` tokens that cover all sentences; a longer sentence is alone.

    Args:
        lengths: tokens of each sentence.
    """
    covering: list[Window] = []
    start = 0
    while start < len(lengths):
        end = _end(lengths, start, token_budget)
        covering.append((start, end))
        if end == len(lengths):
            break
        start = max(start + 1, _overlap_start(lengths, start, end))
    return covering


def best_window(sentence: int, covering: Sequence[Window]) -> int:
    """The index of the window in which a sentence has most context on its shorter side."""
    containing = [index for index, (start, end) in enumerate(covering) if start <= sentence < end]
    return max(containing, key=lambda index: _context(sentence, index, covering))


def _context(sentence: int, index: int, covering: Sequence[Window]) -> float:
    """Sentences between this one and the nearer end of the window; the entry's own ends do not count."""
    start, end = covering[index]
    before = float("inf") if index == 0 else sentence - start
    after = float("inf") if index == len(covering) - 1 else end - 1 - sentence
    return min(before, after)


def _end(lengths: Sequence[int], start: int, token_budget: int) -> int:
    filled, end = lengths[start], start + 1
    while end < len(lengths) and filled + lengths[end] <= token_budget:
        filled += lengths[end]
        end += 1
    return end


def _overlap_start(lengths: Sequence[int], start: int, end: int) -> int:
    """The last sentence from which the rest of the window is a large enough overlap."""
    wanted = OVERLAP * sum(lengths[start:end])
    first = end
    while first > start + 1 and sum(lengths[first:end]) < wanted:
        first -= 1
    return first
