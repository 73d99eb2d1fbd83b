"""The pure transitions: what an entry looks like after each, and who may make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.shared.domain import leases, lifecycle, recovery
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
from functions.shared.domain.leases import Task
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import EntryFindings, StageResult
from functions.shared.errors import LeaseLost
from functions.shared.runtime.settings import Settings

KEY = EntryKey("ada", "first")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTINGS = Settings()
BROKEN = StageError(code="undecodable_audio", message="the recording cannot be decoded")
AUDIO = Audio(object="audio/ada/first", generation=1, content_type="audio/wav", size=3)

TRANSCRIBE = Task(KEY, 1, Stage.TRANSCRIPTION)
FEEL = Task(KEY, 1, Stage.EMOTION)
SUMMARIZE = Task(KEY, 1, Stage.SUMMARIZATION)


def chunk(index: int) -> Task:
    return Task(KEY, 1, Stage.TRANSCRIPTION, index)


def result(**changes: object) -> StageResult:
    return replace(StageResult(engine="toy", model_version="1"), **changes)


def typed() -> Entry:
    entry = lifecycle.create_text_entry(KEY, Transcript(text="words"), NOW, None, None).entry
    assert entry is not None
    return entry


def promised() -> Entry:
    entry = lifecycle.create_voice_entry(KEY, NOW, None, None, timedelta(hours=24)).entry
    assert entry is not None
    return entry


def spoken(settings: Settings = SETTINGS) -> Entry:
    return lifecycle.receive_audio(promised(), AUDIO, NOW, settings)


def published(entry: Entry, now: datetime = NOW) -> Entry:
    return lifecycle.clear_outbox(entry, entry.pending_events, now, SETTINGS)


def claimed(entry: Entry, task: Task, now: datetime = NOW, token: str = "token") -> Entry:
    _, claim = leases.claim(entry, task, now, token, SETTINGS)
    assert claim.verdict is DeliveryOutcome.LEASED
    assert claim.entry is not None
    return claim.entry


def verdict(entry: Entry | None, task: Task, now: datetime = NOW) -> DeliveryOutcome:
    return leases.claim(entry, task, now, "other", SETTINGS)[1].verdict


def completed(
    entry: Entry, task: Task, found: StageResult | None = None, settings: Settings = SETTINGS
) -> Entry:
    write = leases.complete(claimed(entry, task), task, "token", found or result(), NOW, settings)
    assert write.entry is not None
    return write.entry


def failed(entry: Entry, task: Task) -> Entry:
    return leases.fail(claimed(entry, task), task, "token", BROKEN, NOW, SETTINGS)


def planned(count: int = 2) -> Entry:
    return completed(
        spoken(), TRANSCRIBE, result(plan=tuple((60.0 * i, 60.0 * i + 60) for i in range(count)))
    )


def states(entry: Entry) -> tuple[StageState, ...]:
    return tuple(entry.stage(stage).state for stage in lifecycle.ORDER)


def announced(entry: Entry) -> Sequence[EventType]:
    return [event.type for event in entry.pending_events]


DONE, SKIPPED, PENDING, FAILED = (
    StageState.DONE,
    StageState.SKIPPED,
    StageState.PENDING,
    StageState.FAILED,
)


# -- beginnings ---------------------------------------------------------------------------------


def test_a_typed_entry_begins_with_emotion() -> None:
    write = lifecycle.create_text_entry(KEY, Transcript(text="words"), NOW, None, "Europe/Berlin")
    entry = typed()

    assert write.pieces == (Transcript(text="words"),)
    assert states(entry) == (SKIPPED, PENDING, PENDING)
    assert entry.status is Status.PROCESSING
    assert announced(entry) == [EventType.TRANSCRIBED]
    assert entry.wake_at == NOW
    assert entry.recorded_at == NOW


def test_a_spoken_entry_waits_for_its_recording_as_long_as_it_was_promised() -> None:
    entry = promised()

    assert entry.status is Status.AWAITING_AUDIO
    assert announced(entry) == []
    assert entry.wake_at == NOW + timedelta(hours=24)
    assert lifecycle.settle(entry, NOW + MINUTE, SETTINGS).wake_at == entry.wake_at


def test_a_recording_starts_transcription_once() -> None:
    entry = spoken()
    again = lifecycle.receive_audio(entry, replace(AUDIO, generation=2), NOW + MINUTE, SETTINGS)

    assert entry.status is Status.PROCESSING
    assert announced(entry) == [EventType.UPLOADED]
    assert again == entry


def test_a_recording_that_comes_after_all_is_transcribed_after_all() -> None:
    given_up = leases.fail_missing_audio(promised(), NOW, SETTINGS)
    assert given_up.status is Status.FAILED

    late = lifecycle.receive_audio(given_up, AUDIO, NOW, SETTINGS)

    assert late.status is Status.PROCESSING
    assert late.revision == 2
    assert make_event(EventType.UPLOADED, KEY, 2) in late.pending_events
    assert verdict(late, replace_revision(TRANSCRIBE, 2)) is DeliveryOutcome.LEASED


def replace_revision(task: Task, revision: int) -> Task:
    return Task(task.key, revision, task.stage, task.chunk)


def test_a_recording_that_comes_after_its_words_were_typed_is_only_kept() -> None:
    typed_instead = edited(promised())
    entry = lifecycle.receive_audio(typed_instead, AUDIO, NOW, SETTINGS)

    assert typed_instead.status is Status.PROCESSING
    assert entry.audio is not None
    assert entry.pending_events == typed_instead.pending_events
    assert states(entry) == (SKIPPED, PENDING, PENDING)


# -- claiming -----------------------------------------------------------------------------------


def test_a_claim_leases_the_stage() -> None:
    entry = claimed(published(typed()), FEEL)
    record = entry.stage(Stage.EMOTION)

    assert record.state is StageState.RUNNING
    assert record.attempt == 1
    assert record.lease_until == NOW + SETTINGS.lease
    assert entry.wake_at == NOW + SETTINGS.lease


@pytest.mark.parametrize(
    ("entry", "task", "expected"),
    [
        (None, FEEL, DeliveryOutcome.MISSING),
        (lifecycle.delete(typed(), NOW).entry, FEEL, DeliveryOutcome.DELETED),
        (typed(), replace_revision(FEEL, 2), DeliveryOutcome.STALE),
        (typed(), replace_revision(FEEL, 0), DeliveryOutcome.STALE),
        (spoken(), chunk(0), DeliveryOutcome.STALE),
        (planned(2), chunk(2), DeliveryOutcome.STALE),
        (spoken(), FEEL, DeliveryOutcome.EARLY),
        (typed(), SUMMARIZE, DeliveryOutcome.EARLY),
        (promised(), TRANSCRIBE, DeliveryOutcome.EARLY),
        (planned(), TRANSCRIBE, DeliveryOutcome.EARLY),
        (completed(planned(), chunk(0)), TRANSCRIBE, DeliveryOutcome.EARLY),
        (typed(), TRANSCRIBE, DeliveryOutcome.FINISHED),
        (completed(typed(), FEEL), FEEL, DeliveryOutcome.FINISHED),
        (failed(typed(), FEEL), FEEL, DeliveryOutcome.FINISHED),
        (completed(planned(), chunk(0)), chunk(0), DeliveryOutcome.FINISHED),
        (failed(planned(), chunk(0)), chunk(1), DeliveryOutcome.FINISHED),
        (claimed(typed(), FEEL), FEEL, DeliveryOutcome.BUSY),
        (claimed(planned(), chunk(0)), chunk(0), DeliveryOutcome.BUSY),
        (claimed(planned(), chunk(0)), chunk(1), DeliveryOutcome.LEASED),
        (completed(typed(), FEEL), SUMMARIZE, DeliveryOutcome.LEASED),
        (failed(typed(), FEEL), SUMMARIZE, DeliveryOutcome.LEASED),
        (completed(completed(planned(), chunk(0)), chunk(1)), TRANSCRIBE, DeliveryOutcome.LEASED),
    ],
)
def test_a_claim_says_what_it_came_to(entry: Entry | None, task: Task, expected: DeliveryOutcome) -> None:
    write, claim = leases.claim(entry, task, NOW, "other", SETTINGS)

    assert claim.verdict is expected
    assert (write.entry is not None) == (expected is DeliveryOutcome.LEASED)


def test_a_lease_ends_with_its_last_moment() -> None:
    entry = claimed(typed(), FEEL)

    assert verdict(entry, FEEL, NOW + SETTINGS.lease - timedelta(microseconds=1)) is DeliveryOutcome.BUSY
    assert verdict(entry, FEEL, NOW + SETTINGS.lease) is DeliveryOutcome.LEASED


def test_the_fifth_claim_without_an_outcome_gives_the_stage_up() -> None:
    entry, now = typed(), NOW
    for attempt in range(1, 5):
        entry = claimed(entry, FEEL, now)
        assert entry.stage(Stage.EMOTION).attempt == attempt
        now += SETTINGS.lease

    write, claim = leases.claim(entry, FEEL, now, "fifth", SETTINGS)

    assert claim.verdict is DeliveryOutcome.CRASHED
    assert write.entry is not None
    record = write.entry.stage(Stage.EMOTION)
    assert record.state is FAILED
    assert record.error is not None
    assert record.error.code == "crashed"
    assert announced(write.entry) == [EventType.TRANSCRIBED, EventType.EMOTIONS_DETECTED]


def test_an_attempt_that_ended_in_a_temporary_error_does_not_count() -> None:
    entry = typed()
    for _ in range(20):
        entry = leases.release(claimed(entry, FEEL), FEEL, "token", counts=False, now=NOW, settings=SETTINGS)

    assert entry.stage(Stage.EMOTION).attempt == 0
    assert verdict(entry, FEEL) is DeliveryOutcome.LEASED


def test_an_attempt_that_crashed_counts() -> None:
    entry = typed()
    for _ in range(4):
        entry = leases.release(claimed(entry, FEEL), FEEL, "token", counts=True, now=NOW, settings=SETTINGS)

    assert verdict(entry, FEEL) is DeliveryOutcome.CRASHED


# -- the fencing token --------------------------------------------------------------------------


def taken_over() -> Entry:
    return claimed(claimed(typed(), FEEL), FEEL, NOW + SETTINGS.lease, token="new")


def edited(entry: Entry) -> Entry:
    write = lifecycle.edit(entry, Transcript(text="new words"), NOW, SETTINGS)
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
    "to an edit": edited(claimed(typed(), FEEL)),
    "to a deletion": tombstone(claimed(typed(), FEEL)),
    "to its own release": leases.release(
        claimed(typed(), FEEL), FEEL, "token", counts=True, now=NOW, settings=SETTINGS
    ),
    "to its own outcome": completed(typed(), FEEL),
    "with the entry": None,
}


@pytest.mark.parametrize("entry", LOST.values(), ids=LOST)
def test_who_lost_the_lease_can_change_nothing(entry: Entry | None) -> None:
    with pytest.raises(LeaseLost):
        leases.complete(entry, FEEL, "token", result(), NOW, SETTINGS)
    with pytest.raises(LeaseLost):
        leases.fail(entry, FEEL, "token", BROKEN, NOW, SETTINGS)
    with pytest.raises(LeaseLost):
        leases.renew(entry, FEEL, "token", 0.5, NOW, SETTINGS)
    with pytest.raises(LeaseLost):
        leases.release(entry, FEEL, "token", counts=True, now=NOW, settings=SETTINGS)


def test_chunk_workers_lose_their_lease_when_another_chunk_fails_or_the_plan_goes() -> None:
    busy = claimed(planned(), chunk(1))
    for entry in [failed(busy, chunk(0)), edited(busy), replace(busy, chunks=())]:
        with pytest.raises(LeaseLost):
            leases.complete(entry, chunk(1), "token", result(), NOW, SETTINGS)


def test_a_late_worker_may_finish_while_nobody_has_taken_over() -> None:
    late = NOW + 2 * SETTINGS.lease
    rung = recovery.republish(published(claimed(typed(), FEEL)), late, SETTINGS)

    write = leases.complete(rung, FEEL, "token", result(), late, SETTINGS)

    assert write.entry is not None
    assert write.entry.stage(Stage.EMOTION).state is DONE


def test_renewing_moves_the_end_of_the_lease_and_shows_progress() -> None:
    entry = leases.renew(published(claimed(typed(), FEEL)), FEEL, "token", 0.12345, NOW + MINUTE, SETTINGS)
    record = entry.stage(Stage.EMOTION)

    assert record.lease_until == NOW + MINUTE + SETTINGS.lease
    assert record.progress == 0.123
    assert entry.wake_at == record.lease_until


# -- outcomes -----------------------------------------------------------------------------------


def test_a_result_is_stored_with_the_event_that_follows() -> None:
    score = EmotionScore(emotion="joy", confidence=0.5)
    entry = completed(
        published(typed()), FEEL, result(findings=EntryFindings(emotions=(score,), sentiment=0.5))
    )
    record = entry.stage(Stage.EMOTION)

    assert record.state is DONE
    assert (record.engine, record.model_version) == ("toy", "1")
    assert record.lease_token is None
    assert record.lease_until is None
    assert entry.emotions == (score,)
    assert announced(entry) == [EventType.EMOTIONS_DETECTED]
    assert entry.wake_at == NOW
    assert entry.status is Status.PROCESSING


def test_a_finding_left_out_leaves_what_was_there() -> None:
    entry = replace(typed(), language="en", sentiment=0.5)

    assert completed(entry, FEEL, result(findings=EntryFindings(sentiment=-1.0))).sentiment == -1.0
    assert completed(entry, FEEL).language == "en"


def test_the_recording_learns_its_duration() -> None:
    entry = completed(spoken(), TRANSCRIBE, result(findings=EntryFindings(duration_s=2.5)))

    assert entry.audio is not None
    assert entry.audio.duration_s == 2.5


def test_after_the_last_stage_the_entry_is_ready_and_sleeps() -> None:
    entry = published(completed(completed(typed(), FEEL), SUMMARIZE))

    assert entry.status is Status.READY
    assert entry.wake_at is None


def test_an_empty_transcript_skips_the_later_stages() -> None:
    entry = completed(published(spoken()), TRANSCRIBE, result(empty_reason=EmptyReason.NO_SPEECH))

    assert states(entry) == (DONE, SKIPPED, SKIPPED)
    assert entry.status is Status.READY
    assert entry.empty_reason is EmptyReason.NO_SPEECH
    assert announced(entry) == [EventType.SUMMARIZED]


def test_without_emotions_a_summary_is_still_made_and_the_entry_is_partial_when_it_is_there() -> None:
    without = failed(published(typed()), FEEL)

    assert without.status is Status.PROCESSING
    assert announced(without) == [EventType.EMOTIONS_DETECTED]
    assert without.stage(Stage.EMOTION).error == BROKEN
    assert completed(without, SUMMARIZE).status is Status.PARTIAL


def test_without_a_summary_the_entry_is_partial() -> None:
    entry = failed(published(completed(typed(), FEEL)), SUMMARIZE)

    assert entry.status is Status.PARTIAL
    assert announced(entry) == [EventType.SUMMARIZED]


def test_without_a_transcript_nothing_follows() -> None:
    entry = failed(published(spoken()), TRANSCRIBE)

    assert states(entry) == (FAILED, SKIPPED, SKIPPED)
    assert entry.status is Status.FAILED
    assert announced(entry) == [EventType.SUMMARIZED]


@pytest.mark.parametrize(
    ("entry", "gives_up"),
    [(typed(), True), (claimed(typed(), FEEL), False), (completed(typed(), FEEL), False), (None, False)],
)
def test_an_event_given_up_fails_the_stage_unless_it_has_an_outcome_or_a_worker(
    entry: Entry | None, gives_up: bool
) -> None:
    given_up = leases.exhaust(entry, FEEL, NOW, SETTINGS)

    assert (given_up is not None) == gives_up
    if given_up is not None:
        error = given_up.stage(Stage.EMOTION).error
        assert error is not None
        assert error.code == "retries_exhausted"


# -- chunks -------------------------------------------------------------------------------------


def test_a_plan_rings_for_every_chunk() -> None:
    entry = planned(3)

    assert [event.chunk for event in entry.pending_events if event.type is EventType.CHUNK_PLANNED] == [
        0,
        1,
        2,
    ]
    assert [(c.start, c.end) for c in entry.chunks] == [(0.0, 60.0), (60.0, 120.0), (120.0, 180.0)]
    assert entry.stage(Stage.TRANSCRIPTION).state is PENDING
    assert entry.stage(Stage.TRANSCRIPTION).attempt == 0


def test_only_the_last_chunk_rings_for_the_assembly() -> None:
    entry = published(planned(3))
    for index in (2, 0):
        entry = completed(entry, chunk(index), result(pieces=(ChunkTranscript(index=index),)))
        assert announced(entry) == []
    entry = completed(entry, chunk(1))

    assert announced(entry) == [EventType.CHUNKS_TRANSCRIBED]
    assert announced(completed(published(entry), TRANSCRIBE)) == [EventType.TRANSCRIBED]


def test_a_chunk_that_fails_fails_its_stage() -> None:
    entry = failed(published(planned()), chunk(1))

    assert entry.status is Status.FAILED
    assert entry.chunks[1].record.error == BROKEN
    assert entry.stage(Stage.TRANSCRIPTION).error == BROKEN
    assert states(entry) == (FAILED, SKIPPED, SKIPPED)


# -- editing and deleting -----------------------------------------------------------------------


def test_an_edit_begins_anew_from_the_new_words() -> None:
    score = EmotionScore(emotion="joy", confidence=0.5)
    label = LabelScore(label="family", confidence=0.5)
    found = EntryFindings(
        emotions=(score,),
        feelings=(label,),
        topics=(label,),
        sentiment=0.5,
        language="en",
        partial_audio=True,
    )
    summary = result(findings=EntryFindings(summary=Summary(text="s", engine="e")))
    entry = edited(completed(completed(typed(), FEEL, result(findings=found)), SUMMARIZE, summary))

    assert entry.revision == 2
    assert states(entry) == (SKIPPED, PENDING, PENDING)
    assert entry.status is Status.PROCESSING
    assert entry.pending_events == (make_event(EventType.TRANSCRIBED, KEY, 2),)
    assert entry == replace(typed(), revision=2, pending_events=entry.pending_events)


def test_an_edit_of_a_spoken_entry_keeps_its_recording_and_drops_its_chunks() -> None:
    entry = edited(completed(planned(), chunk(0)))

    assert entry.audio is not None
    assert entry.chunks == ()
    assert states(entry) == (SKIPPED, PENDING, PENDING)


def test_a_tombstone_outlives_every_event_that_could_bring_its_entry_back() -> None:
    queue, dead_letter = timedelta(days=7), timedelta(days=7)

    expires_at = tombstone(typed()).expires_at
    assert expires_at is not None
    assert expires_at - NOW > 2 * (queue + dead_letter)


def test_a_tombstone_says_nothing_of_its_person() -> None:
    entry = tombstone(completed(planned(), chunk(0)))

    allowed = {
        "uid", "entry_id", "source", "status", "revision", "created_at", "recorded_at", "updated_at",
        "audio", "deleted_at", "expires_at", "wake_at",
    }  # fmt: skip
    bare = Entry(
        uid="",
        entry_id="",
        source=Source.TEXT,
        status=Status.READY,
        created_at=NOW,
        recorded_at=NOW,
        updated_at=NOW,
    )
    for name in set(Entry.__struct_fields__) - allowed:
        assert getattr(entry, name) == getattr(bare, name), name


def test_a_tombstone_wakes_until_its_recording_is_gone() -> None:
    entry = tombstone(spoken())
    assert entry.wake_at == NOW
    assert recovery.audio_expired(entry, NOW)

    bare = lifecycle.remove_audio(entry, NOW, SETTINGS)

    assert bare.audio is None
    assert bare.wake_at is None
    assert tombstone(typed()).wake_at is None


def test_a_tombstone_of_an_entry_whose_recording_is_on_its_way_waits_for_it() -> None:
    entry = lifecycle.remove_audio(tombstone(promised()), NOW, SETTINGS)
    promise = NOW + timedelta(hours=24)
    assert entry.wake_at == promise

    assert lifecycle.remove_audio(entry, promise, SETTINGS).wake_at is None


def test_a_tombstone_stays_one_whatever_arrives() -> None:
    entry = lifecycle.remove_audio(tombstone(spoken()), NOW, SETTINGS)

    assert lifecycle.receive_audio(entry, AUDIO, NOW, SETTINGS) == entry
    assert lifecycle.clear_outbox(entry, spoken().pending_events, NOW, SETTINGS) == entry
    assert not lifecycle.owns_audio(entry, AUDIO)


# -- the recording's end ------------------------------------------------------------------------


def kept_until(entry: Entry) -> datetime | None:
    assert entry.audio is not None
    return entry.audio.delete_after


def test_by_default_a_recording_stays_for_some_days_and_until_it_is_transcribed() -> None:
    week = NOW + timedelta(days=7)
    waiting, transcribed = published(spoken()), completed(spoken(), TRANSCRIBE)

    assert kept_until(waiting) == week
    assert not recovery.audio_expired(waiting, week)
    assert not recovery.audio_expired(transcribed, week - MINUTE)
    assert recovery.audio_expired(transcribed, week)


def test_a_finished_entry_wakes_for_the_end_of_its_recording() -> None:
    entry = completed(completed(completed(spoken(), TRANSCRIBE), FEEL), SUMMARIZE)

    entry = published(entry)
    assert entry.wake_at == NOW + timedelta(days=7)
    gone = lifecycle.remove_audio(entry, NOW + timedelta(days=7), SETTINGS)
    assert gone.wake_at is None
    assert gone.audio is not None
    assert gone.audio.deleted_at == NOW + timedelta(days=7)


def test_under_the_strictest_retention_a_recording_goes_with_its_words_known() -> None:
    strict = Settings(audio_retention="until_transcribed")

    assert kept_until(spoken(strict)) is None
    assert kept_until(completed(spoken(strict), TRANSCRIBE, settings=strict)) == NOW
    write = lifecycle.edit(spoken(strict), Transcript(text="typed"), NOW, strict)
    assert write.entry is not None
    assert kept_until(write.entry) == NOW


def test_under_the_strictest_retention_a_recording_nobody_could_transcribe_stays_for_some_days() -> None:
    strict = Settings(audio_retention="until_transcribed")
    entry = leases.fail(claimed(spoken(strict), TRANSCRIBE), TRANSCRIBE, "token", BROKEN, NOW, strict)

    assert kept_until(entry) == NOW + timedelta(days=7)


def test_a_recording_may_be_kept_for_good() -> None:
    kept = Settings(audio_retention="kept")
    entry = completed(spoken(kept), TRANSCRIBE, settings=kept)

    assert kept_until(entry) is None
    assert not recovery.audio_expired(entry, NOW + timedelta(days=10_000))


# -- what an entry that fell asleep needs -------------------------------------------------------


def rung(entry: Entry, after: timedelta = SETTINGS.ring_again) -> tuple[Event, ...]:
    return recovery.republish(published(entry), NOW + after, SETTINGS).pending_events


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (spoken(), {make_event(EventType.UPLOADED, KEY, 1)}),
        (claimed(spoken(), TRANSCRIBE), {make_event(EventType.UPLOADED, KEY, 1)}),
        (planned(), {make_event(EventType.CHUNK_PLANNED, KEY, 1, i) for i in range(2)}),
        (completed(planned(), chunk(0)), {make_event(EventType.CHUNK_PLANNED, KEY, 1, 1)}),
        (
            completed(completed(planned(), chunk(0)), chunk(1)),
            {make_event(EventType.CHUNKS_TRANSCRIBED, KEY, 1)},
        ),
        (completed(spoken(), TRANSCRIBE), {make_event(EventType.TRANSCRIBED, KEY, 1)}),
        (claimed(typed(), FEEL), {make_event(EventType.TRANSCRIBED, KEY, 1)}),
        (completed(typed(), FEEL), {make_event(EventType.EMOTIONS_DETECTED, KEY, 1)}),
        (failed(typed(), FEEL), {make_event(EventType.EMOTIONS_DETECTED, KEY, 1)}),
        (edited(typed()), {make_event(EventType.TRANSCRIBED, KEY, 2)}),
        (promised(), set()),
        (completed(completed(typed(), FEEL), SUMMARIZE), set()),
        (failed(spoken(), TRANSCRIBE), set()),
    ],
)
def test_ringing_asks_for_exactly_what_is_unfinished(entry: Entry, expected: set[Event]) -> None:
    assert set(rung(entry)) == expected
    assert len(rung(entry)) == len(expected)


def test_nobody_rings_for_what_is_being_worked_on() -> None:
    assert rung(claimed(typed(), FEEL), after=SETTINGS.lease - MINUTE) == ()
    assert rung(claimed(spoken(), TRANSCRIBE), after=SETTINGS.lease - MINUTE) == ()
    assert [event.chunk for event in rung(claimed(planned(), chunk(0)), after=MINUTE)] == [1]


def test_an_entry_wakes_when_its_lease_ends_and_sleeps_again_after_ringing() -> None:
    entry = published(claimed(typed(), FEEL))
    assert entry.wake_at == NOW + SETTINGS.lease

    late = NOW + SETTINGS.lease
    entry = published(recovery.republish(entry, late, SETTINGS), late)

    assert entry.wake_at == late + SETTINGS.ring_again


def test_after_a_crash_of_the_only_process_every_lease_is_free_at_once() -> None:
    entry = claimed(claimed(planned(3), chunk(0)), chunk(1), token="other")
    freed = recovery.abandon_upload(completed(entry, chunk(2)), NOW, SETTINGS)

    assert [record.record.state for record in freed.chunks] == [PENDING, PENDING, DONE]
    assert [record.record.attempt for record in freed.chunks] == [1, 1, 1]
    assert verdict(freed, chunk(0)) is DeliveryOutcome.LEASED


# -- any history --------------------------------------------------------------------------------

MOVES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2), st.integers(0, 1200)), max_size=40)


@given(spoken_first=st.booleans(), moves=MOVES)
def test_whatever_happens_an_unfinished_entry_wakes_and_a_finished_one_stays_so(
    spoken_first: bool, moves: list[tuple[int, int, int]]
) -> None:
    entry, now = (spoken() if spoken_first else typed()), NOW
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
    """One of everything that may happen to an entry; refused moves leave it as it was."""
    task = replace_revision((TRANSCRIBE, FEEL, SUMMARIZE)[which], entry.revision)
    if move % 2 and which < len(entry.chunks):
        task = replace_revision(chunk(which), entry.revision)
    plan = ((0.0, 60.0), (60.0, 120.0)) if task == TRANSCRIBE and not entry.chunks and move == 8 else ()
    try:
        match move:
            case 0 | 1:
                return leases.claim(entry, task, now, "token", SETTINGS)[0].entry or entry
            case 2 | 3 | 8:
                return leases.complete(entry, task, "token", result(plan=plan), now, SETTINGS).entry or entry
            case 4:
                return leases.release(entry, task, "token", counts=which == 0, now=now, settings=SETTINGS)
            case 5:
                return lifecycle.clear_outbox(entry, entry.pending_events, now, SETTINGS)
            case 6:
                return recovery.republish(entry, now, SETTINGS)
            case 7:
                return leases.fail(entry, task, "token", BROKEN, now, SETTINGS)
            case _:
                return leases.exhaust(entry, task, now, SETTINGS) or entry
    except LeaseLost:
        return entry
