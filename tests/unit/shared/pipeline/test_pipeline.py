"""The pipeline over the local ports, with fake stages and a clock that tests control."""

from __future__ import annotations

import io
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from functions.shared.backends.local.worker import deliver
from functions.shared.domain import events
from functions.shared.domain.content import Arc, EmptyReason, Transcript
from functions.shared.domain.entries import Entry, EntryKey, Event, EventType, Stage, StageState, Status
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import StageInput
from functions.shared.errors import LeaseLost, PermanentError, TemporaryError
from functions.shared.observability import logs
from functions.shared.pipeline import stage_runner
from functions.shared.pipeline.outbox import Outbox
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.pipeline.reconciler import Reconciler
from functions.shared.pipeline.stage_runner import BudgetExceeded
from functions.shared.runtime.settings import Settings
from tests.support import fake_stages
from tests.support.instrumented_ports import Outcome
from tests.support.laptop import MEMORY_FOLDER, UPLOAD_WAIT, Client, Clock, Laptop, deliver_all, settle

DAY_S = 86_400.0


class Killed(BaseException):
    """The process dies here: no later line runs, not even an except clause."""


class World:
    """A local backend, a client and a pipeline, with injectable failures."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.clock = Clock()
        self.settings = settings
        self.before: Callable[[Stage, StageInput], None] = fake_stages.no_op
        self.die_at: str | None = None
        self.refuse_at: str | None = None
        self.accepted = Counter[Outcome]()
        self.laptop = Laptop(
            folder,
            self.clock,
            boundary=self._boundary,
            accepted=lambda outcome: self.accepted.update([outcome]),
        )
        self.pipeline = Pipeline(
            self.laptop.ports, settings, fake_stages.fake_stages(lambda stage, job: self.before(stage, job))
        )
        self.reconciler = Reconciler(self.pipeline)
        self.client = Client(self.laptop.ports, settings)

    def _boundary(self, name: str) -> None:
        if name == self.die_at:
            self.die_at = None
            raise Killed
        if name == self.refuse_at:
            raise TemporaryError("not now")

    def entry(self, key: EntryKey) -> Entry:
        entry = self.laptop.store.get(key)
        assert entry is not None
        return entry

    def step(self) -> bool:
        """Deliver one visible event like the worker; False if there is none."""
        delivery = self.laptop.bus.receive()
        if delivery is None:
            return False
        deliver(self.laptop, self.pipeline, delivery)
        return True

    def run(self) -> None:
        """Deliver all events that are visible now, and those that follow."""
        deliver_all(self.laptop, self.pipeline)

    def settle(self) -> None:
        """Let time pass until no entry is due, except for the retention of its recording."""
        settle(self.laptop, self.pipeline, self.clock)

    def outcomes(self, key: EntryKey, revision: int = 1) -> dict[str, StageState]:
        """The outcomes that the store accepted for a revision, each of them once."""
        outcomes = {o: n for o, n in self.accepted.items() if (o.key, o.revision) == (key, revision)}
        assert set(outcomes.values()) <= {1}
        return {outcome.task: outcome.state for outcome in outcomes}


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY_FOLDER) as name:
        yield Path(name)


@pytest.fixture
def world(folder: Path) -> World:
    return World(folder, Settings())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The lines that SAMO logs."""
    logger, written = logging.getLogger("samo"), io.StringIO()
    before = logger.handlers[:], logger.level, logger.propagate
    logs.configure()
    logger.handlers[0].setStream(written)  # type: ignore[attr-defined]
    yield written
    logger.handlers[:], logger.level, logger.propagate = before


def failing(
    stage: Stage, error: BaseException, times: int = 1_000_000
) -> Callable[[Stage, StageInput], None]:
    """Makes the work of a stage raise an error a number of times."""
    remaining = times

    def before(at: Stage, job: StageInput) -> None:
        nonlocal remaining
        if at is stage and remaining > 0:
            remaining -= 1
            raise error

    return before


ALL_DONE = dict.fromkeys(["transcription", "emotion", "summarization"], StageState.DONE)
TYPED_DONE = {**ALL_DONE, "transcription": StageState.SKIPPED}


