"""How an entry changes: pure transitions from one `Entry` to the next.

No store, no bus, no clock: `now` is always the store's own. Every transition here, in `tasks` and in
`recovery` ends in `settled`, the one place where status and `wake_at` follow from the rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.shared.domain.changes import Write
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import (
    FINISHED_STATES,
    Audio,
    Entry,
    EntryKey,
    Event,
    EventType,
    RetentionPreference,
    Source,
    Stage,
    StageRecord,
    StageState,
    Status,
)
from functions.shared.domain.events import make_event
from functions.shared.domain.insight import Feedback
from functions.shared.errors import Conflict
from functions.shared.runtime.settings import AudioRetention, Settings

ORDER = (Stage.TRANSCRIPTION, Stage.EMOTION, Stage.SUMMARIZATION)
SKIPPED = StageRecord(state=StageState.SKIPPED)
MAX_FEEDBACK = 100
TOMBSTONE_TTL = timedelta(days=35)
"""Longer than an event can live: seven days in its queue, as long as a dead letter, and both once more."""


def create_text_entry(
    key: EntryKey,
    transcript: Transcript,
    now: datetime,
    recorded_at: datetime | None,
    timezone: str | None,
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
        pending_events=(make_event(EventType.TRANSCRIBED, key, 1),),
        wake_at=now,
    )
    return Write(entry=entry, pieces=(transcript,))


def create_voice_entry(
    key: EntryKey,
    now: datetime,
    recorded_at: datetime | None,
    timezone: str | None,
    patience: timedelta,
    *,
    session: str | None = None,
    keeping: RetentionPreference = RetentionPreference(),  # noqa: B008 - frozen
    job_id: str | None = None,
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
        upload_session=session,
        keeping=keeping,
        job_id=job_id,
        stages={} if job_id is None else dict.fromkeys(ORDER[1:], SKIPPED),
        wake_at=now + patience,
    )
    return Write(entry=entry)


def receive_audio(
    entry: Entry, audio: Audio, now: datetime, settings: Settings, *, partial: bool = False
) -> Entry:
    """The recording is in the audio store: transcription comes next. Receiving twice changes nothing.

    An `audio.duration_s` says that the recording was probed; then `partial` says whether it broke off.

    One that was no longer expected is transcribed all the same, as a new revision; one whose words
    were typed meanwhile is only kept.
    """
    if entry.deleted_at is not None or entry.audio is not None:
        return entry
    until = now + _days(entry, settings) if _retention(entry, settings) == "days" else None
    recording = replace(audio, received_at=now, delete_after=until)
    entry = replace(entry, audio=recording, upload_session=None, partial_audio=partial)
    if entry.stage(Stage.TRANSCRIPTION).state is StageState.FAILED:
        later = dict.fromkeys(ORDER[1:], SKIPPED) if entry.job_id else {}
        entry = replace(entry, revision=entry.revision + 1, stages=later)
    if entry.stage(Stage.TRANSCRIPTION).state not in FINISHED_STATES:
        entry = add_event(entry, EventType.UPLOADED)
    return settle(entry, now, settings)


def edit(entry: Entry, transcript: Transcript, now: datetime, settings: Settings) -> Write:
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
        embedding_model=None,
        pending_events=(make_event(EventType.TRANSCRIBED, entry.key, revision),),
    )
    return Write(entry=settle(fresh, now, settings), pieces=(transcript,), delete_pieces=True)


def add_feedback(entry: Entry, said: Feedback, now: datetime) -> Entry:
    """A person's word on an emotion replaces what they said of it before; it outlives every edit.

    Raises:
        Conflict: `too_much_feedback`.
    """
    about = said.emotion, said.segment
    others = tuple(each for each in entry.feedback if (each.emotion, each.segment) != about)
    if len(others) >= MAX_FEEDBACK:
        raise Conflict(f"an entry holds {MAX_FEEDBACK} words of feedback", code="too_much_feedback")
    return replace(entry, feedback=(*others, said), updated_at=now)


def delete(entry: Entry, now: datetime) -> Write:
    """A content-free tombstone; the audio reference stays until the object itself is gone.

    A recording still on its way is waited for to the end, to be deleted when it comes.
    """
    awaiting = entry.status is Status.AWAITING_AUDIO
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
        expires_at=now + TOMBSTONE_TTL,
        wake_at=entry.wake_at if awaiting else now if entry.source is Source.VOICE else None,
    )
    return Write(entry=tombstone, delete_pieces=True)


def remove_audio(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """The recording's object has been deleted."""
    if entry.deleted_at is not None:
        later = entry.wake_at is not None and entry.wake_at > now
        return replace(entry, audio=None, wake_at=entry.wake_at if later else None)
    if entry.audio is None:
        return entry
    return settle(replace(entry, audio=replace(entry.audio, deleted_at=now)), now, settings)


