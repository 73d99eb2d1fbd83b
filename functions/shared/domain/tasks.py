"""Tasks: the units of work that workers lease."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace

from functions.shared.domain.entries import FINISHED_STATES, Entry, EntryKey, Event, Stage, StageRecord
from functions.shared.domain.events import STAGE_OF
from functions.shared.domain.lifecycle import ORDER, is_leased
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.errors import LeaseLost


class Task(msgspec.Struct, frozen=True):
    """A stage of one revision of an entry, or one chunk of its transcription."""

    key: EntryKey
    revision: int
    stage: Stage
    chunk: int | None = None


def task_of(event: Event) -> Task | None:
    """The task that an event starts, or None if it starts none."""
    stage = STAGE_OF.get(event.type)
    return None if stage is None else Task(event.key, event.revision, stage, event.chunk)


def record_of(entry: Entry, task: Task) -> StageRecord:
    return entry.stage(task.stage) if task.chunk is None else entry.chunks[task.chunk].record


def with_record(entry: Entry, task: Task, record: StageRecord) -> Entry:
    if task.chunk is None:
        return replace(entry, stages={**entry.stages, task.stage: record})
    chunks = list(entry.chunks)
    chunks[task.chunk] = replace(chunks[task.chunk], record=record)
    return replace(entry, chunks=tuple(chunks))


def check_claimable(entry: Entry | None, task: Task, now: datetime) -> DeliveryOutcome:
    """`LEASED` if a worker may claim the task now; otherwise why not."""
    if entry is None:
        return DeliveryOutcome.MISSING
    if entry.deleted_at is not None:
        return DeliveryOutcome.DELETED
    if task.revision != entry.revision:
        return DeliveryOutcome.STALE
    earlier_stages = ORDER[: ORDER.index(task.stage)]
    if any(entry.stage(stage).state not in FINISHED_STATES for stage in earlier_stages):
        return DeliveryOutcome.EARLY
    if task.chunk is not None and task.chunk >= len(entry.chunks):
        return DeliveryOutcome.STALE
    if entry.stage(task.stage).state in FINISHED_STATES or record_of(entry, task).state in FINISHED_STATES:
        return DeliveryOutcome.FINISHED
    if task.stage is Stage.TRANSCRIPTION and not _can_transcribe(entry, task):
        return DeliveryOutcome.EARLY
    return DeliveryOutcome.BUSY if is_leased(record_of(entry, task), now) else DeliveryOutcome.LEASED


def require_lease(entry: Entry | None, task: Task, token: str) -> tuple[Entry, StageRecord]:
    """The entry and the task's record, if `token` still holds the lease.

    Raises:
        LeaseLost: another worker claimed the task, or the entry was edited or deleted.
    """
    if entry is None or entry.deleted_at is not None or entry.revision != task.revision:
        raise LeaseLost("the entry was deleted or edited in the meantime")
    if task.chunk is not None and task.chunk >= len(entry.chunks):
        raise LeaseLost("the recording was divided into chunks again in the meantime")
    record = record_of(entry, task)
    if record.lease_token != token or entry.stage(task.stage).state in FINISHED_STATES:
        raise LeaseLost("another worker holds the lease")
    return entry, record


def _can_transcribe(entry: Entry, task: Task) -> bool:
    """Whether there is audio and, to assemble a chunked recording, all of its chunks are finished."""
    if entry.audio is None:
        return False
    return task.chunk is not None or all(chunk.record.state in FINISHED_STATES for chunk in entry.chunks)
