"""The multi-label text dataset that every loader returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Dataset(NamedTuple):
    """``texts`` (n), ``targets`` (n, labels) of 0 and 1, and the label names in column order."""

    texts: list[str]
    targets: npt.NDArray[np.float32]
    labels: list[str]

    def head(self, count: int) -> Dataset:
        """The first ``count`` rows."""
        return Dataset(self.texts[:count], self.targets[:count], self.labels)

    def select(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.integer[Any]] | Sequence[int]) -> Dataset:
        """The rows of a boolean mask, or of row indices in the given order."""
        indices = np.arange(len(self.texts))[np.asarray(rows, dtype=None if len(rows) else np.intp)]
        return Dataset([self.texts[row] for row in indices], self.targets[indices], self.labels)


def multi_hot(rows: Sequence[Sequence[int]], labels: int) -> npt.NDArray[np.float32]:
    """A (rows, ``labels``) matrix with a 1 in each column that a row lists."""
    matrix = np.zeros((len(rows), labels), dtype=np.float32)
    for index, columns in enumerate(rows):
        matrix[index, list(columns)] = 1.0
    return matrix


def random_share(rows: int, share: float, seed: int) -> npt.NDArray[np.int64]:
    """Row indices of a random share, at least one, in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[: max(1, round(rows * share))])
