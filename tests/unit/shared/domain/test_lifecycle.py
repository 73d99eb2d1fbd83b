"""The transitions of entries: creation, leases, completion, edits, deletion and recovery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.shared.domain import completion, creation, editing, leases, lifecycle, recovery
from functions.shared.domain.content import ChunkTranscript, EmotionScore, EmptyReason, LabelScore, Transcript
from functions.shared.domain.entries import (
    FINISHED_STATES,
    Audio,
    Entry,
    EntryKey,
    Event,
    EventType,
    Source,
    Stage,
    StageError,
    StageState,
    Status,
)
from functions.shared.domain.events import make_event
from functions.shared.domain.insight import Summary
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import EntryFindings, StageResult
from functions.shared.domain.tasks import Task
from functions.shared.domain.transcribing_again import transcribe_again
from functions.shared.errors import Conflict, LeaseLost
from functions.shared.runtime.settings import Settings

KEY = EntryKey("ada", "first")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTINGS = Settings()
BROKEN = StageError(code="undecodable_audio", message="the recording cannot be decoded")
AUDIO = Audio(object="audio/ada/first", generation=1, content_type="audio/wav", size=3)

TRANSCRIBE = Task(KEY, 1, Stage.TRANSCRIPTION)
DETECT = Task(KEY, 1, Stage.EMOTION)
SUMMARIZE = Task(KEY, 1, Stage.SUMMARIZATION)


def chunk(index: int) -> Task:
    return Task(KEY, 1, Stage.TRANSCRIPTION, index)


def result(**changes: object) -> StageResult:
    return replace(StageResult(engine="toy", model_version="1"), **changes)


def text() -> Entry:
    return creation.create_text_entry(KEY, NOW)


def awaiting_audio() -> Entry:
    return creation.create_voice_entry(KEY, NOW, wait_for_audio=timedelta(hours=24))


def voice(settings: Settings = SETTINGS) -> Entry:
    return lifecycle.receive_audio(awaiting_audio(), AUDIO, NOW, settings)


def published(entry: Entry, now: datetime = NOW) -> Entry:
    return lifecycle.clear_outbox(entry, entry.pending_events, now, SETTINGS)


def claimed(entry: Entry, task: Task, now: datetime = NOW, token: str = "token") -> Entry:
    _, claim = leases.claim(entry, task, now, token, SETTINGS)
    assert claim.outcome is DeliveryOutcome.LEASED
    assert claim.entry is not None
    return claim.entry


def outcome_of(entry: Entry | None, task: Task, now: datetime = NOW) -> DeliveryOutcome:
    return leases.claim(entry, task, now, "other", SETTINGS)[1].outcome


def completed(
    entry: Entry, task: Task, stage_result: StageResult | None = None, settings: Settings = SETTINGS
) -> Entry:
    write = completion.complete(claimed(entry, task), task, "token", stage_result or result(), NOW, settings)
    assert write.entry is not None
    return write.entry


def failed(entry: Entry, task: Task) -> Entry:
    return completion.fail(claimed(entry, task), task, "token", BROKEN, NOW, SETTINGS)


def planned(count: int = 2) -> Entry:
    return completed(voice(), TRANSCRIBE, result(plan=tuple((60.0 * i, 60.0 * i + 60) for i in range(count))))


def states(entry: Entry) -> tuple[StageState, ...]:
    return tuple(entry.stage(stage).state for stage in lifecycle.ORDER)


def pending(entry: Entry) -> Sequence[EventType]:
    return [event.type for event in entry.pending_events]


DONE, SKIPPED, PENDING, FAILED = (
    StageState.DONE,
    StageState.SKIPPED,
    StageState.PENDING,
    StageState.FAILED,
)


# -- creation -----------------------------------------------------------------------------------


def test_a_text_entry_starts_with_emotion_detection() -> None:
    entry = text()

    assert states(entry) == (SKIPPED, PENDING, PENDING)
    assert entry.status is Status.PROCESSING
    assert pending(entry) == [EventType.TRANSCRIBED]
    assert entry.wake_at == NOW
    assert entry.recorded_at == NOW


def test_a_voice_entry_waits_for_its_recording() -> None:
    entry = awaiting_audio()

    assert entry.status is Status.AWAITING_AUDIO
    assert pending(entry) == []
    assert entry.wake_at == NOW + timedelta(hours=24)
    assert lifecycle.settle(entry, NOW + MINUTE, SETTINGS).wake_at == entry.wake_at


def test_a_recording_starts_transcription_once() -> None:
    entry = voice()
    again = lifecycle.receive_audio(entry, replace(AUDIO, generation=2), NOW + MINUTE, SETTINGS)

    assert entry.status is Status.PROCESSING
    assert pending(entry) == [EventType.UPLOADED]
    assert again == entry


def test_a_recording_that_arrives_after_the_entry_failed_is_transcribed() -> None:
    failed_entry = completion.fail_missing_audio(awaiting_audio(), NOW, SETTINGS)
    assert failed_entry.status is Status.FAILED

    late = lifecycle.receive_audio(failed_entry, AUDIO, NOW, SETTINGS)

    assert late.status is Status.PROCESSING
    assert late.revision == 2
    assert make_event(EventType.UPLOADED, KEY, 2) in late.pending_events
    assert outcome_of(late, replace_revision(TRANSCRIBE, 2)) is DeliveryOutcome.LEASED


def test_an_entry_of_a_batch_is_only_transcribed() -> None:
    waiting = creation.create_voice_entry(KEY, NOW, wait_for_audio=MINUTE, job_id="batch")
    assert states(waiting) == (PENDING, SKIPPED, SKIPPED)
    late = lifecycle.receive_audio(
        completion.fail_missing_audio(waiting, NOW, SETTINGS), AUDIO, NOW, SETTINGS
    )
    assert states(late) == (PENDING, SKIPPED, SKIPPED)


def replace_revision(task: Task, revision: int) -> Task:
    return Task(task.key, revision, task.stage, task.chunk)


def test_a_recording_that_arrives_after_an_edit_is_only_kept() -> None:
    edited_entry = edited(awaiting_audio())
    entry = lifecycle.receive_audio(edited_entry, AUDIO, NOW, SETTINGS)

    assert edited_entry.status is Status.PROCESSING
    assert entry.audio is not None
    assert entry.pending_events == edited_entry.pending_events
    assert states(entry) == (SKIPPED, PENDING, PENDING)


# -- claims -------------------------------------------------------------------------------------


def test_a_claim_leases_the_stage() -> None:
    entry = claimed(published(text()), DETECT)
    record = entry.stage(Stage.EMOTION)

    assert record.state is StageState.RUNNING
    assert record.attempt == 1
    assert record.lease_until == NOW + SETTINGS.lease
    assert entry.wake_at == NOW + SETTINGS.lease


def test_a_stage_started_with_its_first_claim() -> None:
    first = claimed(published(text()), DETECT)
    later = NOW + SETTINGS.lease + MINUTE
    again = claimed(first, DETECT, later, "another")
    assert [entry.stage(Stage.EMOTION).started_at for entry in (first, again)] == [NOW, NOW]


@pytest.mark.parametrize(
    ("entry", "task", "expected"),
    [
        (None, DETECT, DeliveryOutcome.MISSING),
        (lifecycle.delete(text(), NOW).entry, DETECT, DeliveryOutcome.DELETED),
        (text(), replace_revision(DETECT, 2), DeliveryOutcome.STALE),
        (text(), replace_revision(DETECT, 0), DeliveryOutcome.STALE),
        (voice(), chunk(0), DeliveryOutcome.STALE),
        (planned(2), chunk(2), DeliveryOutcome.STALE),
        (voice(), DETECT, DeliveryOutcome.EARLY),
        (text(), SUMMARIZE, DeliveryOutcome.EARLY),
        (awaiting_audio(), TRANSCRIBE, DeliveryOutcome.EARLY),
        (planned(), TRANSCRIBE, DeliveryOutcome.EARLY),
        (completed(planned(), chunk(0)), TRANSCRIBE, DeliveryOutcome.EARLY),
        (text(), TRANSCRIBE, DeliveryOutcome.FINISHED),
        (completed(text(), DETECT), DETECT, DeliveryOutcome.FINISHED),
        (failed(text(), DETECT), DETECT, DeliveryOutcome.FINISHED),
        (completed(planned(), chunk(0)), chunk(0), DeliveryOutcome.FINISHED),
        (failed(planned(), chunk(0)), chunk(1), DeliveryOutcome.FINISHED),
        (claimed(text(), DETECT), DETECT, DeliveryOutcome.BUSY),
        (claimed(planned(), chunk(0)), chunk(0), DeliveryOutcome.BUSY),
        (claimed(planned(), chunk(0)), chunk(1), DeliveryOutcome.LEASED),
        (completed(text(), DETECT), SUMMARIZE, DeliveryOutcome.LEASED),
        (failed(text(), DETECT), SUMMARIZE, DeliveryOutcome.LEASED),
        (completed(completed(planned(), chunk(0)), chunk(1)), TRANSCRIBE, DeliveryOutcome.LEASED),
    ],
)
def test_a_claim_returns_its_outcome(entry: Entry | None, task: Task, expected: DeliveryOutcome) -> None:
    write, claim = leases.claim(entry, task, NOW, "other", SETTINGS)

    assert claim.outcome is expected
    assert (write.entry is not None) == (expected is DeliveryOutcome.LEASED)


def test_a_lease_ends_exactly_at_lease_until() -> None:
    entry = claimed(text(), DETECT)

    assert outcome_of(entry, DETECT, NOW + SETTINGS.lease - timedelta(microseconds=1)) is DeliveryOutcome.BUSY
    assert outcome_of(entry, DETECT, NOW + SETTINGS.lease) is DeliveryOutcome.LEASED


def test_the_fifth_claim_without_an_outcome_fails_the_stage() -> None:
    entry, now = text(), NOW
    for attempt in range(1, 5):
        entry = claimed(entry, DETECT, now)
        assert entry.stage(Stage.EMOTION).attempt == attempt
        now += SETTINGS.lease

    write, claim = leases.claim(entry, DETECT, now, "fifth", SETTINGS)

    assert claim.outcome is DeliveryOutcome.CRASHED
    assert write.entry is not None
    record = write.entry.stage(Stage.EMOTION)
    assert record.state is FAILED
    assert record.error is not None
    assert record.error.code == "crashed"
    assert pending(write.entry) == [EventType.TRANSCRIBED, EventType.EMOTIONS_DETECTED]


def test_attempts_with_temporary_errors_do_not_count() -> None:
    entry = text()
    for _ in range(20):
        entry = leases.release(
            claimed(entry, DETECT), DETECT, "token", counts=False, now=NOW, settings=SETTINGS
        )

    assert entry.stage(Stage.EMOTION).attempt == 0
    assert outcome_of(entry, DETECT) is DeliveryOutcome.LEASED


def test_crashed_attempts_count() -> None:
    entry = text()
    for _ in range(4):
        entry = leases.release(
            claimed(entry, DETECT), DETECT, "token", counts=True, now=NOW, settings=SETTINGS
        )

    assert outcome_of(entry, DETECT) is DeliveryOutcome.CRASHED


# -- lost leases --------------------------------------------------------------------------------


def taken_over() -> Entry:
    return claimed(claimed(text(), DETECT), DETECT, NOW + SETTINGS.lease, token="new")


def edited(entry: Entry) -> Entry:
    write = editing.edit(entry, Transcript(text="new words"), NOW, SETTINGS)
    assert write.delete_pieces
    assert write.pieces == (Transcript(text="new words"),)
    assert write.entry is not None
    return write.entry


def tombstone(entry: Entry) -> Entry:
    write = lifecycle.delete(entry, NOW)
    assert write.delete_pieces
    assert write.entry is not None
    return write.entry


LOST = {
    "to another worker": taken_over(),
    "to an edit": edited(claimed(text(), DETECT)),
    "to a deletion": tombstone(claimed(text(), DETECT)),
    "to its own release": leases.release(
        claimed(text(), DETECT), DETECT, "token", counts=True, now=NOW, settings=SETTINGS
    ),
    "to its own outcome": completed(text(), DETECT),
    "with the entry": None,
}


@pytest.mark.parametrize("entry", LOST.values(), ids=LOST)
def test_a_worker_that_lost_its_lease_can_change_nothing(entry: Entry | None) -> None:
    with pytest.raises(LeaseLost):
        completion.complete(entry, DETECT, "token", result(), NOW, SETTINGS)
    with pytest.raises(LeaseLost):
        completion.fail(entry, DETECT, "token", BROKEN, NOW, SETTINGS)
    with pytest.raises(LeaseLost):
        leases.renew(entry, DETECT, "token", 0.5, NOW, SETTINGS)
    with pytest.raises(LeaseLost):
        leases.release(entry, DETECT, "token", counts=True, now=NOW, settings=SETTINGS)


def test_a_chunks_lease_is_lost_when_another_chunk_fails_or_the_plan_is_replaced() -> None:
    busy = claimed(planned(), chunk(1))
    for entry in [failed(busy, chunk(0)), edited(busy), replace(busy, chunks=())]:
        with pytest.raises(LeaseLost):
            completion.complete(entry, chunk(1), "token", result(), NOW, SETTINGS)


def test_a_late_worker_may_finish_until_another_claims_the_task() -> None:
    late = NOW + 2 * SETTINGS.lease
    republished = recovery.republish(published(claimed(text(), DETECT)), late, SETTINGS)

    write = completion.complete(republished, DETECT, "token", result(), late, SETTINGS)

    assert write.entry is not None
    assert write.entry.stage(Stage.EMOTION).state is DONE


def test_renewing_extends_the_lease_and_stores_progress() -> None:
    entry = leases.renew(published(claimed(text(), DETECT)), DETECT, "token", 0.12345, NOW + MINUTE, SETTINGS)
    record = entry.stage(Stage.EMOTION)

    assert record.lease_until == NOW + MINUTE + SETTINGS.lease
    assert record.progress == 0.123
    assert entry.wake_at == record.lease_until


# -- completion and failure ---------------------------------------------------------------------


def test_a_result_is_stored_with_the_event_that_follows() -> None:
    score = EmotionScore(emotion="joy", confidence=0.5)
    entry = completed(
        published(text()), DETECT, result(findings=EntryFindings(emotions=(score,), sentiment=0.5))
    )
    record = entry.stage(Stage.EMOTION)

    assert record.state is DONE
    assert (record.engine, record.model_version) == ("toy", "1")
    assert record.lease_token is None
    assert record.lease_until is None
    assert entry.emotions == (score,)
    assert pending(entry) == [EventType.EMOTIONS_DETECTED]
    assert entry.wake_at == NOW
    assert entry.status is Status.PROCESSING


def test_an_unset_finding_leaves_the_field_unchanged() -> None:
    entry = replace(text(), language="en", sentiment=0.5)

    assert completed(entry, DETECT, result(findings=EntryFindings(sentiment=-1.0))).sentiment == -1.0
    assert completed(entry, DETECT).language == "en"


def test_transcription_sets_the_recordings_duration() -> None:
    entry = completed(voice(), TRANSCRIBE, result(findings=EntryFindings(duration_s=2.5)))

    assert entry.audio is not None
    assert entry.audio.duration_s == 2.5


def test_after_the_last_stage_the_entry_is_ready_and_never_due() -> None:
    entry = published(completed(completed(text(), DETECT), SUMMARIZE))

    assert entry.status is Status.READY
    assert entry.wake_at is None


def test_an_empty_transcript_skips_the_later_stages() -> None:
    entry = completed(published(voice()), TRANSCRIBE, result(empty_reason=EmptyReason.NO_SPEECH))

    assert states(entry) == (DONE, SKIPPED, SKIPPED)
    assert entry.status is Status.READY
    assert entry.empty_reason is EmptyReason.NO_SPEECH
    assert pending(entry) == [EventType.SUMMARIZED]


def test_without_emotions_a_summary_is_still_made_and_the_entry_becomes_partial() -> None:
    without = failed(published(text()), DETECT)

    assert without.status is Status.PROCESSING
    assert pending(without) == [EventType.EMOTIONS_DETECTED]
    assert without.stage(Stage.EMOTION).error == BROKEN
    assert completed(without, SUMMARIZE).status is Status.PARTIAL


def test_without_a_summary_the_entry_is_partial() -> None:
    entry = failed(published(completed(text(), DETECT)), SUMMARIZE)

    assert entry.status is Status.PARTIAL
    assert pending(entry) == [EventType.SUMMARIZED]


def test_a_failed_transcription_skips_the_later_stages() -> None:
    entry = failed(published(voice()), TRANSCRIBE)

    assert states(entry) == (FAILED, SKIPPED, SKIPPED)
    assert entry.status is Status.FAILED
    assert pending(entry) == [EventType.SUMMARIZED]


@pytest.mark.parametrize(
    ("entry", "gives_up"),
    [(text(), True), (claimed(text(), DETECT), False), (completed(text(), DETECT), False), (None, False)],
)
def test_exhausted_retries_fail_the_stage_unless_it_is_finished_or_leased(
    entry: Entry | None, gives_up: bool
) -> None:
    failed_entry = completion.exhaust(entry, DETECT, NOW, SETTINGS)

    assert (failed_entry is not None) == gives_up
    if failed_entry is not None:
        error = failed_entry.stage(Stage.EMOTION).error
        assert error is not None
        assert error.code == "retries_exhausted"


# -- chunks -------------------------------------------------------------------------------------


def test_a_plan_adds_an_event_per_chunk() -> None:
    entry = planned(3)

    assert [event.chunk for event in entry.pending_events if event.type is EventType.CHUNK_PLANNED] == [
        0,
        1,
        2,
    ]
    assert [(c.start, c.end) for c in entry.chunks] == [(0.0, 60.0), (60.0, 120.0), (120.0, 180.0)]
    assert entry.stage(Stage.TRANSCRIPTION).state is PENDING
    assert entry.stage(Stage.TRANSCRIPTION).attempt == 0


def test_only_the_last_chunk_adds_the_event_for_the_assembly() -> None:
    entry = published(planned(3))
    for index in (2, 0):
        entry = completed(entry, chunk(index), result(pieces=(ChunkTranscript(index=index),)))
        assert pending(entry) == []
    entry = completed(entry, chunk(1))

    assert pending(entry) == [EventType.CHUNKS_TRANSCRIBED]
    assert pending(completed(published(entry), TRANSCRIBE)) == [EventType.TRANSCRIBED]


def test_a_failed_chunk_fails_its_stage() -> None:
    entry = failed(published(planned()), chunk(1))

    assert entry.status is Status.FAILED
    assert entry.chunks[1].record.error == BROKEN
    assert entry.stage(Stage.TRANSCRIPTION).error == BROKEN
    assert states(entry) == (FAILED, SKIPPED, SKIPPED)


# -- editing and deleting -----------------------------------------------------------------------


def test_an_edit_starts_a_new_revision() -> None:
    score = EmotionScore(emotion="joy", confidence=0.5)
    label = LabelScore(label="family", confidence=0.5)
    findings = EntryFindings(
        emotions=(score,),
        feelings=(label,),
        topics=(label,),
        sentiment=0.5,
        language="en",
        partial_audio=True,
    )
    summary = result(findings=EntryFindings(summary=Summary(text="s", engine="e")))
    entry = edited(completed(completed(text(), DETECT, result(findings=findings)), SUMMARIZE, summary))

    assert entry.revision == 2
    assert states(entry) == (SKIPPED, PENDING, PENDING)
    assert entry.status is Status.PROCESSING
    assert entry.pending_events == (make_event(EventType.TRANSCRIBED, KEY, 2),)
    assert entry == replace(text(), revision=2, pending_events=entry.pending_events)


def test_an_edit_of_a_spoken_entry_keeps_its_recording_and_drops_its_chunks() -> None:
    entry = edited(completed(planned(), chunk(0)))

    assert entry.audio is not None
    assert entry.chunks == ()
    assert states(entry) == (SKIPPED, PENDING, PENDING)


def test_a_tombstone_outlives_every_event_of_its_entry() -> None:
    queue, dead_letter = timedelta(days=7), timedelta(days=7)

    expires_at = tombstone(text()).expires_at
    assert expires_at is not None
    assert expires_at - NOW > 2 * (queue + dead_letter)


def test_a_tombstone_has_no_content() -> None:
    entry = tombstone(completed(planned(), chunk(0)))

    allowed = {
        "uid", "entry_id", "source", "status", "revision", "created_at", "recorded_at", "updated_at",
        "audio", "deleted_at", "expires_at", "wake_at",
    }  # fmt: skip
    minimal = Entry(
        uid="",
        entry_id="",
        source=Source.TEXT,
        status=Status.READY,
        created_at=NOW,
        recorded_at=NOW,
        updated_at=NOW,
    )
    for name in set(Entry.__struct_fields__) - allowed:
        assert getattr(entry, name) == getattr(minimal, name), name


def test_a_tombstone_is_due_until_its_recording_is_deleted() -> None:
    entry = tombstone(voice())
    assert entry.wake_at == NOW
    assert recovery.audio_expired(entry, NOW)

    deleted = lifecycle.remove_audio(entry, NOW, SETTINGS)

    assert deleted.audio is None
    assert deleted.wake_at is None
    assert tombstone(text()).wake_at is None


def test_a_tombstone_waits_for_a_recording_that_has_not_arrived() -> None:
    entry = lifecycle.remove_audio(tombstone(awaiting_audio()), NOW, SETTINGS)
    promise = NOW + timedelta(hours=24)
    assert entry.wake_at == promise

    assert lifecycle.remove_audio(entry, promise, SETTINGS).wake_at is None


def test_no_event_revives_a_tombstone() -> None:
    entry = lifecycle.remove_audio(tombstone(voice()), NOW, SETTINGS)

    assert lifecycle.receive_audio(entry, AUDIO, NOW, SETTINGS) == entry
    assert lifecycle.clear_outbox(entry, voice().pending_events, NOW, SETTINGS) == entry
    assert not lifecycle.owns_audio(entry, AUDIO)


# -- retention of recordings --------------------------------------------------------------------


def kept_until(entry: Entry) -> datetime | None:
    assert entry.audio is not None
    return entry.audio.delete_after


def test_by_default_a_recording_is_kept_for_days_and_until_it_is_transcribed() -> None:
    week = NOW + timedelta(days=7)
    waiting, transcribed = published(voice()), completed(voice(), TRANSCRIBE)

    assert kept_until(waiting) == week
    assert not recovery.audio_expired(waiting, week)
    assert not recovery.audio_expired(transcribed, week - MINUTE)
    assert recovery.audio_expired(transcribed, week)


def test_a_finished_entry_is_due_when_its_recording_expires() -> None:
    entry = completed(completed(completed(voice(), TRANSCRIBE), DETECT), SUMMARIZE)

    entry = published(entry)
    assert entry.wake_at == NOW + timedelta(days=7)
    without_audio = lifecycle.remove_audio(entry, NOW + timedelta(days=7), SETTINGS)
    assert without_audio.wake_at is None
    assert without_audio.audio is not None
    assert without_audio.audio.deleted_at == NOW + timedelta(days=7)


def test_with_retention_until_transcribed_a_recording_expires_with_its_transcription() -> None:
    strict = Settings(audio_retention="until_transcribed")

    assert kept_until(voice(strict)) is None
    assert kept_until(completed(voice(strict), TRANSCRIBE, settings=strict)) == NOW
    write = editing.edit(voice(strict), Transcript(text="typed"), NOW, strict)
    assert write.entry is not None
    assert kept_until(write.entry) == NOW


def test_with_retention_until_transcribed_a_failed_recording_is_kept_for_days() -> None:
    strict = Settings(audio_retention="until_transcribed")
    entry = completion.fail(claimed(voice(strict), TRANSCRIBE), TRANSCRIBE, "token", BROKEN, NOW, strict)

    assert kept_until(entry) == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    "lacking",
    [
        {"empty_reason": EmptyReason.NO_SPEECH},
        {"empty_reason": EmptyReason.UNSUPPORTED_LANGUAGE},
        {"findings": EntryFindings(left_out=True)},
    ],
)
def test_with_retention_until_transcribed_a_recording_is_kept_until_all_of_it_is_words(
    lacking: dict[str, object],
) -> None:
    strict = Settings(audio_retention="until_transcribed")
    entry = completed(voice(strict), TRANSCRIBE, result(**lacking), settings=strict)

    assert kept_until(entry) == NOW + timedelta(days=7)


def test_a_batch_keeps_no_recording_that_is_transcribed() -> None:
    strict = Settings(audio_retention="until_transcribed")
    entry = replace(voice(strict), job_id="j", stages=dict.fromkeys(lifecycle.ORDER[1:], lifecycle.SKIPPED))
    entry = completed(entry, TRANSCRIBE, result(empty_reason=EmptyReason.NO_SPEECH), settings=strict)

    assert kept_until(entry) == NOW


# -- transcribing again --------------------------------------------------------------------------


def not_understood(settings: Settings = SETTINGS) -> Entry:
    return completed(
        voice(settings), TRANSCRIBE, result(empty_reason=EmptyReason.UNSUPPORTED_LANGUAGE), settings=settings
    )


@pytest.mark.parametrize(
    "entry",
    [
        not_understood(),
        failed(voice(), TRANSCRIBE),
        completed(voice(), TRANSCRIBE, result(findings=EntryFindings(left_out=True))),
    ],
)
def test_a_recording_that_lacks_words_can_be_transcribed_again(entry: Entry) -> None:
    write = transcribe_again(entry, NOW + MINUTE, SETTINGS, engine="whisper")

    assert write.entry is not None
    assert write.delete_pieces
    assert (write.entry.revision, write.entry.status) == (2, Status.PROCESSING)
    assert states(write.entry) == (PENDING, PENDING, PENDING)
    assert (write.entry.empty_reason, write.entry.left_out) == (None, False)
    assert write.entry.requested_engine == "whisper"
    assert outcome_of(write.entry, replace(TRANSCRIBE, revision=2), NOW + MINUTE) is DeliveryOutcome.LEASED


def test_a_recording_that_becomes_words_at_last_expires() -> None:
    strict = Settings(audio_retention="until_transcribed")
    write = transcribe_again(not_understood(strict), NOW, strict)
    assert write.entry is not None
    assert kept_until(write.entry) is None

    assert kept_until(completed(write.entry, replace(TRANSCRIBE, revision=2), settings=strict)) == NOW


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (completed(voice(), TRANSCRIBE), "nothing_missing"),
        (voice(), "nothing_missing"),
        (text(), "audio_gone"),
        (lifecycle.remove_audio(not_understood(), NOW, SETTINGS), "audio_gone"),
    ],
)
def test_a_recording_is_not_transcribed_again_without_need(entry: Entry, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        transcribe_again(entry, NOW, SETTINGS)
    assert refused.value.code == code


def test_a_recording_may_be_kept_forever() -> None:
    kept = Settings(audio_retention="kept")
    entry = completed(voice(kept), TRANSCRIBE, settings=kept)

    assert kept_until(entry) is None
    assert not recovery.audio_expired(entry, NOW + timedelta(days=10_000))


# -- recovery -----------------------------------------------------------------------------------


def republished(entry: Entry, after: timedelta = SETTINGS.ring_again) -> tuple[Event, ...]:
    return recovery.republish(published(entry), NOW + after, SETTINGS).pending_events


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (voice(), {make_event(EventType.UPLOADED, KEY, 1)}),
        (claimed(voice(), TRANSCRIBE), {make_event(EventType.UPLOADED, KEY, 1)}),
        (planned(), {make_event(EventType.CHUNK_PLANNED, KEY, 1, i) for i in range(2)}),
        (completed(planned(), chunk(0)), {make_event(EventType.CHUNK_PLANNED, KEY, 1, 1)}),
        (
            completed(completed(planned(), chunk(0)), chunk(1)),
            {make_event(EventType.CHUNKS_TRANSCRIBED, KEY, 1)},
        ),
        (completed(voice(), TRANSCRIBE), {make_event(EventType.TRANSCRIBED, KEY, 1)}),
        (claimed(text(), DETECT), {make_event(EventType.TRANSCRIBED, KEY, 1)}),
        (completed(text(), DETECT), {make_event(EventType.EMOTIONS_DETECTED, KEY, 1)}),
        (failed(text(), DETECT), {make_event(EventType.EMOTIONS_DETECTED, KEY, 1)}),
        (edited(text()), {make_event(EventType.TRANSCRIBED, KEY, 2)}),
        (awaiting_audio(), set()),
        (completed(completed(text(), DETECT), SUMMARIZE), set()),
        (failed(voice(), TRANSCRIBE), set()),
    ],
)
def test_republishing_covers_exactly_the_unfinished_work(entry: Entry, expected: set[Event]) -> None:
    assert set(republished(entry)) == expected
    assert len(republished(entry)) == len(expected)


def test_events_of_leased_tasks_are_not_republished() -> None:
    assert republished(claimed(text(), DETECT), after=SETTINGS.lease - MINUTE) == ()
    assert republished(claimed(voice(), TRANSCRIBE), after=SETTINGS.lease - MINUTE) == ()
    assert [event.chunk for event in republished(claimed(planned(), chunk(0)), after=MINUTE)] == [1]


def test_an_entry_is_due_when_its_lease_ends_until_it_is_republished() -> None:
    entry = published(claimed(text(), DETECT))
    assert entry.wake_at == NOW + SETTINGS.lease

    late = NOW + SETTINGS.lease
    entry = published(recovery.republish(entry, late, SETTINGS), late)

    assert entry.wake_at == late + SETTINGS.ring_again


def test_release_leases_releases_every_lease() -> None:
    entry = claimed(claimed(planned(3), chunk(0)), chunk(1), token="other")
    freed = recovery.release_leases(completed(entry, chunk(2)), NOW, SETTINGS)

    assert [record.record.state for record in freed.chunks] == [PENDING, PENDING, DONE]
    assert [record.record.attempt for record in freed.chunks] == [1, 1, 1]
    assert outcome_of(freed, chunk(0)) is DeliveryOutcome.LEASED


# -- random histories ---------------------------------------------------------------------------

MOVES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.integers(0, 1200)), max_size=40)


@given(spoken_first=st.booleans(), moves=MOVES)
def test_in_any_history_unfinished_entries_become_due_and_finished_ones_stay_finished(
    spoken_first: bool, moves: list[tuple[int, int, int]]
) -> None:
    entry, now = (voice() if spoken_first else text()), NOW
    for move, which, seconds in moves:
        now += timedelta(seconds=seconds)
        before, entry = entry, moved(entry, move, which, now)
        assert not set(finished(before)) - set(finished(entry)) or entry.revision > before.revision
    assert entry.updated_at <= now
    unfinished = any(entry.stage(stage).state not in FINISHED_STATES for stage in lifecycle.ORDER)
    assert unfinished == (entry.status is Status.PROCESSING)
    if unfinished or entry.pending_events:
        assert entry.wake_at is not None
        assert entry.wake_at <= now + max(SETTINGS.lease, SETTINGS.ring_again)


def finished(entry: Entry) -> list[object]:
    chunks = [i for i, part in enumerate(entry.chunks) if part.record.state in FINISHED_STATES]
    return [*(stage for stage in lifecycle.ORDER if entry.stage(stage).state in FINISHED_STATES), *chunks]


def moved(entry: Entry, move: int, which: int, now: datetime) -> Entry:
    """Apply one possible change; an invalid one leaves the entry as it is."""
    task = replace_revision((TRANSCRIBE, DETECT, SUMMARIZE)[which], entry.revision)
    if move % 2 and which < len(entry.chunks):
        task = replace_revision(chunk(which), entry.revision)
    plan = ((0.0, 60.0), (60.0, 120.0)) if task == TRANSCRIBE and not entry.chunks and move == 8 else ()
    try:
        match move:
            case 0 | 1:
                return leases.claim(entry, task, now, "token", SETTINGS)[0].entry or entry
            case 2 | 3 | 8:
                return (
                    completion.complete(entry, task, "token", result(plan=plan), now, SETTINGS).entry or entry
                )
            case 4:
                return leases.release(entry, task, "token", counts=which == 0, now=now, settings=SETTINGS)
            case 5:
                return lifecycle.clear_outbox(entry, entry.pending_events, now, SETTINGS)
            case 6:
                return recovery.republish(entry, now, SETTINGS)
            case 7:
                return completion.fail(entry, task, "token", BROKEN, now, SETTINGS)
            case _:
                return completion.exhaust(entry, task, now, SETTINGS) or entry
    except LeaseLost:
        return entry
