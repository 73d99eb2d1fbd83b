"""How one stage of an entry changes: claimed, renewed, completed, failed or released.

Pure transitions like those in `lifecycle`. The lease's token fences them: whoever lost it, to another
worker, an edit or a deletion, can no longer store anything.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import EmptyReason
from functions.shared.domain.entries import (
    FINISHED_STATES,
    ChunkRecord,
    Entry,
    EntryKey,
    Event,
    EventType,
    Stage,
    StageError,
    StageRecord,
    StageState,
)
from functions.shared.domain.events import FINISHED_EVENT, STAGE_OF, make_event
from functions.shared.domain.lifecycle import ORDER, add_event, is_leased, settle, skip_after
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import EntryFindings, StageResult
from functions.shared.errors import LeaseLost
from functions.shared.runtime.settings import Settings


class Task(msgspec.Struct, frozen=True):
    """One unit of leased work: a stage of a revision, or one chunk of its transcription."""

    key: EntryKey
    revision: int
    stage: Stage
    chunk: int | None = None


class Claim(msgspec.Struct, frozen=True):
    """The verdict, the entry as it stands after it, and the token if it was leased."""

    verdict: DeliveryOutcome
    entry: Entry | None = None
    token: str = ""


def task_of(event: Event) -> Task | None:
    """The task an event starts, or None for an event no stage waits for."""
    stage = STAGE_OF.get(event.type)
    return None if stage is None else Task(event.key, event.revision, stage, event.chunk)


def claim(
    entry: Entry | None, task: Task, now: datetime, token: str, settings: Settings
) -> tuple[Write, Claim]:
    """Lease the task, or say why it needs no work (now)."""
    verdict = _claimable(entry, task, now)
    if entry is None or verdict is not DeliveryOutcome.LEASED:
        return NO_CHANGE, Claim(verdict, entry)
    record = _record(entry, task)
    if record.attempt + 1 >= settings.max_claims:
        crashed = StageError(
            code="crashed", message=f"given up after {record.attempt} attempts without an outcome"
        )
        entry = _failed(entry, task, crashed, now, settings)
        return Write(entry=entry), Claim(DeliveryOutcome.CRASHED, entry)
    running = replace(
        record,
        state=StageState.RUNNING,
        attempt=record.attempt + 1,
        lease_token=token,
        lease_until=now + settings.lease,
        started_at=record.started_at or now,
        error=None,
    )
    entry = settle(_with_record(entry, task, running), now, settings)
    return Write(entry=entry), Claim(DeliveryOutcome.LEASED, entry, token)


def _claimable(entry: Entry | None, task: Task, now: datetime) -> DeliveryOutcome:
    if entry is None:
        return DeliveryOutcome.MISSING
    if entry.deleted_at is not None:
        return DeliveryOutcome.DELETED
    if task.revision != entry.revision:
        return DeliveryOutcome.STALE
    if any(entry.stage(before).state not in FINISHED_STATES for before in ORDER[: ORDER.index(task.stage)]):
        return DeliveryOutcome.EARLY
    if task.chunk is not None and task.chunk >= len(entry.chunks):
        return DeliveryOutcome.STALE
    if entry.stage(task.stage).state in FINISHED_STATES or _record(entry, task).state in FINISHED_STATES:
        return DeliveryOutcome.FINISHED
    if task.stage is Stage.TRANSCRIPTION and not _transcribable(entry, task):
        return DeliveryOutcome.EARLY
    return DeliveryOutcome.BUSY if is_leased(_record(entry, task), now) else DeliveryOutcome.LEASED


def _transcribable(entry: Entry, task: Task) -> bool:
    """There is audio, and a planned recording is assembled only once all its chunks are done."""
    if entry.audio is None:
        return False
    return task.chunk is not None or all(chunk.record.state in FINISHED_STATES for chunk in entry.chunks)


def renew(
    entry: Entry | None, task: Task, token: str, progress: float, now: datetime, settings: Settings
) -> Entry:
    """The lease runs on from now, with the share of work done.

    Raises:
        LeaseLost: somebody else's revision, lease or deletion came between.
    """
    held, record = _held(entry, task, token)
    record = replace(record, lease_until=now + settings.lease, progress=round(progress, 3))
    return settle(_with_record(held, task, record), now, settings)


def complete(
    entry: Entry | None, task: Task, token: str, result: StageResult, now: datetime, settings: Settings
) -> Write:
    """The stage's result and, as an outbox, the event that follows from it.

    Raises:
        LeaseLost: somebody else's revision, lease or deletion came between.
    """
    held, record = _held(entry, task, token)
    done = replace(
        record,
        state=StageState.DONE,
        lease_token=None,
        lease_until=None,
        finished_at=now,
        progress=None,
        engine=result.engine,
        model_version=result.model_version,
    )
    if result.plan:
        held = _planned(held, task, done, result)
    else:
        held = _merged(_with_record(held, task, done), result.findings)
        held = _followed(held, task, result.empty_reason)
    return Write(entry=settle(held, now, settings), pieces=result.pieces)


def fail(
    entry: Entry | None, task: Task, token: str, error: StageError, now: datetime, settings: Settings
) -> Entry:
    """This content can never pass the stage. Raises LeaseLost as `completed` does."""
    held, _ = _held(entry, task, token)
    return _failed(held, task, error, now, settings)


def exhaust(entry: Entry | None, task: Task, now: datetime, settings: Settings) -> Entry | None:
    """The bus gave an event up. None if the stage has an outcome, or a worker, after all."""
    if entry is None or _claimable(entry, task, now) is not DeliveryOutcome.LEASED:
        return None
    error = StageError(code="retries_exhausted", message="given up after repeated temporary failures")
    return _failed(entry, task, error, now, settings)


def release(
    entry: Entry | None, task: Task, token: str, *, counts: bool, now: datetime, settings: Settings
) -> Entry:
    """Give the lease back for a later attempt; `counts` keeps the attempt as one without an outcome."""
    held, record = _held(entry, task, token)
    attempt = record.attempt if counts else record.attempt - 1
    record = replace(record, state=StageState.PENDING, attempt=attempt, lease_token=None, lease_until=None)
    return settle(_with_record(held, task, record), now, settings)


def revive(entry: Entry | None, event: Event, now: datetime, settings: Settings) -> Entry | None:
    """What the event asks for, to be tried once more from its first attempt. None if it did not fail."""
    task = task_of(event)
    if entry is None or task is None or entry.deleted_at is not None or task.revision != entry.revision:
        return None
    has_failed = entry.stage(task.stage).state is StageState.FAILED
    if not has_failed or (task.stage is Stage.TRANSCRIPTION and entry.audio is None):
        return None
    chunks = tuple(
        replace(chunk, record=StageRecord()) if chunk.record.state is StageState.FAILED else chunk
        for chunk in entry.chunks
    )
    stages = {stage: entry.stage(stage) for stage in ORDER[: ORDER.index(task.stage)]}
    return settle(replace(entry, stages=stages, chunks=chunks), now, settings)


def fail_missing_audio(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """The client was promised a place for its recording and never filled it."""
    task = Task(entry.key, entry.revision, Stage.TRANSCRIPTION)
    error = StageError(code="audio_missing", message="the recording never arrived")
    return _failed(entry, task, error, now, settings)


def _record(entry: Entry, task: Task) -> StageRecord:
    return entry.stage(task.stage) if task.chunk is None else entry.chunks[task.chunk].record


def _with_record(entry: Entry, task: Task, record: StageRecord) -> Entry:
    if task.chunk is None:
        return replace(entry, stages={**entry.stages, task.stage: record})
    chunks = list(entry.chunks)
    chunks[task.chunk] = replace(chunks[task.chunk], record=record)
    return replace(entry, chunks=tuple(chunks))


def _held(entry: Entry | None, task: Task, token: str) -> tuple[Entry, StageRecord]:
    """The entry and record, if this token still owns them."""
    if entry is None or entry.deleted_at is not None or entry.revision != task.revision:
        raise LeaseLost("the entry was deleted or edited meanwhile")
    if task.chunk is not None and task.chunk >= len(entry.chunks):
        raise LeaseLost("the plan was replaced meanwhile")
    record = _record(entry, task)
    if record.lease_token != token or entry.stage(task.stage).state in FINISHED_STATES:
        raise LeaseLost("another worker holds the lease")
    return entry, record


def _planned(entry: Entry, task: Task, record: StageRecord, result: StageResult) -> Entry:
    """The stage goes back to pending and its chunks carry the work."""
    chunks = tuple(ChunkRecord(start=start, end=end) for start, end in result.plan)
    waiting = replace(record, state=StageState.PENDING, attempt=0, finished_at=None)
    events = (make_event(EventType.CHUNK_PLANNED, entry.key, entry.revision, i) for i in range(len(chunks)))
    entry = _merged(replace(_with_record(entry, task, waiting), chunks=chunks), result.findings)
    return replace(entry, pending_events=(*entry.pending_events, *events))


def _merged(entry: Entry, findings: EntryFindings) -> Entry:
    found = {
        name: value for name in findings.__struct_fields__ if (value := getattr(findings, name)) is not None
    }
    duration = found.pop("duration_s", None)
    if duration is not None and entry.audio is not None:
        found["audio"] = replace(entry.audio, duration_s=duration)
    return replace(entry, **found)


def _followed(entry: Entry, task: Task, empty_reason: EmptyReason | None) -> Entry:
    """The event that follows a finished task, if any; an empty entry needs no further stage."""
    if task.chunk is not None:
        if any(chunk.record.state not in FINISHED_STATES for chunk in entry.chunks):
            return entry
        return add_event(entry, EventType.CHUNKS_TRANSCRIBED)
    if empty_reason is None:
        return add_event(entry, FINISHED_EVENT[task.stage])
    return add_event(skip_after(replace(entry, empty_reason=empty_reason), task.stage), EventType.SUMMARIZED)


def _failed(entry: Entry, task: Task, error: StageError, now: datetime, settings: Settings) -> Entry:
    """A failed chunk fails its stage; without emotions a summary is still made, without words nothing is."""
    lost = replace(
        _record(entry, task),
        state=StageState.FAILED,
        lease_token=None,
        lease_until=None,
        finished_at=now,
        progress=None,
        error=error,
    )
    entry = _with_record(entry, task, lost)
    if task.chunk is not None:
        entry = _with_record(entry, Task(task.key, task.revision, task.stage), lost)
    if task.stage is Stage.TRANSCRIPTION:
        entry = add_event(skip_after(entry, task.stage), EventType.SUMMARIZED)
    else:
        entry = add_event(entry, FINISHED_EVENT[task.stage])
    return settle(entry, now, settings)
