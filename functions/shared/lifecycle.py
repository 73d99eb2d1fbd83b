"""How an entry changes: pure transitions from one `Entry` to the next.

No store, no bus, no clock: `now` is always the store's own. Every transition ends in `_settled`,
the one place where status and `wake_at` follow from the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from functions.shared.entries import (
    FINISHED,
    Audio,
    ChunkRecord,
    EmptyReason,
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
    Transcript,
)
from functions.shared.errors import LeaseLost
from functions.shared.events import FINISHED_EVENT, STAGE_OF, announce
from functions.shared.ports import NOTHING, Write
from functions.shared.settings import Settings
from functions.shared.work import Findings, StageResult

ORDER = (Stage.TRANSCRIPTION, Stage.EMOTION, Stage.SUMMARIZATION)
SKIPPED = StageRecord(state=StageState.SKIPPED)


class Task(msgspec.Struct, frozen=True):
    """One unit of leased work: a stage of a revision, or one chunk of its transcription."""

    key: EntryKey
    revision: int
    stage: Stage
    chunk: int | None = None


class Verdict(StrEnum):
    """What a claim, or a whole delivery, came to."""

    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    IGNORED = "ignored"
    MISSING = "missing"
    DELETED = "deleted"
    STALE = "stale"
    EARLY = "early"
    FINISHED = "finished"
    BUSY = "busy"
    CRASHED = "crashed"
    SUPERSEDED = "superseded"


class Claim(msgspec.Struct, frozen=True):
    """The verdict, the entry as it stands after it, and the token if it was leased."""

    verdict: Verdict
    entry: Entry | None = None
    token: str = ""


def task_of(event: Event) -> Task | None:
    """The task an event starts, or None for an event no stage waits for."""
    stage = STAGE_OF.get(event.type)
    return None if stage is None else Task(event.key, event.revision, stage, event.chunk)


# -- beginnings and endings ---------------------------------------------------------------------


def written(
    key: EntryKey, transcript: Transcript, now: datetime, recorded_at: datetime | None, timezone: str | None
) -> Write:
    """A typed entry: its text is its transcript, and emotion comes next."""
    entry = Entry(
        uid=key.uid,
        entry_id=key.entry_id,
        source=Source.TEXT,
        status=Status.PROCESSING,
        created_at=now,
        updated_at=now,
        recorded_at=recorded_at or now,
        timezone=timezone,
        stages={Stage.TRANSCRIPTION: SKIPPED},
        pending_events=(announce(EventType.TRANSCRIBED, key, 1),),
        wake_at=now,
    )
    return Write(entry=entry, pieces=(transcript,))


def awaiting_audio(
    key: EntryKey, now: datetime, recorded_at: datetime | None, timezone: str | None, patience: timedelta
) -> Write:
    """A spoken entry whose recording is still on its way."""
    entry = Entry(
        uid=key.uid,
        entry_id=key.entry_id,
        source=Source.VOICE,
        status=Status.AWAITING_AUDIO,
        created_at=now,
        updated_at=now,
        recorded_at=recorded_at or now,
        timezone=timezone,
        wake_at=now + patience,
    )
    return Write(entry=entry)


def received(entry: Entry, audio: Audio, now: datetime, settings: Settings) -> Entry:
    """The recording is in the audio store: transcription comes next. Receiving twice changes nothing."""
    if entry.deleted_at is not None or entry.audio is not None:
        return entry
    keep = timedelta(days=settings.audio_retention_days) if settings.audio_retention == "days" else None
    audio = replace(audio, delete_after=now + keep if keep else None)
    uploaded = announce(EventType.UPLOADED, entry.key, entry.revision)
    return _settled(replace(entry, audio=audio, pending_events=(uploaded,)), now, settings)


def edited(entry: Entry, transcript: Transcript, now: datetime, settings: Settings) -> Write:
    """New words replace the old: a new revision, analysed from its text on."""
    revision = entry.revision + 1
    fresh = replace(
        entry,
        revision=revision,
        language=None,
        stages={Stage.TRANSCRIPTION: SKIPPED},
        chunks=(),
        partial_audio=False,
        emotions=(),
        feelings=(),
        topics=(),
        sentiment=None,
        summary=None,
        empty_reason=None,
        pending_events=(announce(EventType.TRANSCRIBED, entry.key, revision),),
    )
    return Write(entry=_settled(fresh, now, settings), pieces=(transcript,), forget=True)


def deleted(entry: Entry, now: datetime) -> Write:
    """A content-free tombstone; the audio reference stays until the object itself is gone."""
    tombstone = Entry(
        uid=entry.uid,
        entry_id=entry.entry_id,
        source=entry.source,
        status=entry.status,
        revision=entry.revision,
        created_at=entry.created_at,
        recorded_at=entry.recorded_at,
        updated_at=now,
        audio=entry.audio,
        deleted_at=now,
        wake_at=now if entry.source is Source.VOICE else None,
    )
    return Write(entry=tombstone, forget=True)


def without_audio(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """The recording's object has been deleted."""
    if entry.deleted_at is not None:
        return replace(entry, audio=None, wake_at=None)
    if entry.audio is None:
        return entry
    return _settled(replace(entry, audio=replace(entry.audio, deleted_at=now)), now, settings)


