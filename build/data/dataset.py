"""What every loader gives and every step takes: texts with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt


class Examples(NamedTuple):
    """``texts`` (n), ``targets`` (n, labels) of 0 and 1, and the labels' names in column order."""

    texts: list[str]
    targets: npt.NDArray[np.float32]
    labels: list[str]

    def take(self, count: int) -> Examples:
        """The first ``count`` examples."""
        return Examples(self.texts[:count], self.targets[:count], self.labels)

    def select(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.integer[Any]] | Sequence[int]) -> Examples:
        """The examples of a mask over all rows, or of row numbers in their order."""
        chosen = np.arange(len(self.texts))[np.asarray(rows, dtype=None if len(rows) else np.intp)]
        return Examples([self.texts[row] for row in chosen], self.targets[chosen], self.labels)


def targets(rows: Sequence[Sequence[int]], labels: int) -> npt.NDArray[np.float32]:
    """(rows, ``labels``) with a 1 in each column that a row names."""
    found = np.zeros((len(rows), labels), dtype=np.float32)
    for index, numbers in enumerate(rows):
        found[index, list(numbers)] = 1.0
    return found