# -- success ------------------------------------------------------------------------------------


def test_a_text_entry_becomes_ready(world: World) -> None:
    key = world.client.write("e", "words")
    world.run()

    entry = world.entry(key)
    assert entry.status is Status.READY
    assert entry.summary is not None
    assert entry.summary.text == "words"
    assert [topic.label for topic in entry.topics] == ["words"]
    assert world.outcomes(key) == TYPED_DONE
    assert world.laptop.store.read(key, 1, Arc) is not None
    assert (entry.pending_events, entry.wake_at) == ((), None)


def test_a_voice_entry_becomes_ready(world: World) -> None:
    key = world.client.record("e", "spoken words")
    world.run()

    entry = world.entry(key)
    assert entry.status is Status.READY
    assert entry.language == "en"
    assert world.outcomes(key) == ALL_DONE
    transcript = world.laptop.store.read(key, 1, Transcript)
    assert transcript is not None
    assert transcript.text == "spoken words"


def test_a_long_recording_is_transcribed_in_chunks_and_assembled_in_order(world: World) -> None:
    key = world.client.record("e", "long:3")
    world.run()

    entry = world.entry(key)
    assert entry.status is Status.READY
    assert world.outcomes(key) == {**ALL_DONE, **{f"chunk {i}": StageState.DONE for i in range(3)}}
    transcript = world.laptop.store.read(key, 1, Transcript)
    assert transcript is not None
    assert transcript.text == "part 0. part 1. part 2."


def test_a_silent_recording_is_ready_with_an_empty_reason(world: World) -> None:
    key = world.client.record("e", "silence")
    world.run()

    entry = world.entry(key)
    assert entry.status is Status.READY
    assert entry.empty_reason is EmptyReason.NO_SPEECH
    assert entry.summary is None
    assert entry.stage(Stage.EMOTION).state is StageState.SKIPPED


@pytest.mark.parametrize(
    ("recording", "empty"), [("spoken words", ""), ("silence", "no_speech"), ("long:3", "")]
)
def test_the_duration_until_the_insight_is_logged_once(
    world: World,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    recording: str,
    empty: str,
) -> None:
    monkeypatch.setattr(logging.getLogger("samo"), "propagate", True)
    world.client.record("e", recording)
    with caplog.at_level(logging.INFO, logger="samo"):
        world.run()

    facts = [record.__dict__["facts"] for record in caplog.records if record.message == "insight"]
    assert [(fact["source"], fact["empty"]) for fact in facts] == [("voice", empty)]
    assert facts[0]["duration_ms"] >= 0


def test_events_of_other_stages_are_ignored(world: World) -> None:
    key = world.client.write("e", "words")
    here = Pipeline(
        world.laptop.ports,
        world.settings,
        {Stage.SUMMARIZATION: fake_stages.fake_stages()[Stage.SUMMARIZATION]},
    )

    assert here.handle(events.make_event(EventType.TRANSCRIBED, key, 1)) is DeliveryOutcome.IGNORED
    assert here.handle(events.make_event(EventType.SUMMARIZED, key, 1)) is DeliveryOutcome.IGNORED
    assert world.entry(key).stage(Stage.EMOTION).attempt == 0


def test_an_event_of_an_unknown_entry_is_acknowledged(world: World) -> None:
    event = events.make_event(EventType.TRANSCRIBED, EntryKey("ada", "nobody"), 1)

    assert world.pipeline.handle(event) is DeliveryOutcome.MISSING


# -- repeated and out-of-order deliveries -------------------------------------------------------


@pytest.mark.parametrize("recording", ["spoken words", "long:2"])
def test_repeated_deliveries_change_nothing(world: World, recording: str) -> None:
    key = world.client.record("e", recording)
    seen = list[Event]()
    while (delivery := world.laptop.bus.receive()) is not None:
        seen.append(delivery.event)
        for _ in range(3):
            world.pipeline.handle(delivery.event)
        world.laptop.bus.acknowledge(delivery)
    ready = world.entry(key)

    for event in reversed(seen):
        assert world.pipeline.handle(event) in {DeliveryOutcome.FINISHED, DeliveryOutcome.IGNORED}

    assert ready.status is Status.READY
    assert world.entry(key) == ready
    assert set(world.outcomes(key).values()) == {StageState.DONE}


