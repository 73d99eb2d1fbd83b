"""Texts with the student's training targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from build.data.dataset import Dataset

Floats = npt.NDArray[np.float32]


class TrainingSet(NamedTuple):
    """n texts.

    ``targets``: each emotion's probability (n, labels). ``embeddings``: the base model's embedding of each
    text (n, width); None if the embedding is not distilled.
    """

    texts: list[str]
    targets: Floats
    embeddings: Floats | None = None

    @classmethod
    def from_dataset(cls, dataset: Dataset) -> TrainingSet:
        """The annotators' labels as targets."""
        return cls(dataset.texts, dataset.targets)

    def select(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> TrainingSet:
        """The texts of the given rows, in that order."""
        indices = np.asarray(rows, dtype=np.int64)
        texts = [self.texts[row] for row in indices.tolist()]
        return TrainingSet(
            texts, self.targets[indices], None if self.embeddings is None else self.embeddings[indices]
        )

    def rates(self) -> Floats:
        """Mean target of each label (labels,)."""
        return np.asarray(self.targets.mean(axis=0), dtype=np.float32)


def blend(hard: Floats, soft: Floats, teacher_weight: float) -> Floats:
    """Weighted mean of the teachers' probabilities and the annotators' labels.

    For cross-entropy this equals a weighted sum of two losses (Hinton et al. 2015,
    https://arxiv.org/abs/1503.02531, at temperature 1, which is right for labels that do not compete).
    """
    return ((1.0 - teacher_weight) * hard + teacher_weight * soft).astype(np.float32)
