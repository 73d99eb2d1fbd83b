"""Journal entries, the stages they pass through, and the events in between.

Plain frozen structs. An `Entry` is the small document that every stage reads and writes. Content that may
grow large (`Transcript`, `Arc`, `ChunkTranscript`) is stored beside it in pieces, one set per revision.
Points in time are timezone-aware UTC datetimes; times within a recording are seconds from its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from functions.shared.domain.content import (
    EmotionScore,
    EmptyReason,
    LabelScore,
    PartialReason,
)
from functions.shared.domain.corrections import NO_CORRECTIONS, Corrections
from functions.shared.domain.insight import Feedback, Summary
from functions.shared.runtime.settings import AudioRetention, SpeechEngine

SCHEMA_VERSION = 1


class Stage(StrEnum):
    TRANSCRIPTION = "transcription"
    EMOTION = "emotion"
    SUMMARIZATION = "summarization"


class StageState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


FINISHED_STATES = frozenset({StageState.DONE, StageState.SKIPPED, StageState.FAILED})


class Status(StrEnum):
    AWAITING_AUDIO = "awaiting_audio"
    PROCESSING = "processing"
    PARTIAL = "partial"
    READY = "ready"
    FAILED = "failed"


class Source(StrEnum):
    VOICE = "voice"
    TEXT = "text"


class EntryKey(msgspec.Struct, frozen=True, order=True):
    """Identifies an entry: `users/{uid}/entries/{entry_id}`."""

    uid: str
    entry_id: str


class RetentionPreference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long a user wants recordings kept; None means the deployment's default."""

    retention: AudioRetention | None = None
    days: int | None = None


class StageError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a stage failed: a stable code, and a message that clients may show."""

    code: str
    message: str


class StageRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The progress of one stage, or of one chunk of it."""

    state: StageState = StageState.PENDING
    attempt: int = 0
    lease_token: str | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progress: float | None = None
    engine: str | None = None
    model_version: str | None = None
    error: StageError | None = None


class ChunkRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One chunk of a long recording: its span in seconds and its progress."""

    start: float
    end: float
    record: StageRecord = StageRecord()


class Audio(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A recording in the audio store."""

    object: str
    generation: int
    content_type: str
    size: int
    duration_s: float | None = None
    received_at: datetime | None = None
    delete_after: datetime | None = None
    deleted_at: datetime | None = None


class EventType(StrEnum):
    UPLOADED = "samo.entry.uploaded.v1"
    CHUNK_PLANNED = "samo.entry.chunk-planned.v1"
    CHUNKS_TRANSCRIBED = "samo.entry.chunks-transcribed.v1"
    TRANSCRIBED = "samo.entry.transcribed.v1"
    EMOTIONS_DETECTED = "samo.entry.emotions-detected.v1"
    SUMMARIZED = "samo.entry.summarized.v1"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Says that a revision of an entry is ready for its next stage. Never carries content."""

    type: EventType
    uid: str
    entry_id: str
    revision: int
    chunk: int | None = None

    @property
    def key(self) -> EntryKey:
        return EntryKey(self.uid, self.entry_id)


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A journal entry: the progress of its stages and the insight so far.

    A deleted entry remains as a tombstone: `deleted_at` is set, and everything that came from the user is
    gone except the reference to the audio, until that object is deleted too.
    """

    uid: str
    entry_id: str
    schema_version: int = SCHEMA_VERSION
    source: Source
    status: Status
    revision: int = 1
    created_at: datetime
    recorded_at: datetime
    updated_at: datetime
    timezone: str | None = None
    expires_at: datetime | None = None
    language: str | None = None
    audio: Audio | None = None
    upload_session: str | None = None
    """The URL to which the recording can be uploaded. A secret."""
    partial_audio: bool = False
    """Whether not all of the recording could be heard."""
    partial_reason: PartialReason | None = None
    stages: Mapping[Stage, StageRecord] = {}
    chunks: tuple[ChunkRecord, ...] = ()
    pending_events: tuple[Event, ...] = ()
    wake_at: datetime | None = None
    emotions: tuple[EmotionScore, ...] = ()
    feelings: tuple[LabelScore, ...] = ()
    topics: tuple[LabelScore, ...] = ()
    sentiment: float | None = None
    certain: bool = True
    """Whether its first emotion is clear."""
    support: bool = False
    """Whether a caring reader would offer support: the entry shows hopelessness, self-harm or abuse."""
    support_dismissed: bool = False
    """Whether its user chose to see the insight in place of the support note."""
    summary: Summary | None = None
    empty_reason: EmptyReason | None = None
    opening: str | None = None
    """Its first words, to list it by, if it has no summary because its language is not analyzed."""
    words: tuple[str, ...] = ()
    """The words that search finds it by, folded: those in languages that have no embedding."""
    left_out: bool = False
    """Whether something that was said is not in the transcript."""
    dictated: str | None = None
    """A digest of the words that its user saw while dictating it; None if it was not dictated, or edited."""
    requested_engine: SpeechEngine | None = None
    """The engine that its user asked for when the recording was to be transcribed again."""
    embedding_model: str | None = None
    """The model that embedded it; None if it cannot be found by search yet."""
    feedback: tuple[Feedback, ...] = ()
    corrections: Corrections = NO_CORRECTIONS
    """The fields above are what the models found; `effective` derives the insight from both."""
    keeping: RetentionPreference = RetentionPreference()
    job_id: str | None = None
    """The batch job it belongs to, if any. Such an entry is only transcribed, and never listed."""
    deleted_at: datetime | None = None

    @property
    def listed(self) -> bool:
        """Whether it appears in lists: neither a tombstone nor part of a batch job."""
        return self.deleted_at is None and self.job_id is None

    @property
    def key(self) -> EntryKey:
        return EntryKey(self.uid, self.entry_id)

    def stage(self, stage: Stage) -> StageRecord:
        return self.stages.get(stage, StageRecord())
