"""How emotion runs through an entry, sentence by sentence, and what the entry expresses overall."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from functions.emotion.model import Classification, EmotionModel
from functions.shared.domain.content import Arc, ArcPoint, Segment
from functions.shared.domain.stage_work import ReportProgress, no_progress


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry expresses: over its course, and as a whole."""

    arc: Arc
    whole: Classification


def trace(
    model: EmotionModel, segments: Sequence[Segment], *, progress: ReportProgress = no_progress
) -> Reading:
    """Read at least one segment; `progress` hears the share done."""
    judged = model.entry_probabilities([segment.text for segment in segments], progress=progress)
    points = (
        ArcPoint(segment=index, emotions=model.scores(row), sentiment=model.sentiment(row))
        for index, row in enumerate(judged.sentences)
    )
    return Reading(arc=Arc(points=tuple(points)), whole=model.classification(judged.whole))
