"""An entry's sentences, put together into passages that the encoder reads at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def passages(sentences: Sequence[str], lengths: Sequence[int], room: int) -> list[str]:
    """Consecutive sentences, of `lengths` tokens each, in few passages of at most `room` tokens.

    Passages are about equally long. A sentence that is longer by itself makes a passage of its own.
    """
    return [" ".join(sentences[start:end]) for start, end in spans(lengths, room)]


def spans(lengths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Start and end (exclusive) of each passage."""
    even = sum(lengths) / max(-(-sum(lengths) // room), 1)
    start, filled = 0, 0
    for index, length in enumerate(lengths):
        if start < index and (filled >= even or filled + length > room):
            yield start, index
            start, filled = index, 0
        filled += length
    if lengths:
        yield start, len(lengths)
