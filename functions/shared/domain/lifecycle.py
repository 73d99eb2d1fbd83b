"""How entries change: pure transitions from one `Entry` to the next.

They use no store, bus or clock: `now` is the store's clock. Transitions here, in `leases`, `completion` and
`recovery` end in `settle`, the only place that derives status and `wake_at`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.shared.domain.changes import Write
from functions.shared.domain.content import Transcript
from functions.shared.domain.correcting import carry_over
from functions.shared.domain.entries import (
    FINISHED_STATES,
    Audio,
    Entry,
    Event,
    EventType,
    Source,
    Stage,
    StageRecord,
    StageState,
    Status,
)
from functions.shared.domain.events import make_event
from functions.shared.runtime.settings import AudioRetention, Settings

ORDER = (Stage.TRANSCRIPTION, Stage.EMOTION, Stage.SUMMARIZATION)
SKIPPED = StageRecord(state=StageState.SKIPPED)
TOMBSTONE_TTL = timedelta(days=35)
"""Longer than an event can exist: seven days in its queue, seven as a dead letter, and the same again if it
is redelivered."""


def receive_audio(
    entry: Entry, audio: Audio, now: datetime, settings: Settings, *, partial: bool = False
) -> Entry:
    """Attach the stored recording; transcription comes next. Idempotent.

    If `audio.duration_s` is set, the recording was probed, and `partial` says whether it is truncated.

    A recording that arrives after the entry failed for lack of it is transcribed as a new revision. If the
    text was typed in the meantime, the recording is stored but not transcribed.
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


def edit(
    entry: Entry,
    transcript: Transcript,
    now: datetime,
    settings: Settings,
    *,
    previous: Transcript | None = None,
) -> Write:
    """Replace the text: a new revision, analyzed again from emotion detection on.

    `previous` is the text so far, required if `correcting.needs_previous_text`.
    """
    revision = entry.revision + 1
    fresh = replace(
        carry_over(entry, previous, transcript, revision),
        revision=revision,
        language=None,
        stages={Stage.TRANSCRIPTION: SKIPPED},
        chunks=(),
        partial_audio=False,
        emotions=(),
        feelings=(),
        topics=(),
        sentiment=None,
        certain=True,
        support=False,
        summary=None,
        empty_reason=None,
        opening=None,
        words=(),
        left_out=False,
        requested_engine=None,
        embedding_model=None,
        pending_events=(make_event(EventType.TRANSCRIBED, entry.key, revision),),
    )
    return Write(entry=settle(fresh, now, settings), pieces=(transcript,), delete_pieces=True)


def dismiss_support(entry: Entry, now: datetime, *, dismissed: bool) -> Entry:
    """Record whether the user wants the insight in place of the support note. Edits keep it."""
    if entry.support_dismissed == dismissed:
        return entry
    return replace(entry, support_dismissed=dismissed, updated_at=now)


def delete(entry: Entry, now: datetime) -> Write:
    """Turn the entry into a tombstone without content; it refers to the audio until that is deleted.

    If the recording has not arrived, the tombstone keeps waiting for it, to delete it when it does.
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
    """Record that the recording's object has been deleted."""
    if entry.deleted_at is not None:
        later = entry.wake_at is not None and entry.wake_at > now
        return replace(entry, audio=None, wake_at=entry.wake_at if later else None)
    if entry.audio is None:
        return entry
    return settle(replace(entry, audio=replace(entry.audio, deleted_at=now)), now, settings)


def clear_outbox(entry: Entry, events: tuple[Event, ...], now: datetime, settings: Settings) -> Entry:
    """Remove events that the bus has accepted from the outbox. Clients see no update."""
    if entry.deleted_at is not None:
        return entry
    left = tuple(event for event in entry.pending_events if event not in events)
    return replace(settle(replace(entry, pending_events=left), now, settings), updated_at=entry.updated_at)


def owns_audio(entry: Entry, audio: Audio) -> bool:
    """Whether the entry is not deleted and this is its recording."""
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
    """Derive status, the recording's `delete_after` and `wake_at` from everything else."""
    entry = replace(entry, updated_at=now, status=_status(entry), audio=_with_expiry(entry, now, settings))
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


def _with_expiry(entry: Entry, now: datetime, settings: Settings) -> Audio | None:
    """With retention `until_transcribed`, the recording expires as soon as all of it has become words.

    If transcription failed, found no words or left some out, the recording has what the transcript lacks, so
    it is kept as long as under `days`. Those of batches are not: nobody can have them transcribed again.
    """
    audio, state = entry.audio, entry.stage(Stage.TRANSCRIPTION).state
    if audio is None or audio.delete_after is not None or state not in FINISHED_STATES:
        return audio
    if _retention(entry, settings) != "until_transcribed":
        return audio
    lacking = state is StageState.FAILED or (entry.job_id is None and lacks_words(entry))
    grace = _days(entry, settings) if lacking else timedelta()
    return replace(audio, delete_after=now + grace)


def lacks_words(entry: Entry) -> bool:
    """Whether the recording may have words that the transcript does not."""
    record = entry.stage(Stage.TRANSCRIPTION)
    if record.state is StageState.FAILED:
        return True
    return record.state is StageState.DONE and (entry.empty_reason is not None or entry.left_out)


def _retention(entry: Entry, settings: Settings) -> AudioRetention:
    return entry.keeping.retention or settings.audio_retention


def _days(entry: Entry, settings: Settings) -> timedelta:
    return timedelta(days=entry.keeping.days or settings.audio_retention_days)


def _wake_at(entry: Entry, now: datetime, settings: Settings) -> datetime | None:
    """When the reconciler must next look at the entry; None if never."""
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