def test_an_early_event_is_acknowledged_and_the_entry_still_becomes_ready(world: World) -> None:
    key = world.client.record("e", "spoken words")
    for early in (EventType.CHUNK_PLANNED, EventType.TRANSCRIBED, EventType.EMOTIONS_DETECTED):
        chunk = 0 if early is EventType.CHUNK_PLANNED else None
        event = events.make_event(early, key, 1, chunk)
        assert world.pipeline.handle(event) in {DeliveryOutcome.EARLY, DeliveryOutcome.STALE}
    world.run()

    assert world.entry(key).status is Status.READY


def test_an_event_of_a_leased_task_is_acknowledged(world: World) -> None:
    key = world.client.write("e", "words")
    event = events.make_event(EventType.TRANSCRIBED, key, 1)
    verdicts = list[DeliveryOutcome]()

    def interrupted(stage: Stage, job: StageInput) -> None:
        world.before = fake_stages.no_op
        verdicts.append(world.pipeline.handle(event))
        assert world.entry(key).wake_at == world.clock.now + world.settings.lease

    world.before = interrupted
    assert world.pipeline.handle(event) is DeliveryOutcome.DONE
    assert verdicts == [DeliveryOutcome.BUSY]


# -- crashes ------------------------------------------------------------------------------------


def die(world: World, boundary: str) -> None:
    """Deliver the next event and die at the boundary."""
    world.die_at = boundary
    with pytest.raises(Killed):
        world.step()


def test_work_of_a_dead_worker_is_repeated_when_its_lease_ends(world: World) -> None:
    key = world.client.write("e", "words")
    world.before = failing(Stage.EMOTION, Killed(), times=1)
    with pytest.raises(Killed):
        world.step()
    assert world.entry(key).stage(Stage.EMOTION).state is StageState.RUNNING
    assert world.reconciler.reconcile() == 0

    world.clock.advance(world.settings.lease_s)
    assert world.reconciler.reconcile() == 1
    world.run()

    assert world.entry(key).status is Status.READY
    assert world.entry(key).stage(Stage.EMOTION).attempt == 2


def test_five_dead_workers_fail_the_stage_and_a_summary_is_still_made(world: World) -> None:
    key = world.client.write("e", "words")
    world.before = failing(Stage.EMOTION, Killed())
    for _ in range(4):
        with pytest.raises(Killed):
            world.step()
        world.clock.advance(world.settings.lease_s)
        world.reconciler.reconcile()
    world.settle()

    entry = world.entry(key)
    assert entry.status is Status.PARTIAL
    error = entry.stage(Stage.EMOTION).error
    assert error is not None
    assert error.code == "crashed"
    assert entry.summary is not None


def test_an_exception_counts_as_a_crash_and_releases_the_lease(world: World) -> None:
    key = world.client.write("e", "words")
    world.before = failing(Stage.EMOTION, ZeroDivisionError(), times=1)
    world.step()

    record = world.entry(key).stage(Stage.EMOTION)
    assert (record.state, record.attempt, record.lease_until) == (StageState.PENDING, 1, None)
    world.settle()
    assert world.entry(key).status is Status.READY


def test_a_crash_between_storing_and_publishing_loses_neither_result_nor_event(world: World) -> None:
    key = world.client.write("e", "words")
    die(world, "before publish")
    entry = world.entry(key)
    assert entry.stage(Stage.EMOTION).state is StageState.DONE
    assert [event.type for event in entry.pending_events] == [EventType.EMOTIONS_DETECTED]

    assert world.reconciler.reconcile() == 1
    world.run()

    assert world.entry(key).status is Status.READY
    assert world.outcomes(key) == TYPED_DONE


