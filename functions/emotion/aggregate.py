"""From parts to the whole: what an entry's sentences or passages express together.

Why each head is read as it is: docs/decisions/0008-an-entry-as-a-whole.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from functions.shared.text.encoder import Aggregation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Doubles = npt.NDArray[np.float64]

PEAK_SHARE = 0.5
"""In `Aggregation.HALF`: how much a label's strongest part counts against its average over all of them."""
_CERTAIN = 1e-6
"""Probabilities are kept this far from 0 and 1 where their odds are needed."""


def word_counts(texts: Sequence[str]) -> list[int]:
    """Words in each text, at least one."""
    return [max(len(text.split()), 1) for text in texts]


def aggregate(probabilities: Floats, words: Sequence[int], how: Aggregation) -> Floats:
    """One row (labels,) for at least one part of probabilities (n, labels), each `words` long.

    A single part keeps its own probabilities. The order of the parts does not matter.
    """
    import numpy as np

    if len(probabilities) == 1:
        return np.asarray(probabilities[0])
    weights = np.asarray(words, dtype=np.float64) / sum(words)
    return np.asarray(_WAYS[how](probabilities.astype(np.float64), weights), dtype=np.float32)


def _half(probabilities: Doubles, weights: Doubles) -> Doubles:
    peak: Doubles = probabilities.max(axis=0)
    return PEAK_SHARE * peak + (1.0 - PEAK_SHARE) * (weights @ probabilities)


def _logit_mean(probabilities: Doubles, weights: Doubles) -> Doubles:
    """The mean of logits is the geometric mean of odds."""
    return _of_odds((_odds(probabilities) ** weights[:, None]).prod(axis=0))


def _odds(probabilities: Doubles) -> Doubles:
    unsure = probabilities.clip(_CERTAIN, 1.0 - _CERTAIN)
    return unsure / (1.0 - unsure)


def _of_odds(odds: Doubles) -> Doubles:
    return odds / (1.0 + odds)


_WAYS: Mapping[Aggregation, Callable[[Doubles, Doubles], Doubles]] = {
    Aggregation.MEAN: lambda probabilities, weights: weights @ probabilities,
    Aggregation.PEAK: lambda probabilities, _: probabilities.max(axis=0),
    Aggregation.HALF: _half,
    Aggregation.NOISY_OR: lambda probabilities, _: 1.0 - (1.0 - probabilities).prod(axis=0),
    Aggregation.LOGIT_MEAN: _logit_mean,
    Aggregation.ODDS_MEAN: lambda probabilities, _: _of_odds(_odds(probabilities).mean(axis=0)),
}
"""Each takes probabilities (n, labels) and the parts' weights (n,), which sum to one."""
