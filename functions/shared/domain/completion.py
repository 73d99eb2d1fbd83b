"""How tasks end: completed, failed, out of retries, or reset to be tried again.

Pure transitions, like those in `lifecycle`.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from functions.shared.domain.changes import Write
from functions.shared.domain.content import EmptyReason
from functions.shared.domain.entries import (
    FINISHED_STATES,
    ChunkRecord,
    Entry,
    Event,
    EventType,
    Stage,
    StageError,
    StageRecord,
    StageState,
)
from functions.shared.domain.events import FINISHED_EVENT, make_event
from functions.shared.domain.lifecycle import ORDER, add_event, settle, skip_after
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import EntryFindings, StageResult
from functions.shared.domain.tasks import (
    Task,
    check_claimable,
    record_of,
    require_lease,
    task_of,
    with_record,
)
from functions.shared.runtime.settings import Settings


def complete(
    entry: Entry | None, task: Task, token: str, result: StageResult, now: datetime, settings: Settings
) -> Write:
    """Store a task's result, with the event that follows from it in the outbox.

    Raises:
        LeaseLost: another worker claimed the task, or the entry was edited or deleted.
    """
    entry, record = require_lease(entry, task, token)
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
        entry = _plan_chunks(entry, task, done, result)
    else:
        entry = _with_findings(with_record(entry, task, done), result.findings)
        entry = _add_next_event(entry, task, result.empty_reason)
    return Write(entry=settle(entry, now, settings), pieces=result.pieces)


def fail(
    entry: Entry | None, task: Task, token: str, error: StageError, now: datetime, settings: Settings
) -> Entry:
    """Fail the task for good: this content can never pass the stage.

    Raises:
        LeaseLost: another worker claimed the task, or the entry was edited or deleted.
    """
    entry, _ = require_lease(entry, task, token)
    return fail_task(entry, task, error, now, settings)


def exhaust(entry: Entry | None, task: Task, now: datetime, settings: Settings) -> Entry | None:
    """Fail a task whose event failed every delivery attempt; None if it is finished or leased."""
    if entry is None or check_claimable(entry, task, now) is not DeliveryOutcome.LEASED:
        return None
    error = StageError(code="retries_exhausted", message="given up after repeated temporary failures")
    return fail_task(entry, task, error, now, settings)


def revive(entry: Entry | None, event: Event, now: datetime, settings: Settings) -> Entry | None:
    """Reset the failed stage that the event starts, and all later ones; None if it has not failed."""
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
    """Fail an entry whose recording was never uploaded."""
    task = Task(entry.key, entry.revision, Stage.TRANSCRIPTION)
    error = StageError(code="audio_missing", message="the recording never arrived")
    return fail_task(entry, task, error, now, settings)


def fail_task(entry: Entry, task: Task, error: StageError, now: datetime, settings: Settings) -> Entry:
    """Fail a task, regardless of its lease.

    A failed chunk fails its stage. Without emotions a summary is still made; without a transcript no later
    stage runs.
    """
    failed = replace(
        record_of(entry, task),
        state=StageState.FAILED,
        lease_token=None,
        lease_until=None,
        finished_at=now,
        progress=None,
        error=error,
    )
    entry = with_record(entry, task, failed)
    if task.chunk is not None:
        entry = with_record(entry, Task(task.key, task.revision, task.stage), failed)
    if task.stage is Stage.TRANSCRIPTION:
        entry = add_event(skip_after(entry, task.stage), EventType.SUMMARIZED)
    else:
        entry = add_event(entry, FINISHED_EVENT[task.stage])
    return settle(entry, now, settings)


def _plan_chunks(entry: Entry, task: Task, record: StageRecord, result: StageResult) -> Entry:
    """Divide a long recording: one event per chunk, and the stage waits for all of them."""
    chunks = tuple(ChunkRecord(start=start, end=end) for start, end in result.plan)
    waiting = replace(record, state=StageState.PENDING, attempt=0, finished_at=None)
    events = (make_event(EventType.CHUNK_PLANNED, entry.key, entry.revision, i) for i in range(len(chunks)))
    entry = _with_findings(replace(with_record(entry, task, waiting), chunks=chunks), result.findings)
    return replace(entry, pending_events=(*entry.pending_events, *events))


def _with_findings(entry: Entry, findings: EntryFindings) -> Entry:
    fields = {
        name: value for name in findings.__struct_fields__ if (value := getattr(findings, name)) is not None
    }
    duration_s = fields.pop("duration_s", None)
    if duration_s is not None and entry.audio is not None:
        fields["audio"] = replace(entry.audio, duration_s=duration_s)
    return replace(entry, **fields)


def _add_next_event(entry: Entry, task: Task, empty_reason: EmptyReason | None) -> Entry:
    """Add the event that follows a completed task, if any. An empty entry skips all later stages."""
    if task.chunk is not None:
        if any(chunk.record.state not in FINISHED_STATES for chunk in entry.chunks):
            return entry
        return add_event(entry, EventType.CHUNKS_TRANSCRIBED)
    if empty_reason is None:
        return add_event(entry, FINISHED_EVENT[task.stage])
    return add_event(skip_after(replace(entry, empty_reason=empty_reason), task.stage), EventType.SUMMARIZED)
