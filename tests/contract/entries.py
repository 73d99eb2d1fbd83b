"""Entries for the contract suites."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import (
    Arc,
    ChunkTranscript,
    EmotionScore,
    EmptyReason,
    LabelScore,
    Transcript,
)
from functions.shared.domain.corrections import Corrections, SegmentCorrection
from functions.shared.domain.entries import (
    Audio,
    ChunkRecord,
    Entry,
    EntryKey,
    Event,
    EventType,
    Source,
    Stage,
    StageError,
    StageRecord,
    StageState,
    Status,
)
from functions.shared.domain.insight import Quote, Summary
from functions.shared.ports import EntryFilter, EntryStore

KEY = EntryKey("ada", "first")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(key: EntryKey = KEY, *, recorded_at: datetime = NOON, revision: int = 1) -> Entry:
    return Entry(
        uid=key.uid,
        entry_id=key.entry_id,
        source=Source.TEXT,
        status=Status.PROCESSING,
        revision=revision,
        created_at=NOON,
        recorded_at=recorded_at,
        updated_at=NOON,
    )


def full_entry() -> Entry:
    """Every field set, with microseconds and non-ASCII text."""
    time = NOON.replace(microsecond=123457)
    record = StageRecord(
        state=StageState.RUNNING,
        attempt=2,
        lease_token="token",
        lease_until=time,
        started_at=time,
        finished_at=time,
        progress=0.25,
        engine="engine",
        model_version="1.0",
        error=StageError(code="code", message="Grüße, 世界 🌍"),
    )
    return replace(
        entry(recorded_at=time),
        timezone="Europe/Berlin",
        expires_at=time,
        language="en",
        audio=Audio(
            object="audio/ada/first",
            generation=1_760_000_000_123_456_789,
            content_type="audio/webm",
            size=1,
            duration_s=2.5,
            delete_after=time,
            deleted_at=time,
        ),
        partial_audio=True,
        stages={Stage.TRANSCRIPTION: record, Stage.EMOTION: StageRecord(state=StageState.DONE)},
        chunks=(ChunkRecord(start=0.0, end=300.0, record=record), ChunkRecord(start=300.0, end=301.5)),
        pending_events=(
            Event(type=EventType.CHUNK_PLANNED, uid="ada", entry_id="first", revision=1, chunk=0),
        ),
        wake_at=time,
        emotions=(EmotionScore(emotion="joy", confidence=0.75),),
        feelings=(LabelScore(label="happy", confidence=0.75), LabelScore(label="calm", confidence=0.5)),
        topics=(LabelScore(label="family", confidence=1.0),),
        sentiment=-0.5,
        summary=Summary(
            text="Once.", engine="e", quotes=(Quote(text="Once.", segment=0, start=0.5, end=1.0),)
        ),
        empty_reason=EmptyReason.NO_WORDS,
        corrections=Corrections(
            emotions=("relief",),
            topics=(),
            title=None,
            mood=0.5,
            segments=(SegmentCorrection(segment=0, emotions=("joy", "love")),),
        ),
    )


def put(store: EntryStore, entry: Entry, *pieces: Transcript | Arc | ChunkTranscript) -> Entry:
    store.transact(entry.key, lambda _, now: (Write(entry=entry, pieces=pieces), None))
    return entry


def clock(store: EntryStore) -> datetime:
    return store.transact(EntryKey("nobody", "none"), lambda _, now: (NO_CHANGE, now))


def listed(store: EntryStore, limit: int, uid: str = "ada") -> Iterator[list[str]]:
    """Yields pages of ids, each fetched on demand."""
    cursor = None
    while True:
        page = store.list_entries(uid, limit=limit, cursor=cursor)
        yield [entry.entry_id for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            return


def at(store: EntryStore, name: str, minutes: float, uid: str = "ada") -> Entry:
    return put(store, entry(EntryKey(uid, name), recorded_at=NOON + timedelta(minutes=minutes)))


def tombstone(store: EntryStore, entry: Entry) -> Entry:
    return put(store, replace(entry, deleted_at=NOON))


def labeled_entry(
    store: EntryStore, name: str, minutes: float, *emotions: str, topic: str | None = None
) -> Entry:
    labeled = replace(
        entry(EntryKey("ada", name), recorded_at=NOON + timedelta(minutes=minutes)),
        emotions=tuple(EmotionScore(emotion=emotion, confidence=0.9) for emotion in emotions),
        topics=() if topic is None else (LabelScore(label=topic, confidence=0.8),),
    )
    return put(store, labeled)


def filtered(store: EntryStore, limit: int = 10, **where: Any) -> list[str]:
    """The ids of all pages of a filtered list."""
    names: list[str] = []
    cursor = None
    while True:
        page = store.list_entries("ada", limit=limit, cursor=cursor, where=EntryFilter(**where))
        assert len(page.entries) <= limit
        names += [entry.entry_id for entry in page.entries]
        if (cursor := page.next_cursor) is None:
            return names
