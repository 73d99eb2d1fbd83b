"""The domain: an entry, the stages it passes, and the insight they leave.

Plain frozen structs. An `Entry` is the small document every stage reads and writes; what may grow
large (`Transcript`, `Arc`, `ChunkTranscript`) is stored beside it as pieces, one set a revision.
Times of day are timezone-aware UTC datetimes; times in a recording are seconds from its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

SCHEMA_VERSION = 1

AudioRetention = Literal["until_transcribed", "days", "kept"]

Moment = Annotated[datetime, Meta(tz=True)]
"""A time of day as clients are told it: an RFC 3339 `date-time`, which has a zone."""


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


FINISHED = frozenset({StageState.DONE, StageState.SKIPPED, StageState.FAILED})


class Status(StrEnum):
    AWAITING_AUDIO = "awaiting_audio"
    PROCESSING = "processing"
    PARTIAL = "partial"
    READY = "ready"
    FAILED = "failed"


class Source(StrEnum):
    VOICE = "voice"
    TEXT = "text"


class EmptyReason(StrEnum):
    """Why an insight is empty although nothing failed."""

    NO_SPEECH = "no_speech"
    NO_WORDS = "no_words"
    UNSUPPORTED_LANGUAGE = "unsupported_language"


class EntryKey(msgspec.Struct, frozen=True, order=True):
    """Where an entry lives: `users/{uid}/entries/{entry_id}`."""

    uid: str
    entry_id: str


class Word(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One spoken word; `probability` in 0..1 where the engine has one."""

    text: str
    start: float
    end: float
    probability: float | None = None


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence; timed (seconds) when it was spoken, untimed when it was typed."""

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    words: tuple[Word, ...] = ()


class Transcript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was said or typed. `segments` joined by spaces read as `text`."""

    text: str
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    duration_s: float | None = None
    partial: bool = False
    """True when the recording broke off and only its beginning could be decoded."""


class ChunkTranscript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One chunk of a long recording; times count from the start of the whole recording."""

    index: int
    segments: tuple[Segment, ...] = ()
    language: str | None = None
    partial: bool = False
    empty_reason: EmptyReason | None = None


class EmotionScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of GoEmotions' 28 labels and its probability (0..1)."""

    emotion: str
    confidence: float


class LabelScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of the journal's 18 feelings or 11 topics and its probability (0..1)."""

    label: str
    confidence: float


class ArcPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What one segment expresses: emotions above threshold, sentiment in -1..1."""

    segment: int
    emotions: tuple[EmotionScore, ...]
    sentiment: float


class Arc(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Emotion over the course of an entry, one point a segment, in order."""

    points: tuple[ArcPoint, ...] = ()


class PassageVector(msgspec.Struct, frozen=True, kw_only=True):
    """What some consecutive segments are about: `first` to `last`, both included.

    `vector`: of length 1, little-endian float32.
    """

    first: int
    last: int
    vector: bytes


class Embedding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry as search compares it, by one model; vectors of different models say nothing of each other."""

    model: str
    passages: tuple[PassageVector, ...] = ()


Piece = Transcript | Arc | ChunkTranscript | Embedding
"""Content stored beside the entry document."""


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence of the entry's own, when it was said, and what it expresses."""

    text: str
    segment: int
    start: float | None = None
    end: float | None = None
    emotions: tuple[EmotionScore, ...] = ()
    entry: int | None = None
    """In a digest of several entries, which of them it is from, counted from 0."""


class Style(StrEnum):
    """How a summary is made."""

    EXTRACT = "extract"
    """Of the entry's own sentences."""
    ABSTRACT = "abstract"
    """In new words."""


class FallbackReason(StrEnum):
    """Why a summary is made of extracts although new words were asked for."""

    INVENTED_NAME = "invented_name"
    INVENTED_NUMBER = "invented_number"
    INVENTED_PERSON = "invented_person"
    CHANGED_NEGATION = "changed_negation"
    INVENTED_WORDS = "invented_words"
    """Too much of it is not in the entry."""
    UNSUPPORTED = "unsupported"
    """It puts together what no sentence of the entry does."""
    NOTHING_WRITTEN = "nothing_written"
    NOT_INSTALLED = "not_installed"
    """No model that writes is installed."""


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an entry comes down to.

    `quotes` are the sentences it is made of or, where it is in new words, those that say what it says.
    """

    text: str
    engine: str
    style: Style = Style.EXTRACT
    title: str | None = None
    quotes: tuple[Quote, ...] = ()
    fallback_reason: FallbackReason | None = None


class Verdict(StrEnum):
    """What a person says of an emotion that was found."""

    AGREE = "agree"
    DISAGREE = "disagree"
    CORRECT = "correct"
    """It was another one."""


class Feedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's word on one emotion of their entry, or of one segment of it.

    Attributes:
        emotion: one of the 28, whether it was found or missed.
        correction: the one it was, where the verdict is `correct`.
        revision: of the entry the person had before them.
    """

    emotion: str
    verdict: Verdict
    correction: str | None = None
    segment: int | None = None
    revision: int
    given_at: Moment


class Keeping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    keeping: Keeping = Keeping()
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
