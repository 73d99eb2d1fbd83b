"""Splits text that is longer than a model's input into few, even chunks; nothing is left out."""

from __future__ import annotations

from collections.abc import Sequence


def chunk_sentences(lengths: Sequence[int], token_budget: int) -> list[range]:
    """Chunks of consecutive sentences, each of at most `token_budget` tokens; at least one sentence each.

    A sentence that exceeds the budget is a chunk of its own. `lengths` are in tokens.
    """
    count = max(1, -(-sum(lengths) // token_budget))
    while True:
        chunks = _split(lengths, token_budget, sum(lengths) / count)
        if len(chunks) <= count or count >= len(lengths):
            return chunks
        count += 1


def _split(lengths: Sequence[int], token_budget: int, target: float) -> list[range]:
    chunks, start, size = [], 0, 0
    for index, length in enumerate(lengths):
        full = size + length > token_budget or size + length / 2 > target
        if index > start and full:
            chunks.append(range(start, index))
            start, size = index, 0
        size += length
    return [*chunks, range(start, len(lengths))]