def test_a_redelivery_publishes_events_that_a_crash_left_in_the_outbox(world: World) -> None:
    key = world.client.write("e", "words")
    die(world, "before publish")

    assert world.pipeline.handle(events.make_event(EventType.TRANSCRIBED, key, 1)) is DeliveryOutcome.FINISHED
    world.run()

    assert world.entry(key).status is Status.READY


def test_a_crash_between_publishing_and_clearing_repeats_the_event_but_no_result(world: World) -> None:
    key = world.client.write("e", "words")
    die(world, "after publish")
    world.settle()

    assert world.entry(key).status is Status.READY
    assert world.outcomes(key) == TYPED_DONE


def test_creating_an_entry_survives_a_crash_before_its_event_is_published(world: World) -> None:
    world.die_at = "before publish"
    with pytest.raises(Killed):
        world.client.write("e", "words")
    world.settle()

    assert world.entry(EntryKey("ada", "e")).status is Status.READY


def test_a_recording_stored_by_a_dead_process_is_adopted(world: World) -> None:
    world.die_at = "after put"
    with pytest.raises(Killed):
        world.client.record("e", "spoken words")
    world.clock.advance(UPLOAD_WAIT.total_seconds())
    world.settle()

    assert world.entry(EntryKey("ada", "e")).status is Status.READY


def test_a_worker_that_lost_its_lease_cannot_store_its_result(world: World) -> None:
    key = world.client.write("e", "words")
    event = events.make_event(EventType.TRANSCRIBED, key, 1)
    others = list[DeliveryOutcome]()

    def overtaken(stage: Stage, job: StageInput) -> None:
        world.before = fake_stages.no_op
        world.clock.advance(world.settings.lease_s)
        others.append(world.pipeline.handle(event))

    world.before = overtaken
    assert world.pipeline.handle(event) is DeliveryOutcome.SUPERSEDED
    assert others == [DeliveryOutcome.DONE]
    world.run()
    assert world.outcomes(key) == TYPED_DONE


@pytest.mark.parametrize(
    "error", [PermanentError("no"), TemporaryError("later"), ZeroDivisionError()], ids=repr
)
def test_a_failing_worker_that_lost_its_lease_does_not_disturb_its_successor(
    world: World, error: Exception
) -> None:
    key = world.client.write("e", "words")
    event = events.make_event(EventType.TRANSCRIBED, key, 1)

    def overtaken(stage: Stage, job: StageInput) -> None:
        world.before = fake_stages.no_op
        world.clock.advance(world.settings.lease_s)
        world.pipeline.handle(event)
        raise error

    world.before = overtaken
    if isinstance(error, PermanentError):
        assert world.pipeline.handle(event) is DeliveryOutcome.SUPERSEDED
    else:
        with pytest.raises(type(error)):
            world.pipeline.handle(event)
    world.run()

    assert world.entry(key).status is Status.READY
    assert world.outcomes(key) == TYPED_DONE


# -- errors -------------------------------------------------------------------------------------


def test_a_temporary_error_releases_the_lease_and_does_not_count(world: World) -> None:
    key = world.client.write("e", "words")
    world.before = failing(Stage.EMOTION, TemporaryError("later"), times=7)
    world.step()
    record = world.entry(key).stage(Stage.EMOTION)
    assert (record.state, record.attempt, record.lease_until) == (StageState.PENDING, 0, None)

    world.settle()

    assert world.entry(key).status is Status.READY
    assert world.entry(key).stage(Stage.EMOTION).attempt == 1


def test_an_error_that_stays_temporary_fails_the_stage_and_leaves_a_dead_letter(world: World) -> None:
    key = world.client.write("e", "words")
    world.before = failing(Stage.EMOTION, TemporaryError("later"))
    world.settle()

    entry = world.entry(key)
    assert entry.status is Status.PARTIAL
    error = entry.stage(Stage.EMOTION).error
    assert error is not None
    assert error.code == "retries_exhausted"
    assert world.laptop.bus.dead_letters() == [events.make_event(EventType.TRANSCRIBED, key, 1)]


