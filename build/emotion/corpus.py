"""Texts from several sources as one training set: what each head should say, as far as anybody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Corpus(NamedTuple):
    """n texts.

    ``targets``: by head, probabilities (n, labels), rows of NaN where nobody labelled the text.
    ``embeddings``: (n, width), where the base model has each text; None if nobody asked for it.
    """

    texts: list[str]
    targets: dict[str, Floats]
    embeddings: Floats | None = None

    def select(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> Corpus:
        """Some of the texts, in the order given."""
        at = np.asarray(rows, dtype=np.int64)
        return Corpus(
            [self.texts[row] for row in at.tolist()],
            {head: values[at] for head, values in self.targets.items()},
            None if self.embeddings is None else self.embeddings[at],
        )

    def rates(self) -> dict[str, Floats]:
        """Each label's mean target over the texts whose head is known: (labels,) by head."""
        return {head: np.nanmean(values, axis=0).astype(np.float32) for head, values in self.targets.items()}


def join(parts: Sequence[Corpus], heads: Mapping[str, int]) -> Corpus:
    """One after the other, over ``heads`` (labels by head); what a part doesn't label becomes NaN."""
    return Corpus(
        [text for part in parts for text in part.texts],
        {
            head: np.concatenate([_said(part, head, labels) for part in parts])
            for head, labels in heads.items()
        },
    )


def repeat(part: Corpus, times: int) -> Corpus:
    """Every text ``times`` over."""
    return part.select(np.tile(np.arange(len(part.texts)), times))


def blend(hard: Floats, soft: Floats, share: float) -> Floats:
    """Targets of a student: ``share`` of the teacher's probabilities, the rest what annotators said.

    For cross-entropy this equals weighting two losses (Hinton et al. 2015, https://arxiv.org/abs/1503.02531,
    at temperature 1, which is right for labels that do not compete).
    """
    return ((1.0 - share) * hard + share * soft).astype(np.float32)


def _said(part: Corpus, head: str, labels: int) -> Floats:
    known = part.targets.get(head)
    return np.full((len(part.texts), labels), np.nan, dtype=np.float32) if known is None else known