def clear_outbox(entry: Entry, events: tuple[Event, ...], now: datetime, settings: Settings) -> Entry:
    """These events are with the bus; the outbox forgets them."""
    if entry.deleted_at is not None:
        return entry
    left = tuple(event for event in entry.pending_events if event not in events)
    return settle(replace(entry, pending_events=left), now, settings)


def owns_audio(entry: Entry, audio: Audio) -> bool:
    """The entry stands and this is its recording."""
    return entry.deleted_at is None and entry.audio is not None and entry.audio.generation == audio.generation


def add_event(entry: Entry, type_: EventType) -> Entry:
    event = make_event(type_, entry.key, entry.revision)
    return replace(entry, pending_events=(*entry.pending_events, event))


def skip_after(entry: Entry, stage: Stage) -> Entry:
    later = ORDER[ORDER.index(stage) + 1 :]
    return replace(entry, stages={**entry.stages, **dict.fromkeys(later, SKIPPED)})


def is_leased(record: StageRecord, now: datetime) -> bool:
    return record.lease_until is not None and record.lease_until > now


def settle(entry: Entry, now: datetime, settings: Settings) -> Entry:
    """Status, the recording's end and `wake_at` as they follow from everything else."""
    entry = replace(entry, updated_at=now, status=_status(entry), audio=_audio_until(entry, now, settings))
    return replace(entry, wake_at=_wake_at(entry, now, settings))


def _status(entry: Entry) -> Status:
    states = [entry.stage(stage).state for stage in ORDER]
    if states[0] is StageState.FAILED:
        return Status.FAILED
    if entry.source is Source.VOICE and entry.audio is None and states[0] not in FINISHED_STATES:
        return Status.AWAITING_AUDIO
    if any(state not in FINISHED_STATES for state in states):
        return Status.PROCESSING
    return Status.PARTIAL if StageState.FAILED in states else Status.READY


def _audio_until(entry: Entry, now: datetime, settings: Settings) -> Audio | None:
    """Under the strictest retention the recording goes as soon as its words are known.

    Where they could not be made out it is all there is, so it stays as long as others' do.
    """
    audio, state = entry.audio, entry.stage(Stage.TRANSCRIPTION).state
    undecided = audio is not None and audio.delete_after is None and state in FINISHED_STATES
    if audio is None or not undecided or _retention(entry, settings) != "until_transcribed":
        return audio
    grace = _days(entry, settings) if state is StageState.FAILED else timedelta()
    return replace(audio, delete_after=now + grace)


def _retention(entry: Entry, settings: Settings) -> AudioRetention:
    return entry.keeping.retention or settings.audio_retention


def _days(entry: Entry, settings: Settings) -> timedelta:
    return timedelta(days=entry.keeping.days or settings.audio_retention_days)


def _wake_at(entry: Entry, now: datetime, settings: Settings) -> datetime | None:
    """The earliest moment at which somebody must look again."""
    if entry.status is Status.AWAITING_AUDIO:
        return entry.wake_at
    moments = []
    if entry.pending_events:
        moments.append(now)
    elif any(entry.stage(stage).state not in FINISHED_STATES for stage in ORDER):
        records = [*entry.stages.values(), *(chunk.record for chunk in entry.chunks)]
        leases = [record.lease_until for record in records if record.lease_until is not None]
        moments.append(min(leases, default=now + settings.ring_again))
    audio = entry.audio
    transcribed = entry.stage(Stage.TRANSCRIPTION).state in FINISHED_STATES
    if transcribed and audio and audio.delete_after and not audio.deleted_at:
        moments.append(audio.delete_after)
    return min(moments, default=None)
