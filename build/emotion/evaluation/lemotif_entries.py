"""Lemotif's entries as sentences and labels, in folds, optionally joined to longer entries."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from build.data import lemotif
from build.emotion.evaluation.aggregation_methods import (
    Parts,
)
from build.evaluation.metrics import Bools
from functions.emotion.model import FEELINGS, TOPICS
from functions.shared.text.encoder import TextEncoder
from functions.shared.text.sentences import split

Folds = npt.NDArray[np.int64]
FOLDS = 10


class Entries(NamedTuple):
    """Sentences of entries, their labels (n, labels) by head, and the fold of each (n,)."""

    sentences: Parts
    truth: dict[str, Bools]
    labels: dict[str, list[str]]
    folds: Folds

    def joined(self, count: int) -> Entries:
        """Concatenate groups of ``count`` entries of the same fold."""
        rows = (np.flatnonzero(self.folds == fold) for fold in range(FOLDS))
        groups = [row[start : start + count] for row in rows for start in range(0, len(row), count)]
        return Entries(
            [[sentence for row in group for sentence in self.sentences[row]] for group in groups],
            {
                head: np.array([truth[group].any(axis=0) for group in groups])
                for head, truth in self.truth.items()
            },
            self.labels,
            np.array([self.folds[group[0]] for group in groups]),
        )


def load_entries(folder: Path, encoder: TextEncoder, seed: int = 0) -> Entries:
    """Lemotif's dev split, and train as well if the encoder has no heads of Lemotif's labels.

    Raises:
        DataError: as the loader does.
    """
    heads = encoder.config.heads
    splits: list[lemotif.Split] = ["dev"] if {FEELINGS, TOPICS} & set(heads) else ["train", "dev"]
    names: list[lemotif.Head] = ["feelings", "topics"]
    labels = {name: list(heads[name].labels) if name in heads else lemotif.LABELS[name] for name in names}
    loaded = {
        name: [lemotif.load(folder, split_name, name, labels[name]) for split_name in splits]
        for name in names
    }
    texts = [text for examples in loaded["feelings"] for text in examples.texts]
    return Entries(
        [split(text) or [text] for text in texts],
        {name: np.vstack([dataset.targets > 0 for dataset in datasets]) for name, datasets in loaded.items()},
        {str(name): label_names for name, label_names in labels.items()},
        np.random.default_rng(seed).permutation(len(texts)) % FOLDS,
    )
