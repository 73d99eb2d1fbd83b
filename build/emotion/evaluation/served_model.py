"""An exported model, loaded by the serving code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from build.data.dataset import Dataset
from build.errors import DataError
from build.evaluation.metrics import Floats
from functions.shared.text.encoder import load_encoder


class ServedModel:
    """Logits exactly as served; a list of texts is encoded once for all heads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.encoder = load_encoder(folder)
        self._cache: dict[tuple[str, ...], Mapping[str, Floats]] = {}

    def logits(self, head: str, texts: Sequence[str]) -> Floats:
        """Logits (n, labels) of n texts, before calibration."""
        key = tuple(texts)
        if key not in self._cache:
            self._cache[key] = self.encoder.encode(texts).heads
        return self._cache[key][head]

    def align(self, head: str, dataset: Dataset) -> Dataset:
        """The dataset with the head's labels in the head's order.

        Raises:
            DataError: the model has no such head, or the dataset lacks one of its labels.
        """
        if head not in self.encoder.config.heads:
            raise DataError(f"{self.encoder.config.name} has no head {head!r} to evaluate")
        labels = list(self.encoder.head(head).labels)
        if unknown := set(labels) - set(dataset.labels):
            raise DataError(f"the {head} labels of the dev split lack {', '.join(sorted(unknown))}")
        columns = [dataset.labels.index(label) for label in labels]
        return Dataset(dataset.texts, dataset.targets[:, columns], labels)