# -- one stage: claim, renew, complete, fail, release -------------------------------------------


def claim(
    entry: Entry | None, task: Task, now: datetime, token: str, settings: Settings
) -> tuple[Write, Claim]:
    """Lease the task, or say why it needs no work (now)."""
    verdict = _claimable(entry, task, now)
    if entry is None or verdict is not Verdict.LEASED:
        return NOTHING, Claim(verdict, entry)
    record = _record(entry, task)
    if record.attempt + 1 >= settings.max_claims:
        crashed = StageError(
            code="crashed", message=f"given up after {record.attempt} attempts without an outcome"
        )
        entry = _failed(entry, task, crashed, now, settings)
        return Write(entry=entry), Claim(Verdict.CRASHED, entry)
    leased = replace(
        record,
        state=StageState.RUNNING,
        attempt=record.attempt + 1,
        lease_token=token,
        lease_until=now + settings.lease,
        started_at=record.started_at or now,
        error=None,
    )
    entry = _settled(_with_record(entry, task, leased), now, settings)
    return Write(entry=entry), Claim(Verdict.LEASED, entry, token)


def _claimable(entry: Entry | None, task: Task, now: datetime) -> Verdict:
    if entry is None:
        return Verdict.MISSING
    if entry.deleted_at is not None:
        return Verdict.DELETED
    if task.revision != entry.revision:
        return Verdict.STALE
    if any(entry.stage(before).state not in FINISHED for before in ORDER[: ORDER.index(task.stage)]):
        return Verdict.EARLY
    if task.chunk is not None and task.chunk >= len(entry.chunks):
        return Verdict.STALE
    if entry.stage(task.stage).state in FINISHED or _record(entry, task).state in FINISHED:
        return Verdict.FINISHED
    if task.stage is Stage.TRANSCRIPTION and not _transcribable(entry, task):
        return Verdict.EARLY
    return Verdict.BUSY if _leased(_record(entry, task), now) else Verdict.LEASED


def _transcribable(entry: Entry, task: Task) -> bool:
    """There is audio, and a planned recording is assembled only once all its chunks are done."""
    if entry.audio is None:
        return False
    return task.chunk is not None or all(chunk.record.state in FINISHED for chunk in entry.chunks)


def renewed(
    entry: Entry | None, task: Task, token: str, progress: float, now: datetime, settings: Settings
) -> Entry:
    """The lease runs on from now, with the share of work done.

    Raises:
        LeaseLost: somebody else's revision, lease or deletion came between.
    """
    held, record = _held(entry, task, token)
    record = replace(record, lease_until=now + settings.lease, progress=round(progress, 3))
    return _settled(_with_record(held, task, record), now, settings)


