"""Texts with what the student should say of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from build.data.dataset import Dataset

Floats = npt.NDArray[np.float32]


class TrainingSet(NamedTuple):
    """n texts.

    ``targets``: each emotion's probability (n, labels). ``embeddings``: where the base model has each text
    (n, width); None if nobody asked for it.
    """

    texts: list[str]
    targets: Floats
    embeddings: Floats | None = None

    @classmethod
    def from_dataset(cls, dataset: Dataset) -> TrainingSet:
        """What annotators said."""
        return cls(dataset.texts, dataset.targets)

    def select(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> TrainingSet:
        """Some of the texts, in the order given."""
        at = np.asarray(rows, dtype=np.int64)
        texts = [self.texts[row] for row in at.tolist()]
        return TrainingSet(texts, self.targets[at], None if self.embeddings is None else self.embeddings[at])

    def rates(self) -> Floats:
        """Each label's mean target (labels,)."""
        return np.asarray(self.targets.mean(axis=0), dtype=np.float32)


def blend(hard: Floats, soft: Floats, share: float) -> Floats:
    """Targets of a student: ``share`` of the teacher's probabilities, the rest what annotators said.

    For cross-entropy this equals weighting two losses (Hinton et al. 2015, https://arxiv.org/abs/1503.02531,
    at temperature 1, which is right for labels that do not compete).
    """
    return ((1.0 - share) * hard + share * soft).astype(np.float32)
