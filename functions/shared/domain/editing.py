"""Replaces an entry's text. Pure, like the transitions in `lifecycle`."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from functions.shared.domain.changes import Write
from functions.shared.domain.content import Arc, Transcript
from functions.shared.domain.correcting import carry_over, unchanged_segments
from functions.shared.domain.entries import Entry, EventType, Stage, StageRecord
from functions.shared.domain.events import make_event
from functions.shared.domain.lifecycle import SKIPPED, settle
from functions.shared.runtime.settings import Settings


def edit(
    entry: Entry,
    transcript: Transcript,
    now: datetime,
    settings: Settings,
    *,
    previous: Transcript | None = None,
    arc: Arc | None = None,
) -> Write:
    """Replace the text: a new revision, analyzed again from emotion detection on.

    Args:
        transcript: the new text. If its sentences have times, it is still that of the recording.
        previous: the text so far, required if `correcting.needs_previous_text`.
        arc: that of `previous`. Emotion detection leaves its points for sentences that did not change.
    """
    revision = entry.revision + 1
    is_spoken = any(segment.start is not None for segment in transcript.segments)
    kept = _kept_points(arc, previous, transcript) if arc and previous and is_spoken else None
    fresh = replace(
        carry_over(entry, previous, transcript, revision),
        revision=revision,
        language=None,
        stages=_stages_after_edit(entry, kept),
        chunks=(),
        partial_audio=is_spoken and entry.partial_audio,
        partial_reason=entry.partial_reason if is_spoken else None,
        emotions=(),
        feelings=(),
        topics=(),
        sentiment=None,
        certain=True,
        support=False,
        summary=None,
        empty_reason=None,
        opening=None,
        words=(),
        left_out=any(segment.left_out is not None for segment in transcript.segments),
        dictated=None,
        requested_engine=None,
        embedding_model=None,
        pending_events=(make_event(EventType.TRANSCRIBED, entry.key, revision),),
    )
    pieces = (transcript,) if kept is None else (transcript, kept)
    return Write(entry=settle(fresh, now, settings), pieces=pieces, delete_pieces=True)


def _kept_points(arc: Arc, previous: Transcript, edited: Transcript) -> Arc:
    """The points of the sentences that did not change."""
    moved = unchanged_segments(previous, edited)
    points = (replace(point, segment=moved[point.segment]) for point in arc.points if point.segment in moved)
    return Arc(points=tuple(points))


def _stages_after_edit(entry: Entry, kept: Arc | None) -> dict[Stage, StageRecord]:
    """Nothing is to be transcribed. Where points of the arc are kept, the record names their model."""
    stages = {Stage.TRANSCRIPTION: SKIPPED}
    if kept is not None:
        by = entry.stage(Stage.EMOTION)
        stages[Stage.EMOTION] = StageRecord(engine=by.engine, model_version=by.model_version)
    return stages
