"""Choose few sentences that matter and do not repeat each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]


def select(
    scores: Floats, embeddings: Floats, lengths: Sequence[int], *, limit: int, budget: int, redundancy: float
) -> list[int]:
    """Rows chosen by maximal marginal relevance (Carbonell and Goldstein 1998), best first.

    Each further row is the best after paying `redundancy` times its highest cosine to a row already
    chosen. At most `limit` rows; all but the first must fit into `budget`, counted in `lengths`.
    """
    likeness = embeddings @ embeddings.T
    chosen: list[int] = []
    left = list(range(len(scores)))
    while left and len(chosen) < limit:
        paid = [scores[row] - redundancy * likeness[row, chosen].max(initial=0.0) for row in left]
        best = left[max(range(len(left)), key=paid.__getitem__)]
        chosen.append(best)
        budget -= lengths[best]
        left = [row for row in left if row != best and lengths[row] <= budget]
    return chosen