def test_giving_up_an_event_does_not_change_a_finished_stage(world: World) -> None:
    key = world.client.write("e", "words")
    world.run()
    ready = world.entry(key)
    for event_type in EventType:
        world.pipeline.give_up(events.make_event(event_type, key, 1))

    assert world.entry(key) == ready


def test_a_recording_that_cannot_be_decoded_fails_with_its_code(world: World) -> None:
    key = world.client.record("e", "broken")
    world.run()

    entry = world.entry(key)
    assert entry.status is Status.FAILED
    error = entry.stage(Stage.TRANSCRIPTION).error
    assert error is not None
    assert (error.code, error.message) == ("undecodable_audio", "the recording cannot be decoded")
    assert world.laptop.bus.dead_letters() == []


def test_without_emotions_there_is_still_a_summary(world: World) -> None:
    key = world.client.write("e", "words")
    world.before = failing(Stage.EMOTION, PermanentError("no", code="too_strange"))
    world.run()

    entry = world.entry(key)
    assert entry.status is Status.PARTIAL
    assert entry.summary is not None
    assert entry.emotions == ()


def test_a_failed_chunk_fails_the_transcription_and_stops_the_others(world: World) -> None:
    def second_chunk(stage: Stage, job: StageInput) -> None:
        if job.chunk == 1:
            raise PermanentError("no", code="undecodable_audio")

    key = world.client.record("e", "long:3")
    world.before = second_chunk
    world.run()

    entry = world.entry(key)
    assert entry.status is Status.FAILED
    assert world.outcomes(key)["chunk 1"] is StageState.FAILED
    assert "chunk 2" not in world.outcomes(key)
    assert entry.wake_at == entry.audio.delete_after if entry.audio else False


def test_a_crashed_chunk_is_repeated_without_the_others(world: World) -> None:
    runs = Counter[int | None]()

    def second_chunk_dies_once(stage: Stage, job: StageInput) -> None:
        runs[job.chunk] += stage is Stage.TRANSCRIPTION
        if job.chunk == 1 and runs[1] == 1:
            raise ZeroDivisionError

    key = world.client.record("e", "long:3")
    world.before = second_chunk_dies_once
    world.settle()

    assert world.entry(key).status is Status.READY
    assert runs == {None: 2, 0: 1, 1: 2, 2: 1}


def test_an_unavailable_bus_delays_the_event_and_loses_nothing(world: World) -> None:
    key = world.client.write("e", "words")
    world.refuse_at = "before publish"
    world.run()
    assert world.entry(key).stage(Stage.EMOTION).state is StageState.DONE
    world.refuse_at = None
    world.settle()

    assert world.entry(key).status is Status.READY
    assert world.outcomes(key) == TYPED_DONE


def test_an_unavailable_store_leaves_the_stage_to_a_later_attempt(world: World) -> None:
    key = world.client.write("e", "words")

    def refuse(stage: Stage, job: StageInput) -> None:
        world.before = fake_stages.no_op
        world.refuse_at = "before commit"

    world.before = refuse
    world.step()
    world.refuse_at = None
    assert world.entry(key).stage(Stage.EMOTION).state is StageState.RUNNING
    world.settle()

    assert world.entry(key).status is Status.READY
    assert world.outcomes(key) == TYPED_DONE


# -- long work ----------------------------------------------------------------------------------


def test_long_work_renews_its_lease_and_stores_progress(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_runner, "RENEW_EVERY_S", 0.0)
    key = world.client.record("e", "spoken words")

    def slowly(stage: Stage, job: StageInput) -> None:
        for share in (0.25, 0.5, 0.75):
            world.clock.advance(world.settings.lease_s - 1)
            job.progress(share)
            record = world.entry(key).stage(stage)
            assert record.progress == share
            assert record.lease_until == world.clock.now + world.settings.lease
            assert world.reconciler.reconcile() == 0

    world.before = slowly
    world.run()
    assert world.entry(key).status is Status.READY
    assert world.entry(key).stage(Stage.TRANSCRIPTION).attempt == 1


