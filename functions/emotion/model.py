"""The emotion model: text to calibrated probabilities over GoEmotions' 28 labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from functions.emotion.aggregate import aggregate, word_counts
from functions.shared.encoder import TextEncoder, load_encoder
from functions.shared.entries import EmotionScore
from functions.shared.sentences import split
from functions.shared.work import Progress, no_progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

HEAD = "emotions"


class EmotionModel:
    """Reads emotions off the shared text encoder; safe to call from several threads."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._head = encoder.head(HEAD)

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """The model in `folder`. Raises ArtifactError when a file is missing or does not fit."""
        return cls(load_encoder(folder, threads))

    @property
    def name(self) -> str:
        return self._encoder.config.name

    @property
    def version(self) -> str:
        return self._encoder.config.version

    @property
    def labels(self) -> tuple[str, ...]:
        return self._head.labels

    def predict(self, texts: Sequence[str]) -> list[tuple[EmotionScore, ...]]:
        """What each text expresses, surest first; empty where nothing passes its threshold."""
        return [self.scores(row) for row in self.probabilities(texts)]

    def probabilities(self, texts: Sequence[str], *, progress: Progress = no_progress) -> Floats:
        """Calibrated probabilities (n, labels). A text too long to read at once is read by sentences."""
        encoded = self._encoder.encode(texts, progress=progress)
        rows = self._head.probabilities(encoded.heads[HEAD])
        for index in encoded.truncated.nonzero()[0].tolist():
            rows[index] = self._by_sentences(texts[index])
        return rows

    def scores(self, row: Floats) -> tuple[EmotionScore, ...]:
        """The labels of one row of probabilities (labels,) that pass their thresholds, surest first."""
        named = zip(self._head.labels, row.tolist(), self._head.thresholds, strict=True)
        passed = [
            EmotionScore(emotion=label, confidence=round(p, 4)) for label, p, least in named if p >= least
        ]
        return tuple(sorted(passed, key=lambda score: -score.confidence))

    def _by_sentences(self, text: str) -> Floats:
        sentences = split(text)
        logits = self._encoder.encode(sentences).heads[HEAD]
        return aggregate(self._head.probabilities(logits), word_counts(sentences))
