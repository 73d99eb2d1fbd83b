"""Sentiment: how positive a text's emotions are, -1 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.shared.domain.labels import NEGATIVE, POSITIVE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]


def valence(probabilities: Floats, labels: Sequence[str]) -> Floats:
    """Sentiment (n,) of `probabilities` (n, labels): the share of positive minus that of negative emotions.

    Both are shares of all labels, so ambiguous and neutral ones pull towards zero.
    """
    import numpy as np

    signs = np.asarray([(label in POSITIVE) - (label in NEGATIVE) for label in labels], dtype=np.float32)
    total = np.maximum(probabilities.sum(axis=-1), np.finfo(np.float32).tiny)
    return np.asarray((probabilities @ signs) / total, dtype=np.float32)