def test_progress_is_stored_at_most_once_per_interval(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_runner, "RENEW_EVERY_S", 3600.0)
    key = world.client.write("e", "words")

    def eagerly(stage: Stage, job: StageInput) -> None:
        for _ in range(3):
            job.progress(0.5)
        assert world.entry(key).stage(stage).progress is None

    world.before = eagerly
    world.run()
    assert world.entry(key).status is Status.READY


def test_work_on_a_deleted_entry_is_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_runner, "RENEW_EVERY_S", 0.0)
    key = world.client.record("e", "spoken words")

    def deleted_meanwhile(stage: Stage, job: StageInput) -> None:
        world.client.delete(key)
        with pytest.raises(LeaseLost):
            job.progress(0.5)
        job.progress(0.6)

    world.before = deleted_meanwhile
    assert world.pipeline.handle(events.make_event(EventType.UPLOADED, key, 1)) is DeliveryOutcome.SUPERSEDED


def test_work_that_exceeds_its_time_budget_is_stopped_and_counts_as_an_attempt(folder: Path) -> None:
    world = World(folder, Settings(work_budget_s=1, max_claims=3))
    key = world.client.write("e", "words")
    runs = []

    def take_too_long(stage: Stage, job: StageInput) -> None:
        if stage is Stage.EMOTION:
            runs.append(stage)
            time.sleep(1.05)
            job.progress(0.5)
            pytest.fail("the work was not stopped")

    world.before = take_too_long
    with pytest.raises(BudgetExceeded):
        world.pipeline.handle(events.make_event(EventType.TRANSCRIBED, key, 1))

    record = world.entry(key).stage(Stage.EMOTION)
    assert (record.state, record.attempt, record.lease_token) == (StageState.PENDING, 1, None)
    world.settle()
    failed = world.entry(key).stage(Stage.EMOTION)
    assert failed.error is not None
    assert (failed.state, failed.error.code, len(runs)) == (StageState.FAILED, "crashed", 2)


def test_work_within_its_time_budget_is_not_stopped(folder: Path) -> None:
    world = World(folder, Settings(work_budget_s=60))
    key = world.client.write("e", "words")
    world.before = lambda stage, job: job.progress(0.5)
    world.run()
    assert world.entry(key).status is Status.READY


# -- edits and deletions ------------------------------------------------------------------------


def test_an_edit_during_work_wins(world: World) -> None:
    key = world.client.record("e", "spoken words")

    def edited_meanwhile(stage: Stage, job: StageInput) -> None:
        world.before = fake_stages.no_op
        world.client.edit(key, "typed words")

    world.before = edited_meanwhile
    world.run()

    entry = world.entry(key)
    assert (entry.status, entry.revision) == (Status.READY, 2)
    assert entry.summary is not None
    assert entry.summary.text == "typed words"
    assert world.outcomes(key, 1) == {}
    assert world.outcomes(key, 2) == TYPED_DONE
    assert world.laptop.store.read(key, 1, Transcript) is None
    assert world.laptop.store.read(key, 2, Transcript) == Transcript(text="typed words")


def test_an_edit_of_a_finished_entry_is_analyzed_again(world: World) -> None:
    key = world.client.write("e", "words")
    world.run()
    world.client.edit(key, "other words")
    assert world.entry(key).summary is None
    world.run()

    summary = world.entry(key).summary
    assert summary is not None
    assert summary.text == "other words"


def test_an_entry_deleted_during_work_stays_deleted(world: World) -> None:
    key = world.client.record("e", "spoken words")

    def deleted_meanwhile(stage: Stage, job: StageInput) -> None:
        world.client.delete(key)

    world.before = deleted_meanwhile
    world.settle()

    entry = world.entry(key)
    assert entry.deleted_at is not None
    assert entry.summary is None
    assert entry.stages == {}
    assert world.laptop.store.read(key, 1, Transcript) is None
    assert world.laptop.audio.find(key) is None
    assert (entry.audio, entry.wake_at) == (None, None)
    assert world.laptop.bus.dead_letters() == []


def test_an_entry_deleted_while_its_events_are_published_is_never_due(world: World) -> None:
    key = world.client.write("e", "words")
    world.step()
    world.laptop.bus.boundary = lambda name: world.client.delete(key) if name == "after publish" else None
    world.step()

    assert world.entry(key).deleted_at is not None
    assert world.entry(key).wake_at is None


