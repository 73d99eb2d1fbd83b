"""Choose few sentences that together say most of what a summary would.

Their value is the F1 a reader would find if the summary had the words it is expected to have (concept-based
selection: Gillick and Favre 2009, https://aclanthology.org/W09-1802), and what each sentence scores. A word
counts once however many sentences have it, so repetition earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

_BEAMS = 8


class SelectionLimits(NamedTuple):
    """How much may be chosen.

    Attributes:
        sentences: at most this many.
        words: all together, at most; a single sentence may be longer.
        wanted: as many words as a summary is expected to have.
        a_group: of one group, at most this many sentences.
    """

    sentences: int
    words: int
    wanted: int
    a_group: int


class SentenceSelector:
    """Sentences to choose from.

    Args:
        sentences: their words.
        scores: (n,), what each is worth by itself.
        chances: of each word, how likely the summary has it.
        weight: how much scores count beside words.
        groups: which entry each is from; all from one where not given.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[str]],
        scores: Sequence[float],
        chances: Mapping[str, float],
        weight: float,
        groups: Sequence[int] | None = None,
    ) -> None:
        import numpy as np

        known = {word: at for at, word in enumerate(chances)}
        self._chances = np.asarray([chances[word] for word in known], dtype=np.float32)
        self._has = np.zeros((len(sentences), len(known)), dtype=np.bool_)
        for row, sentence in enumerate(sentences):
            self._has[row, [known[word] for word in sentence if word in known]] = True
        self._lengths = np.asarray([max(1, len(sentence)) for sentence in sentences], dtype=np.float32)
        self._worth = weight * np.asarray(scores, dtype=np.float32) * self._lengths
        self._groups = np.asarray(groups if groups is not None else [0] * len(sentences))

    def best(self, limits: SelectionLimits) -> list[int]:
        """Row numbers in their order, by beam search: the best sets of each size grow by one sentence."""
        sets: dict[tuple[int, ...], float] = {(): 0.0}
        best: tuple[float, tuple[int, ...]] = (-float("inf"), ())
        for _ in range(limits.sentences):
            grown = {
                tuple(sorted((*chosen, row))): value
                for chosen in sets
                for value, row in self._additions(list(chosen), limits)
            }
            if not grown:
                break
            ranked = sorted(grown, key=lambda chosen: (-grown[chosen], chosen))[:_BEAMS]
            sets = {chosen: grown[chosen] for chosen in ranked}
            best = max(best, (sets[ranked[0]], ranked[0]), key=lambda each: each[0])
        return list(best[1])

    def _additions(self, chosen: list[int], limits: SelectionLimits) -> list[tuple[float, int]]:
        """The best sentences to add, with the value of all together."""
        import numpy as np

        lengths = self._lengths[chosen].sum() + self._lengths
        seen = self._has[chosen].any(axis=0)
        words = self._chances @ seen + (self._has & ~seen) @ self._chances
        values = (2.0 * words + self._worth[chosen].sum() + self._worth) / (lengths + limits.wanted)
        values[chosen] = -np.inf
        if chosen:
            values[lengths > limits.words] = -np.inf
        groups = self._groups[chosen]
        full = [group for group in groups if (groups == group).sum() >= limits.a_group]
        values[np.isin(self._groups, full)] = -np.inf
        rows = np.argsort(-values, kind="stable")[:_BEAMS]
        return [(float(values[row]), int(row)) for row in rows if np.isfinite(values[row])]
