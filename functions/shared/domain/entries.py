"""The domain: an entry, the stages it passes, and the insight they leave.

Plain frozen structs. An `Entry` is the small document every stage reads and writes; what may grow
large (`Transcript`, `Arc`, `ChunkTranscript`) is stored beside it as pieces, one set a revision.
Times of day are timezone-aware UTC datetimes; times in a recording are seconds from its start.
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
)
from functions.shared.domain.insight import Feedback, Summary
from functions.shared.runtime.settings import AudioRetention

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
    """Where an entry lives: `users/{uid}/entries/{entry_id}`."""

    uid: str
    entry_id: str


class RetentionPreference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long a user wants recordings kept; the deployment's own where nothing is said."""

    retention: AudioRetention | None = None
    days: int | None = None


class StageError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a stage failed: a stable code and a sentence a client may show."""

    code: str
    message: str


class StageRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one stage (or one chunk of one) stands."""

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
    """One chunk of a long recording: its span in seconds and its own stage record."""

    start: float
    end: float
    record: StageRecord = StageRecord()


class Audio(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The recording's object in the audio store, while there is one."""

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
    """A doorbell: which entry, at which revision, is ready for its next stage. Never content."""

    type: EventType
    uid: str
    entry_id: str
    revision: int
    chunk: int | None = None

    @property
    def key(self) -> EntryKey:
        return EntryKey(self.uid, self.entry_id)


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person said or wrote, how far its stages are, and the insight so far.

    A deleted entry stays as a content-free tombstone: `deleted_at` is set and everything that
    came from the person is gone, except the audio reference until the object itself is deleted.
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
    """Where its recording may still be sent: a secret."""
    partial_audio: bool = False
    stages: Mapping[Stage, StageRecord] = {}
    chunks: tuple[ChunkRecord, ...] = ()
    pending_events: tuple[Event, ...] = ()
    wake_at: datetime | None = None
    emotions: tuple[EmotionScore, ...] = ()
    feelings: tuple[LabelScore, ...] = ()
    topics: tuple[LabelScore, ...] = ()
    sentiment: float | None = None
    summary: Summary | None = None
    empty_reason: EmptyReason | None = None
    embedding_model: str | None = None
    """By which it can be found; None: by none yet."""
    feedback: tuple[Feedback, ...] = ()
    keeping: RetentionPreference = RetentionPreference()
    job_id: str | None = None
    """The batch it belongs to: it has a transcript and nothing else, and is in no list."""
    deleted_at: datetime | None = None

    @property
    def listed(self) -> bool:
        """Whether it is one of the person's entries, and not a tombstone or a part of a batch."""
        return self.deleted_at is None and self.job_id is None

    @property
    def labels(self) -> tuple[str, ...]:
        """What lists can be filtered by: `emotion:joy`, `feeling:calm`, `topic:work`."""
        if not self.listed:
            return ()
        return (
            *(f"emotion:{score.emotion}" for score in self.emotions),
            *(f"feeling:{score.label}" for score in self.feelings),
            *(f"topic:{score.label}" for score in self.topics),
        )

    @property
    def key(self) -> EntryKey:
        return EntryKey(self.uid, self.entry_id)

    def stage(self, stage: Stage) -> StageRecord:
        return self.stages.get(stage, StageRecord())