def test_an_interrupted_deletion_is_finished_by_the_reconciler(world: World) -> None:
    key = world.client.record("e", "spoken words")
    world.client.delete(key, drop_audio=False)
    assert world.laptop.audio.find(key) is not None

    world.reconciler.reconcile()

    assert world.laptop.audio.find(key) is None
    assert world.entry(key).wake_at is None


def test_an_event_of_a_deleted_entry_deletes_its_recording(world: World) -> None:
    key = world.client.record("e", "spoken words")
    world.client.delete(key, drop_audio=False)

    assert world.pipeline.handle(events.make_event(EventType.UPLOADED, key, 1)) is DeliveryOutcome.DELETED
    assert world.laptop.audio.find(key) is None


def test_a_recording_that_arrives_after_the_deletion_is_deleted(world: World) -> None:
    key = world.client.await_upload("e")
    world.client.delete(key)
    world.client.upload(key, "spoken words")

    assert world.laptop.audio.find(key) is None
    assert world.entry(key).audio is None


def test_a_recording_that_arrives_unnoticed_after_the_deletion_is_deleted(world: World) -> None:
    key = world.client.await_upload("e")
    world.client.delete(key)
    world.die_at = "after put"
    with pytest.raises(Killed):
        world.client.upload(key, "spoken words")
    world.settle()

    assert world.laptop.audio.find(key) is None
    assert world.entry(key).wake_at is None


# -- late, missing and expired recordings -------------------------------------------------------


def test_a_recording_without_an_entry_is_deleted(world: World) -> None:
    stray = EntryKey("ada", "stray")
    world.laptop.audio.put(stray, io.BytesIO(b"sound"), "audio/wav")
    world.pipeline.recordings.adopt(stray)
    assert world.laptop.audio.find(stray) is None
    assert world.laptop.store.get(stray) is None


def test_a_recording_that_never_arrives_fails_its_entry(world: World) -> None:
    key = world.client.await_upload("e")
    world.clock.advance(UPLOAD_WAIT.total_seconds() - 1)
    assert world.reconciler.reconcile() == 0
    world.clock.advance(1)
    world.reconciler.reconcile()

    entry = world.entry(key)
    error = entry.stage(Stage.TRANSCRIPTION).error
    assert error is not None
    assert (entry.status, error.code) == (Status.FAILED, "audio_missing")


def test_a_recording_that_arrives_too_late_is_still_transcribed(world: World) -> None:
    key = world.client.await_upload("e")
    world.clock.advance(UPLOAD_WAIT.total_seconds())
    world.reconciler.reconcile()
    world.client.upload(key, "spoken words")
    world.run()

    summary = world.entry(key).summary
    assert world.entry(key).status is Status.READY
    assert summary is not None
    assert summary.text == "spoken words"


def test_a_restart_does_not_shorten_the_time_for_uploading(world: World) -> None:
    key = world.client.await_upload("e")
    world.reconciler.recover(world.laptop.store.list_waking())
    world.clock.advance(UPLOAD_WAIT.total_seconds() - 1)
    world.reconciler.reconcile()

    assert world.entry(key).status is Status.AWAITING_AUDIO


@pytest.mark.parametrize(
    ("retention", "stays_s", "goes_s"),
    [("until_transcribed", None, 0.0), ("days", 7 * DAY_S - 1, 7 * DAY_S), ("kept", 1000 * DAY_S, None)],
)
def test_a_recording_is_deleted_by_the_users_retention(
    folder: Path, retention: str, stays_s: float | None, goes_s: float | None
) -> None:
    world = World(folder, settings_with(retention))
    key = world.client.record("e", "spoken words")
    begin = world.clock.now
    world.reconciler.reconcile()
    assert world.laptop.audio.find(key) is not None
    world.run()

    for after, gone in ((stays_s, False), (goes_s, True)):
        if after is not None:
            world.clock.advance(after - (world.clock.now - begin).total_seconds())
            world.reconciler.reconcile()
            assert (world.laptop.audio.find(key) is None) == gone
    audio = world.entry(key).audio
    assert audio is not None
    assert (audio.deleted_at is not None) == (goes_s is not None)
    assert world.entry(key).status is Status.READY
    assert world.entry(key).wake_at is None


