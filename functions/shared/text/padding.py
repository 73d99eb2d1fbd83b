"""Which texts run through a graph together: near-equal lengths, little padding, bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.int64]

MAX_BATCH_TOKENS = 2048
"""Of one batch, padding included: some 25 MB of activations in an encoder 384 wide."""
_LEAST_FILLED = 0.75
"""A text this much shorter than a batch's longest begins one of its own."""


def plan_batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Indices into `lengths` (tokens) in batches of at most `most` texts, the longest texts first."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batches and _joins(lengths[index], lengths[batches[-1][0]], len(batches[-1]), most):
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def pad(rows: Sequence[Sequence[int]]) -> Ids:
    """Rows of integers as one array (rows, longest), filled up with zeros."""
    import numpy as np

    padded = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return padded


def _joins(length: int, longest: int, count: int, most: int) -> bool:
    """Whether a text of `length` may join a batch of `count` texts padded to `longest`."""
    room = count < most and (count + 1) * longest <= MAX_BATCH_TOKENS
    return room and length >= _LEAST_FILLED * longest
