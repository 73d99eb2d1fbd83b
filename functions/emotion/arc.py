"""How emotion runs through an entry, sentence by sentence, and what the entry expresses overall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.emotion.aggregate import aggregate, word_counts
from functions.emotion.model import EmotionModel
from functions.emotion.sentiment import valence
from functions.shared.entries import Arc, ArcPoint, EmotionScore, Segment
from functions.shared.work import Progress, no_progress

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry expresses: over its course, and as a whole."""

    arc: Arc
    emotions: tuple[EmotionScore, ...]
    sentiment: float


def trace(model: EmotionModel, segments: Sequence[Segment], *, progress: Progress = no_progress) -> Reading:
    """Read at least one segment; `progress` hears the share done."""
    texts = [segment.text for segment in segments]
    probabilities = model.probabilities(texts, progress=progress)
    whole = aggregate(probabilities, word_counts(texts))
    return Reading(
        arc=Arc(points=tuple(_point(model, index, row) for index, row in enumerate(probabilities))),
        emotions=model.scores(whole),
        sentiment=_sentiment(model, whole),
    )


def _point(model: EmotionModel, index: int, row: npt.NDArray[np.float32]) -> ArcPoint:
    return ArcPoint(segment=index, emotions=model.scores(row), sentiment=_sentiment(model, row))


def _sentiment(model: EmotionModel, row: npt.NDArray[np.float32]) -> float:
    return round(float(valence(row, model.labels)), 4)
