"""Groups an entry's sentences into passages that fit the encoder's input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def passages(sentences: Sequence[str], lengths: Sequence[int], token_budget: int) -> list[str]:
    """Consecutive sentences in few passages of at most `token_budget` tokens each.

    Passages are about equally long. A sentence that exceeds the budget is a passage of its own.

    Args:
        lengths: tokens of each sentence.
    """
    return [" ".join(sentences[start:end]) for start, end in spans(lengths, token_budget)]


def spans(lengths: Sequence[int], token_budget: int) -> Iterator[tuple[int, int]]:
    """The first sentence of each passage, and the one after its last."""
    target = sum(lengths) / max(-(-sum(lengths) // token_budget), 1)
    start, filled = 0, 0
    for index, length in enumerate(lengths):
        if start < index and (filled >= target or filled + length > token_budget):
            yield start, index
            start, filled = index, 0
        filled += length
    if lengths:
        yield start, len(lengths)
