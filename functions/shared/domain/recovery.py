"""What stalled entries need. Pure, like the transitions in `lifecycle`; used by the reconciler."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from functions.shared.domain.entries import (
    FINISHED_STATES,
    Entry,
    Event,
    EventType,
    Stage,
    StageRecord,
    StageState,
)
from functions.shared.domain.events import FINISHED_EVENT, make_event
from functions.shared.domain.lifecycle import ORDER, is_leased, settle
from functions.shared.runtime.settings import Settings


def republish(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """Put every event that unfinished work is waiting for into the outbox.

    Expired leases are cleared, or they would make the entry due again at once. Their holders may still
    finish, until another worker claims the task.
    """
    pending = dict.fromkeys((*entry.pending_events, *_next_events(entry, now)))

    def clear_expired(record: StageRecord) -> StageRecord:
        return record if is_leased(record, now) else replace(record, lease_until=None)

    entry = _with_each_record(entry, clear_expired)
    return settle(replace(entry, pending_events=tuple(pending)), now, settings)


def release_leases(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """Release every lease, because all workers are known to be dead. Their attempts still count."""

    def release(record: StageRecord) -> StageRecord:
        if record.state is not StageState.RUNNING:
            return record
        return replace(record, state=StageState.PENDING, lease_token=None, lease_until=None)

    return settle(_with_each_record(entry, release), now, settings)


def audio_expired(entry: Entry, now: datetime) -> bool:
    """Whether the recording must be deleted: its retention has ended, or the entry was deleted."""
    audio = entry.audio
    if entry.deleted_at is not None:
        return True
    if audio is None or audio.deleted_at is not None or audio.delete_after is None:
        return False
    return audio.delete_after <= now and entry.stage(Stage.TRANSCRIPTION).state in FINISHED_STATES


def _next_events(entry: Entry, now: datetime) -> tuple[Event, ...]:
    stage = next((stage for stage in ORDER if entry.stage(stage).state not in FINISHED_STATES), None)
    if stage is None or (entry.audio is None and stage is Stage.TRANSCRIPTION):
        return ()
    if stage is not Stage.TRANSCRIPTION:
        type_ = FINISHED_EVENT[ORDER[ORDER.index(stage) - 1]]
        return () if is_leased(entry.stage(stage), now) else (make_event(type_, entry.key, entry.revision),)
    return _next_transcription_events(entry, now)


def _next_transcription_events(entry: Entry, now: datetime) -> tuple[Event, ...]:
    unfinished = [i for i, chunk in enumerate(entry.chunks) if chunk.record.state not in FINISHED_STATES]
    if unfinished:
        idle = (i for i in unfinished if not is_leased(entry.chunks[i].record, now))
        return tuple(make_event(EventType.CHUNK_PLANNED, entry.key, entry.revision, i) for i in idle)
    if is_leased(entry.stage(Stage.TRANSCRIPTION), now):
        return ()
    type_ = EventType.CHUNKS_TRANSCRIBED if entry.chunks else EventType.UPLOADED
    return (make_event(type_, entry.key, entry.revision),)


def _with_each_record(entry: Entry, change: Callable[[StageRecord], StageRecord]) -> Entry:
    stages = {stage: change(record) for stage, record in entry.stages.items()}
    chunks = tuple(replace(chunk, record=change(chunk.record)) for chunk in entry.chunks)
    return replace(entry, stages=stages, chunks=chunks)
