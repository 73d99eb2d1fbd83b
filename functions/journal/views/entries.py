"""An entry as clients see it: the stored document without its internal fields, plus its content."""

from __future__ import annotations

import hashlib

import msgspec

from functions.journal.support.notes import SupportNote
from functions.journal.views.audio import AudioView, audio_view
from functions.journal.views.claims import Claim, claims
from functions.shared.domain.content import (
    Arc,
    EmotionScore,
    EmptyReason,
    LabelScore,
    Segment,
    Timestamp,
    Transcript,
)
from functions.shared.domain.corrections import InsightPart
from functions.shared.domain.dictated import recognized_text, words_digest
from functions.shared.domain.effective import Insight, arc_of, corrected_segments, insight_of
from functions.shared.domain.entries import (
    FINISHED_STATES,
    Entry,
    Source,
    Stage,
    StageError,
    StageRecord,
    StageState,
    Status,
)
from functions.shared.domain.insight import Feedback, Summary
from functions.shared.domain.lifecycle import ORDER

TAG = "Journal"

FINAL = frozenset({Status.PARTIAL, Status.READY, Status.FAILED})
"""Statuses after which an entry changes only if its user changes it."""


class StageView(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one stage. `progress` is a fraction (0..1), or null if unknown."""

    stage: Stage
    state: StageState
    progress: float | None = None
    engine: str | None = None
    model_version: str | None = None
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None
    error: StageError | None = None


class ArcPointView(msgspec.Struct, frozen=True, kw_only=True):
    """The emotions of one segment. `start` and `end` are in seconds, and null for text entries.

    `corrected`: the user stated these emotions.
    """

    segment: int
    start: float | None
    end: float | None
    sentiment: float
    emotions: tuple[EmotionScore, ...]
    corrected: bool = False


class InsightView(msgspec.Struct, frozen=True, kw_only=True):
    """Emotions, topics and summary of an entry. If they are empty, `empty_reason` says why.

    The first emotion leads, unless it is hard to tell: then `certain` is false. `claims` are what to show, in
    words, each with the sentences it rests on. What the user corrected replaces what the models found;
    `corrected` names these parts. Labels that the user stated have the confidence 1, most important first.
    """

    emotions: tuple[EmotionScore, ...]
    feelings: tuple[LabelScore, ...]
    topics: tuple[LabelScore, ...]
    sentiment: float | None
    summary: Summary | None
    empty_reason: EmptyReason | None
    arc: tuple[ArcPointView, ...] | None = None
    certain: bool = True
    claims: tuple[Claim, ...] | None = None
    title: str | None = None
    corrected: tuple[InsightPart, ...] = ()


class TranscriptView(msgspec.Struct, frozen=True, kw_only=True):
    """What was said or written, in segments.

    `differs_from_dictation`: it was made from the whole recording, and has other words than its user saw
    while dictating.
    """

    text: str
    segments: tuple[Segment, ...]
    differs_from_dictation: bool = False


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. `transcript` and the insight's `arc` and `claims` are null in lists, and until they exist.

    If there is `support`, show it in place of the insight's scores and chart, unless it was dismissed.
    `opening` are the first words of an entry without a summary whose `language` is not analyzed.
    """

    id: str
    source: Source
    status: Status
    revision: int
    created_at: Timestamp
    recorded_at: Timestamp
    updated_at: Timestamp
    timezone: str | None
    language: str | None
    audio: AudioView | None
    stages: tuple[StageView, ...]
    insight: InsightView
    feedback: tuple[Feedback, ...]
    transcript: TranscriptView | None = None
    support: SupportNote | None = None
    opening: str | None = None


class EntryList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries, newest recording first. Send `next_cursor` as `cursor` to get the next page."""

    entries: tuple[EntryView, ...]
    next_cursor: str | None


def etag(entry: Entry) -> str:
    """A value that changes whenever the entry does; events that wait to be published are not part of it."""
    published = msgspec.structs.replace(entry, pending_events=(), wake_at=None)
    return hashlib.blake2b(msgspec.json.encode(published), digest_size=12).hexdigest()


def entry_view(
    entry: Entry,
    transcript: Transcript | None = None,
    arc: Arc | None = None,
    support: SupportNote | None = None,
) -> EntryView:
    return EntryView(
        id=entry.entry_id,
        source=entry.source,
        status=entry.status,
        revision=entry.revision,
        created_at=entry.created_at,
        recorded_at=entry.recorded_at,
        updated_at=entry.updated_at,
        timezone=entry.timezone,
        language=entry.language,
        audio=audio_view(entry, entry.audio) if entry.audio else None,
        stages=tuple(_stage(entry, stage) for stage in ORDER),
        insight=_insight(entry, transcript, arc),
        feedback=entry.feedback,
        transcript=_transcript(entry, transcript) if transcript else None,
        support=support,
        opening=entry.opening,
    )


def _transcript(entry: Entry, transcript: Transcript) -> TranscriptView:
    heard = words_digest(recognized_text(transcript.segments))
    differs = entry.dictated is not None and entry.dictated != heard
    return TranscriptView(text=transcript.text, segments=transcript.segments, differs_from_dictation=differs)


def _stage(entry: Entry, stage: Stage) -> StageView:
    record = entry.stage(stage)
    chunked = stage is Stage.TRANSCRIPTION and bool(entry.chunks) and record.state not in FINISHED_STATES
    return StageView(
        stage=stage,
        state=StageState.RUNNING if chunked else record.state,
        progress=_chunk_progress(entry) if chunked else _progress(record),
        engine=record.engine,
        model_version=record.model_version,
        started_at=record.started_at,
        finished_at=record.finished_at,
        error=record.error,
    )


def _progress(record: StageRecord) -> float | None:
    return 1.0 if record.state is StageState.DONE else record.progress


def _chunk_progress(entry: Entry) -> float:
    """The mean progress of the chunks, weighted by duration."""
    total = sum(chunk.end - chunk.start for chunk in entry.chunks)
    done = sum((chunk.end - chunk.start) * (_progress(chunk.record) or 0.0) for chunk in entry.chunks)
    return round(done / total, 3)


def _insight(entry: Entry, transcript: Transcript | None, arc: Arc | None) -> InsightView:
    insight = insight_of(entry)
    return InsightView(
        emotions=insight.emotions,
        feelings=insight.feelings,
        topics=insight.topics,
        sentiment=insight.sentiment,
        summary=insight.summary,
        empty_reason=entry.empty_reason,
        arc=_arc(entry, transcript, arc) if transcript and arc else None,
        certain=insight.certain,
        claims=_claims(entry, insight, transcript, arc) if transcript else None,
        title=insight.title,
        corrected=insight.corrected,
    )


def _claims(
    entry: Entry, insight: Insight, transcript: Transcript, arc: Arc | None
) -> tuple[Claim, ...] | None:
    """None without an analysis, unless the user has stated something."""
    if arc is None and not insight.corrected:
        return None
    return claims(insight, transcript, arc_of(entry, arc) if arc else Arc(points=()))


def _arc(entry: Entry, transcript: Transcript, arc: Arc) -> tuple[ArcPointView, ...]:
    corrected = corrected_segments(entry)
    return tuple(
        ArcPointView(
            segment=point.segment,
            start=transcript.segments[point.segment].start,
            end=transcript.segments[point.segment].end,
            sentiment=point.sentiment,
            emotions=point.emotions,
            corrected=point.segment in corrected,
        )
        for point in arc_of(entry, arc).points
    )
