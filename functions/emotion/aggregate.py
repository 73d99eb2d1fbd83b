"""Aggregates the probabilities of an entry's sentences or passages to those of the whole entry.

How each head aggregates, and why: docs/decisions/0008-entry-level-emotions.md.
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
"""In `Aggregation.HALF`: the weight of a label's maximum, against its average over all parts."""
_EPSILON = 1e-6
"""Probabilities are clipped this far from 0 and 1 before their odds are taken."""


def word_counts(texts: Sequence[str]) -> list[int]:
    """The number of words in each text, at least one."""
    return [max(len(text.split()), 1) for text in texts]


def aggregate(probabilities: Floats, words: Sequence[int], how: Aggregation) -> Floats:
    """Probabilities (labels,) of the whole from those of its parts (n, labels), n at least one.

    A single part keeps its own probabilities. The order of the parts does not matter.

    Args:
        words: the number of words in each part.
    """
    import numpy as np

    if len(probabilities) == 1:
        return np.asarray(probabilities[0])
    weights = np.asarray(words, dtype=np.float64) / sum(words)
    return np.asarray(_FORMULAS[how](probabilities.astype(np.float64), weights), dtype=np.float32)


def _half(probabilities: Doubles, weights: Doubles) -> Doubles:
    peak: Doubles = probabilities.max(axis=0)
    return PEAK_SHARE * peak + (1.0 - PEAK_SHARE) * (weights @ probabilities)


def _logit_mean(probabilities: Doubles, weights: Doubles) -> Doubles:
    """The mean of logits is the geometric mean of odds."""
    return _from_odds((_odds(probabilities) ** weights[:, None]).prod(axis=0))


def _odds(probabilities: Doubles) -> Doubles:
    clipped = probabilities.clip(_EPSILON, 1.0 - _EPSILON)
    return clipped / (1.0 - clipped)


def _from_odds(odds: Doubles) -> Doubles:
    return odds / (1.0 + odds)


_FORMULAS: Mapping[Aggregation, Callable[[Doubles, Doubles], Doubles]] = {
    Aggregation.MEAN: lambda probabilities, weights: weights @ probabilities,
    Aggregation.PEAK: lambda probabilities, _: probabilities.max(axis=0),
    Aggregation.HALF: _half,
    Aggregation.NOISY_OR: lambda probabilities, _: 1.0 - (1.0 - probabilities).prod(axis=0),
    Aggregation.LOGIT_MEAN: _logit_mean,
    Aggregation.ODDS_MEAN: lambda probabilities, _: _from_odds(_odds(probabilities).mean(axis=0)),
}
"""Each takes probabilities (n, labels) and the weights (n,) of the parts, which sum to one."""