def settings_with(retention: str) -> Settings:
    return Settings(audio_retention=retention)  # type: ignore[arg-type]


def test_a_recording_deleted_before_its_transcription_fails_the_entry(world: World) -> None:
    key = world.client.record("e", "spoken words")
    audio = world.laptop.audio.find(key)
    assert audio is not None
    world.laptop.audio.delete(audio)
    world.run()

    error = world.entry(key).stage(Stage.TRANSCRIPTION).error
    assert error is not None
    assert error.code == "audio_gone"


def test_a_second_recording_for_an_entry_is_not_kept(folder: Path) -> None:
    world = World(folder, settings_with("until_transcribed"))
    key = world.client.record("e", "spoken words")
    world.run()
    world.reconciler.reconcile()
    assert world.laptop.audio.find(key) is None
    world.client.upload(key, "words again")

    assert world.laptop.audio.find(key) is None
    assert world.entry(key).status is Status.READY


# -- the reconciler -----------------------------------------------------------------------------


def test_a_lost_event_is_published_again(world: World) -> None:
    key = world.client.write("e", "words")
    lost = world.laptop.bus.receive()
    assert lost is not None
    world.laptop.bus.acknowledge(lost)
    assert world.reconciler.reconcile() == 0

    world.clock.advance(world.settings.ring_again_s)
    assert world.reconciler.reconcile() == 1
    world.run()

    assert world.entry(key).status is Status.READY


def test_an_expired_lease_is_republished_only_once(world: World) -> None:
    world.client.write("e", "words")
    world.before = failing(Stage.EMOTION, Killed(), times=1)
    with pytest.raises(Killed):
        world.step()
    world.clock.advance(world.settings.lease_s)

    assert [world.reconciler.reconcile() for _ in range(5)] == [1, 0, 0, 0, 0]


def test_a_failing_entry_does_not_keep_others_from_being_reconciled(
    world: World, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    broken, healthy = world.client.write("broken", "words"), world.client.write("healthy", "words")
    world.clock.advance(world.settings.ring_again_s)
    publish = Outbox.publish

    def fail_for_one(self: Outbox, entry: Entry) -> None:
        if entry.key == broken:
            raise ZeroDivisionError
        publish(self, entry)

    monkeypatch.setattr(Outbox, "publish", fail_for_one)
    assert world.reconciler.reconcile() == 2
    world.reconciler.recover([broken, healthy])

    assert world.entry(healthy).pending_events == ()
    assert log.getvalue().count('"entry could not be looked after", "entry": "broken"') == 2


def test_the_reconciler_handles_at_most_limit_entries(world: World) -> None:
    for i in range(5):
        world.client.write(f"e{i}", "words")
    world.clock.advance(world.settings.ring_again_s)

    assert [world.reconciler.reconcile(limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_work_continues_at_once_after_a_restart(world: World) -> None:
    key = world.client.record("e", "long:2")
    world.before = failing(Stage.TRANSCRIPTION, Killed(), times=1)
    with pytest.raises(Killed):
        world.step()

    world.laptop.bus.recover()
    world.reconciler.recover(world.laptop.store.list_waking())
    world.run()

    assert world.entry(key).status is Status.READY


# -- logs ---------------------------------------------------------------------------------------


def test_no_journal_text_reaches_the_log_or_the_queue(world: World, log: io.StringIO, folder: Path) -> None:
    secret = "nobody may read this"
    world.before = failing(Stage.SUMMARIZATION, ValueError(secret), times=2)
    key = world.client.record("e", secret)
    world.settle()

    assert world.entry(key).status is Status.READY
    assert log.getvalue().count('"error": "ValueError"') == 2
    assert secret not in log.getvalue()
    assert not any(secret.encode() in path.read_bytes() for path in folder.glob("queue.db*"))
