"""Batches texts of near-equal length: little padding, bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.int64]

MAX_BATCH_TOKENS = 2048
"""Padding included: about 25 MB of activations in an encoder of width 384."""
_MIN_FILL = 0.75
"""A text that would fill less of its row than this starts a new batch."""


def plan_batches(lengths: Sequence[int], max_texts: int) -> list[list[int]]:
    """Indices into `lengths` (tokens) in batches of at most `max_texts`, the longest texts first."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if batches and _fits(lengths[index], lengths[batches[-1][0]], len(batches[-1]), max_texts):
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def pad(rows: Sequence[Sequence[int]]) -> Ids:
    """Rows of integers as one array (rows, longest), padded with zeros."""
    import numpy as np

    padded = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for index, row in enumerate(rows):
        padded[index, : len(row)] = row
    return padded


def _fits(length: int, longest: int, count: int, max_texts: int) -> bool:
    """Whether a text of `length` may join a batch of `count` texts padded to `longest`."""
    has_space = count < max_texts and (count + 1) * longest <= MAX_BATCH_TOKENS
    return has_space and length >= _MIN_FILL * longest
