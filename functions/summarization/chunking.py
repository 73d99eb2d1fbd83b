"""What is longer than a model reads at once, in few and even parts; nothing is left out."""

from __future__ import annotations

from collections.abc import Sequence


def chunk_sentences(lengths: Sequence[int], room: int) -> list[range]:
    """Runs of at least one sentence, each of at most `room` tokens; a longer sentence is a run of its own."""
    parts = max(1, -(-sum(lengths) // room))
    while True:
        even = sum(lengths) / parts
        found = _cut(lengths, room, even)
        if found is not None and (len(found) <= parts or parts >= len(lengths)):
            return found
        parts += 1


def _cut(lengths: Sequence[int], room: int, even: float) -> list[range]:
    found, start, size = [], 0, 0
    for index, length in enumerate(lengths):
        full = size + length > room or (size + length / 2 > even and len(lengths) - index > 0)
        if index > start and full:
            found.append(range(start, index))
            start, size = index, 0
        size += length
    return [*found, range(start, len(lengths))]
