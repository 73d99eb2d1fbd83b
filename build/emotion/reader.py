"""An exported folder, read by the code that serves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from build.data.examples import Examples
from build.errors import DataError
from build.evaluation.metrics import Floats
from functions.shared.text.encoder import load_encoder


class Reader:
    """Logits exactly as served; a list of texts is encoded once for all heads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.encoder = load_encoder(folder)
        self._known: dict[tuple[str, ...], Mapping[str, Floats]] = {}

    def logits(self, head: str, texts: Sequence[str]) -> Floats:
        """Logits (n, labels) of n texts, before calibration."""
        key = tuple(texts)
        if key not in self._known:
            self._known[key] = self.encoder.encode(texts).heads
        return self._known[key][head]

    def align(self, head: str, examples: Examples) -> Examples:
        """The examples with the head's own labels, in its order.

        Raises:
            DataError: the model has no such head, or the examples lack one of its labels.
        """
        if head not in self.encoder.config.heads:
            raise DataError(f"{self.encoder.config.name} has no head {head!r} to evaluate")
        labels = list(self.encoder.head(head).labels)
        if unknown := set(labels) - set(examples.labels):
            raise DataError(f"the {head} of the dev split lack {', '.join(sorted(unknown))}")
        columns = [examples.labels.index(label) for label in labels]
        return Examples(examples.texts, examples.targets[:, columns], labels)
