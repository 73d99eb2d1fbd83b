"""Selects few sentences that together cover most of what a summary would say.

The value of a set is its expected F1 with the words of the summary (concept-based selection: Gillick and
Favre 2009, https://aclanthology.org/W09-1802), plus the sentences' scores. A word counts once however many
sentences have it, so repetition gains nothing.
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
    """How much may be selected.

    Attributes:
        sentences: sentences, at most.
        words: words in all, at most; a single sentence may be longer.
        expected_words: the number of words that a summary is expected to have.
        per_group: sentences of one group, at most.
    """

    sentences: int
    words: int
    expected_words: int
    per_group: int


class SentenceSelector:
    """Selects from a list of sentences.

    Args:
        sentences: their words.
        scores: (n,), the value of each sentence alone.
        chances: the probability that the summary has each word.
        weight: how much scores count relative to words.
        groups: the entry of each sentence; None if all are from one entry.
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

        columns = {word: index for index, word in enumerate(chances)}
        self._chances = np.asarray([chances[word] for word in columns], dtype=np.float32)
        self._has = np.zeros((len(sentences), len(columns)), dtype=np.bool_)
        for row, sentence in enumerate(sentences):
            self._has[row, [columns[word] for word in sentence if word in columns]] = True
        self._lengths = np.asarray([max(1, len(sentence)) for sentence in sentences], dtype=np.float32)
        self._values = weight * np.asarray(scores, dtype=np.float32) * self._lengths
        self._groups = np.asarray(groups if groups is not None else [0] * len(sentences))

    def select(self, limits: SelectionLimits) -> list[int]:
        """The indices of the selected sentences, in order, by beam search over sets of growing size."""
        sets: dict[tuple[int, ...], float] = {(): 0.0}
        best: tuple[float, tuple[int, ...]] = (-float("inf"), ())
        for _ in range(limits.sentences):
            grown = {
                tuple(sorted((*selected, row))): value
                for selected in sets
                for value, row in self._additions(list(selected), limits)
            }
            if not grown:
                break
            ranked = sorted(grown, key=lambda selected: (-grown[selected], selected))[:_BEAMS]
            sets = {selected: grown[selected] for selected in ranked}
            best = max(best, (sets[ranked[0]], ranked[0]), key=lambda scored: scored[0])
        return list(best[1])

    def _additions(self, selected: list[int], limits: SelectionLimits) -> list[tuple[float, int]]:
        """The best sentences to add, with the value of the set they make."""
        import numpy as np

        lengths = self._lengths[selected].sum() + self._lengths
        covered = self._has[selected].any(axis=0)
        words = self._chances @ covered + (self._has & ~covered) @ self._chances
        gains = 2.0 * words + self._values[selected].sum() + self._values
        values = gains / (lengths + limits.expected_words)
        values[selected] = -np.inf
        if selected:
            values[lengths > limits.words] = -np.inf
        groups = self._groups[selected]
        full = [group for group in groups if (groups == group).sum() >= limits.per_group]
        values[np.isin(self._groups, full)] = -np.inf
        rows = np.argsort(-values, kind="stable")[:_BEAMS]
        return [(float(values[row]), int(row)) for row in rows if np.isfinite(values[row])]