def completed(
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
    held = _release_audio(held, now, settings)
    return Write(entry=_settled(held, now, settings), pieces=result.pieces)


def failed(
    entry: Entry | None, task: Task, token: str, error: StageError, now: datetime, settings: Settings
) -> Entry:
    """This content can never pass the stage. Raises LeaseLost as `completed` does."""
    held, _ = _held(entry, task, token)
    return _failed(held, task, error, now, settings)


def exhausted(entry: Entry | None, task: Task, now: datetime, settings: Settings) -> Entry | None:
    """The bus gave an event up. None if the stage has an outcome, or a worker, after all."""
    if entry is None or _claimable(entry, task, now) is not Verdict.LEASED:
        return None
    error = StageError(code="retries_exhausted", message="given up after repeated temporary failures")
    return _failed(entry, task, error, now, settings)


def released(
    entry: Entry | None, task: Task, token: str, *, counts: bool, now: datetime, settings: Settings
) -> Entry:
    """Give the lease back for a later attempt; `counts` keeps the attempt as one without an outcome."""
    held, record = _held(entry, task, token)
    attempt = record.attempt if counts else record.attempt - 1
    record = replace(record, state=StageState.PENDING, attempt=attempt, lease_token=None, lease_until=None)
    return _settled(_with_record(held, task, record), now, settings)


def published(entry: Entry, events: tuple[Event, ...], now: datetime, settings: Settings) -> Entry:
    """These events are with the bus; the outbox forgets them."""
    left = tuple(event for event in entry.pending_events if event not in events)
    return _settled(replace(entry, pending_events=left), now, settings)


# -- the reconciler's questions -----------------------------------------------------------------


def rung(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """The entry with every event in its outbox that its unfinished work waits for."""
    pending = dict.fromkeys((*entry.pending_events, *_next_events(entry, now)))
    return _settled(replace(entry, pending_events=tuple(pending)), now, settings)


def orphaned(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """Every lease given back: whoever held one is known to be dead. The attempts still count."""

    def free(record: StageRecord) -> StageRecord:
        if record.state is not StageState.RUNNING:
            return record
        return replace(record, state=StageState.PENDING, lease_token=None, lease_until=None)

    stages = {stage: free(record) for stage, record in entry.stages.items()}
    chunks = tuple(replace(chunk, record=free(chunk.record)) for chunk in entry.chunks)
    return _settled(replace(entry, stages=stages, chunks=chunks), now, settings)


def audio_expired(entry: Entry, now: datetime) -> bool:
    """The recording has served its time, or belongs to a tombstone."""
    audio = entry.audio
    if entry.deleted_at is not None:
        return True
    if audio is None or audio.deleted_at is not None or audio.delete_after is None:
        return False
    return audio.delete_after <= now and entry.stage(Stage.TRANSCRIPTION).state in FINISHED


def never_arrived(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """The client was promised a place for its recording and never filled it."""
    task = Task(entry.key, entry.revision, Stage.TRANSCRIPTION)
    error = StageError(code="audio_missing", message="the recording never arrived")
    return _failed(entry, task, error, now, settings)


def _next_events(entry: Entry, now: datetime) -> tuple[Event, ...]:
    stage = next((stage for stage in ORDER if entry.stage(stage).state not in FINISHED), None)
    if stage is None or (entry.audio is None and stage is Stage.TRANSCRIPTION):
        return ()
    if stage is not Stage.TRANSCRIPTION:
        type_ = FINISHED_EVENT[ORDER[ORDER.index(stage) - 1]]
        return () if _leased(entry.stage(stage), now) else (announce(type_, entry.key, entry.revision),)
    return _next_transcription_events(entry, now)


def _next_transcription_events(entry: Entry, now: datetime) -> tuple[Event, ...]:
    unfinished = [i for i, chunk in enumerate(entry.chunks) if chunk.record.state not in FINISHED]
    if unfinished:
        idle = (i for i in unfinished if not _leased(entry.chunks[i].record, now))
        return tuple(announce(EventType.CHUNK_PLANNED, entry.key, entry.revision, i) for i in idle)
    if _leased(entry.stage(Stage.TRANSCRIPTION), now):
        return ()
    type_ = EventType.CHUNKS_TRANSCRIBED if entry.chunks else EventType.UPLOADED
    return (announce(type_, entry.key, entry.revision),)


# -- pieces of transitions ----------------------------------------------------------------------


def _record(entry: Entry, task: Task) -> StageRecord:
    return entry.stage(task.stage) if task.chunk is None else entry.chunks[task.chunk].record


def _with_record(entry: Entry, task: Task, record: StageRecord) -> Entry:
    if task.chunk is None:
        return replace(entry, stages={**entry.stages, task.stage: record})
    chunks = list(entry.chunks)
    chunks[task.chunk] = replace(chunks[task.chunk], record=record)
    return replace(entry, chunks=tuple(chunks))


def _leased(record: StageRecord, now: datetime) -> bool:
    return record.lease_until is not None and record.lease_until > now


def _held(entry: Entry | None, task: Task, token: str) -> tuple[Entry, StageRecord]:
    """The entry and record, if this token still owns them."""
    if entry is None or entry.deleted_at is not None or entry.revision != task.revision:
        raise LeaseLost("the entry was deleted or edited meanwhile")
    if task.chunk is not None and task.chunk >= len(entry.chunks):
        raise LeaseLost("the plan was replaced meanwhile")
    record = _record(entry, task)
    if record.lease_token != token or entry.stage(task.stage).state in FINISHED:
        raise LeaseLost("another worker holds the lease")
    return entry, record


def _planned(entry: Entry, task: Task, record: StageRecord, result: StageResult) -> Entry:
    """The stage goes back to pending and its chunks carry the work."""
    chunks = tuple(ChunkRecord(start=start, end=end) for start, end in result.plan)
    waiting = replace(record, state=StageState.PENDING, attempt=0, finished_at=None)
    events = (announce(EventType.CHUNK_PLANNED, entry.key, entry.revision, i) for i in range(len(chunks)))
    entry = _merged(replace(_with_record(entry, task, waiting), chunks=chunks), result.findings)
    return replace(entry, pending_events=(*entry.pending_events, *events))


def _merged(entry: Entry, findings: Findings) -> Entry:
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
        if any(chunk.record.state not in FINISHED for chunk in entry.chunks):
            return entry
        return _announced(entry, EventType.CHUNKS_TRANSCRIBED)
    if empty_reason is None:
        return _announced(entry, FINISHED_EVENT[task.stage])
    return _announced(
        _skip_after(replace(entry, empty_reason=empty_reason), task.stage), EventType.SUMMARIZED
    )


def _announced(entry: Entry, type_: EventType) -> Entry:
    event = announce(type_, entry.key, entry.revision)
    return replace(entry, pending_events=(*entry.pending_events, event))


def _skip_after(entry: Entry, stage: Stage) -> Entry:
    later = ORDER[ORDER.index(stage) + 1 :]
    return replace(entry, stages={**entry.stages, **dict.fromkeys(later, SKIPPED)})


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
        entry = _announced(_skip_after(entry, task.stage), EventType.SUMMARIZED)
    else:
        entry = _announced(entry, FINISHED_EVENT[task.stage])
    return _settled(entry, now, settings)


def _release_audio(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """Under the strictest retention the recording goes as soon as its words are known."""
    done = entry.stage(Stage.TRANSCRIPTION).state is StageState.DONE
    if not done or entry.audio is None or settings.audio_retention != "until_transcribed":
        return entry
    return replace(entry, audio=replace(entry.audio, delete_after=entry.audio.delete_after or now))


def _status(entry: Entry) -> Status:
    states = [entry.stage(stage).state for stage in ORDER]
    if states[0] is StageState.FAILED:
        return Status.FAILED
    if StageState.FAILED in states[1:]:
        return Status.PARTIAL
    if entry.source is Source.VOICE and entry.audio is None:
        return Status.AWAITING_AUDIO
    return Status.READY if all(state in FINISHED for state in states) else Status.PROCESSING


def _settled(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """Status and `wake_at` as they follow from everything else."""
    return replace(entry, updated_at=now, status=_status(entry), wake_at=_wake_at(entry, now, settings))


def _wake_at(entry: Entry, now: datetime, settings: Settings) -> datetime | None:
    """The earliest moment at which somebody must look again."""
    moments = []
    if entry.pending_events:
        moments.append(now)
    elif any(entry.stage(stage).state not in FINISHED for stage in ORDER):
        records = [*entry.stages.values(), *(chunk.record for chunk in entry.chunks)]
        leases = [record.lease_until for record in records if record.lease_until is not None]
        moments.append(min(leases, default=now + settings.ring_again))
    audio = entry.audio
    transcribed = entry.stage(Stage.TRANSCRIPTION).state in FINISHED
    if transcribed and audio and audio.delete_after and not audio.deleted_at:
        moments.append(audio.delete_after)
    return min(moments, default=None)
