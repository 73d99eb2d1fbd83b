"""From sentences to the whole: what several of them express together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

PEAK_SHARE = 0.5
"""How much an emotion's strongest sentence counts against its average over all of them."""


def word_counts(texts: Sequence[str]) -> list[int]:
    """Words in each text, at least one."""
    return [max(len(text.split()), 1) for text in texts]


def aggregate(probabilities: Floats, words: Sequence[int]) -> Floats:
    """One row (labels,) for sentences of probabilities (n, labels), each `words` long.

    Halfway between the word-weighted mean and the peak: the mean alone drowns the one sentence an
    entry is about, the peak alone finds more emotions the longer an entry is. A single sentence
    keeps its own probabilities.
    """
    import numpy as np

    mean = np.average(probabilities, axis=0, weights=words)
    peak = probabilities.max(axis=0)
    return np.asarray(PEAK_SHARE * peak + (1.0 - PEAK_SHARE) * mean, dtype=np.float32)
