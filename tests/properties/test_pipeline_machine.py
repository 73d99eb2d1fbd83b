"""State machine test of the pipeline: crashes, repeated events, edits and deletions in any order.

Hypothesis drives the real pipeline on the real store, folder and queue, with fake stages and a clock that it
controls. After any sequence of steps, the journal must settle with every entry final and no work done twice.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.shared.backends.local.event_bus import RetryPolicy
from functions.shared.backends.local.worker import deliver
from functions.shared.domain.content import Arc, ChunkTranscript, Transcript
from functions.shared.domain.entries import Entry, EntryKey, Event, Source, Stage, StageState, Status
from functions.shared.domain.lifecycle import ORDER
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import StageInput
from functions.shared.domain.tasks import task_of
from functions.shared.errors import NotFound, PermanentError, TemporaryError
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.pipeline.reconciler import Reconciler
from functions.shared.pipeline.stage_runner import Works
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from tests.support import fake_stages
from tests.support.instrumented_ports import Outcome
from tests.support.laptop import MEMORY_FOLDER, UPLOAD_WAIT, Client, Clock, Laptop, settle

T = TypeVar("T")
MOST_ENTRIES = 4


class Killed(BaseException):
    """The process dies here."""


class Fault:
    """A failure at the n-th crash point from now: the process dies, or the port raises a temporary error."""

    def __init__(self, boundary: int, error: type[BaseException]) -> None:
        self._countdown = boundary
        self._error = error

    def reached(self) -> None:
        self._countdown -= 1
        if self._countdown == 0:
            raise self._error("injected")


def pick(items: Sequence[T], number: int) -> T:
    return items[number % len(items)]


FAULTS = st.none() | st.builds(Fault, st.integers(1, 14), st.sampled_from([Killed, TemporaryError]))
ERRORS: dict[str, Callable[[], BaseException]] = {
    "permanent": lambda: PermanentError("no", code="injected"),
    "temporary": lambda: TemporaryError("later"),
    "crash": ZeroDivisionError,
    "death": Killed,
}
NUMBERS = st.integers(0, 1000)


class Zombie(threading.Thread):
    """A worker that pauses in the middle of its work and resumes on demand, however late.

    Only one thread runs at a time, so that runs are deterministic.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._paused, self._resume = threading.Event(), threading.Event()

    def run(self) -> None:
        with suppress(Killed, Exception):
            self._work()
        self._paused.set()

    def run_until_paused(self) -> None:
        """Returns once the work pauses or ends."""
        self.start()
        self._paused.wait()

    def pause(self) -> None:
        """Called by the work itself."""
        self._paused.set()
        self._resume.wait()

    def finish(self) -> None:
        self._resume.set()
        self.join()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Disables logging: thousands of failures are expected."""
    logger = logging.getLogger("samo")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)


Interruptions = Counter[tuple[EntryKey, int, Stage]]
"""Attempts without an outcome, by entry, revision and stage."""


class RecordingPipeline(Pipeline):
    """Counts attempts without an outcome, which are the only valid reason to give up on a stage."""

    def __init__(self, ports: Ports, settings: Settings, works: Works, interruptions: Interruptions) -> None:
        super().__init__(ports, settings, works)
        self._interruptions = interruptions

    def handle(self, event: Event) -> DeliveryOutcome:
        try:
            outcome = super().handle(event)
        except BaseException:
            self.count_interruption(event)
            raise
        if outcome is DeliveryOutcome.SUPERSEDED:
            self.count_interruption(event)
        return outcome

    def count_interruption(self, event: Event) -> None:
        task = task_of(event)
        if task is not None:
            self._interruptions[task.key, task.revision, task.stage] += 1


class PipelineMachine(RuleBasedStateMachine):
    """Rules perform an action, or part of one; invariants check every entry after each of them."""

    @initialize(retention=st.sampled_from(["until_transcribed", "days", "kept"]))
    def begin(self, retention: str) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY_FOLDER))
        self.settings = Settings(audio_retention=retention)  # type: ignore[arg-type]
        self.clock = Clock()
        self.fault: Fault | None = None
        self.next_work: list[BaseException] = []
        self.zombies: list[Zombie] = []
        self.keys: list[EntryKey] = []
        self.words: dict[tuple[EntryKey, int], str] = {}
        self.recordings: dict[EntryKey, str] = {}
        self.uploaded = set[EntryKey]()
        self.deleted: set[EntryKey] = set()
        self.accepted = Counter[Outcome]()
        self.failed_permanently = set[tuple[EntryKey, int, Stage]]()
        self.interruptions = Interruptions()
        self.events: list[Event] = []
        self._start()

    def _start(self) -> None:
        """Start a new process on the folder."""
        self.laptop = Laptop(self.folder, self.clock, boundary=self._boundary, accepted=self._accept)
        self.laptop.bus.history = self.events
        self.laptop.bus.policy = RetryPolicy(max_attempts=4)
        works = fake_stages.fake_stages(self._before_work)
        self.pipeline = RecordingPipeline(self.laptop.ports, self.settings, works, self.interruptions)
        self.client = Client(self.laptop.ports, self.settings)

    def _boundary(self, _: str) -> None:
        if self.fault is not None:
            self.fault.reached()

    def _accept(self, outcome: Outcome) -> None:
        self.accepted[outcome] += 1

    def _before_work(self, stage: Stage, job: StageInput) -> None:
        worker = threading.current_thread()
        if isinstance(worker, Zombie):
            worker.pause()
        if self.next_work:
            error = self.next_work.pop()
            if isinstance(error, PermanentError):
                self.failed_permanently.add((job.entry.key, job.entry.revision, stage))
            raise error

    @contextmanager
    def _under(self, fault: Fault | None) -> Iterator[None]:
        """The code inside may be interrupted by the fault."""
        self.fault = fault
        try:
            yield
        except (Killed, TemporaryError, NotFound, ZeroDivisionError):
            pass
        finally:
            self.fault = None

    # -- users ------------------------------------------------------------------------------------

    def _new_key(self) -> EntryKey:
        self.keys.append(self.client.key(f"e{len(self.keys)}"))
        return self.keys[-1]

    @precondition(lambda self: len(self.keys) < MOST_ENTRIES)
    @rule(fault=FAULTS)
    def write(self, fault: Fault | None) -> None:
        key = self._new_key()
        self.words[key, 1] = f"typed {key.entry_id}"
        with self._under(fault):
            self.client.write(key.entry_id, self.words[key, 1])

    @precondition(lambda self: len(self.keys) < MOST_ENTRIES)
    @rule(kind=st.sampled_from(["spoken", "long:2", "long:3", "silence", "broken"]), fault=FAULTS)
    def record(self, kind: str, fault: Fault | None) -> None:
        key = self._new_key()
        self.recordings[key] = f"{kind} {key.entry_id}"
        with self._under(fault):
            self.client.record(key.entry_id, self.recordings[key])
        self._note_upload(key)

    @precondition(lambda self: self._missing_recordings())
    @rule(number=NUMBERS, fault=FAULTS)
    def upload_late(self, number: int, fault: Fault | None) -> None:
        """Upload a missing recording, even after the deletion.

        After the upload deadline nothing adopts a recording whose upload crashed, so no fault is injected.
        """
        key = pick(self._missing_recordings(), number)
        in_time = self.clock.now < self._created_at(key) + UPLOAD_WAIT
        with self._under(fault if in_time else None):
            self.client.upload(key, self.recordings[key])
        self._note_upload(key)

    def _note_upload(self, key: EntryKey) -> None:
        entry = self.laptop.store.get(key)
        if self.laptop.audio.find(key) is not None or (entry is not None and entry.audio is not None):
            self.uploaded.add(key)

    def _missing_recordings(self) -> list[EntryKey]:
        """The entries whose recording was never uploaded."""
        return [key for key in self.recordings if key not in self.uploaded and self.laptop.store.get(key)]

    def _created_at(self, key: EntryKey) -> datetime:
        entry = self.laptop.store.get(key)
        assert entry is not None
        return entry.created_at

    @precondition(lambda self: self.keys)
    @rule(number=NUMBERS, fault=FAULTS)
    def edit(self, number: int, fault: Fault | None) -> None:
        entry = self.laptop.store.get(pick(self.keys, number))
        if entry is None or entry.status is Status.AWAITING_AUDIO:
            return
        revision = entry.revision + 1
        self.words[entry.key, revision] = f"edited {entry.entry_id} {revision}"
        with self._under(fault):
            self.client.edit(entry.key, self.words[entry.key, revision])

    @precondition(lambda self: self.keys)
    @rule(number=NUMBERS, drop_audio=st.booleans(), fault=FAULTS)
    def delete(self, number: int, drop_audio: bool, fault: Fault | None) -> None:
        key = pick(self.keys, number)
        with self._under(fault):
            self.client.delete(key, drop_audio=drop_audio)
        entry = self.laptop.store.get(key)
        if entry is not None and entry.deleted_at is not None:
            self.deleted.add(key)

    # -- workers ----------------------------------------------------------------------------------

    @rule(fault=FAULTS)
    def deliver_next(self, fault: Fault | None) -> None:
        self._deliver_next(fault)

    @rule()
    def deliver_several(self) -> None:
        for _ in range(5):
            self._deliver_next(None)

    def _deliver_next(self, fault: Fault | None) -> None:
        with self._under(fault):
            delivery = self.laptop.bus.receive()
            if delivery is not None:
                deliver(self.laptop, self.pipeline, delivery)

    @precondition(lambda self: self.events)
    @rule(number=NUMBERS, fault=FAULTS)
    def deliver_again(self, number: int, fault: Fault | None) -> None:
        event = pick(self.events, number)
        with self._under(fault):
            self.pipeline.handle(event)

    @rule()
    def lose_an_event(self) -> None:
        delivery = self.laptop.bus.receive()
        if delivery is not None:
            self.laptop.bus.acknowledge(delivery)

    @precondition(lambda self: self.events)
    @rule(number=NUMBERS)
    def pause_a_worker(self, number: int) -> None:
        event = pick(self.events, number)
        zombie = Zombie(partial(self.pipeline.handle, event))
        zombie.run_until_paused()
        self.pipeline.count_interruption(event)
        self.zombies.append(zombie)

    @precondition(lambda self: self.zombies)
    @rule(number=NUMBERS, fault=FAULTS)
    def resume_a_worker(self, number: int, fault: Fault | None) -> None:
        zombie = self.zombies.pop(number % len(self.zombies))
        with self._under(fault):
            zombie.finish()

    @rule(error=st.sampled_from(sorted(ERRORS)), times=st.sampled_from([1, 1, 2, 30]))
    def inject_errors(self, error: str, times: int) -> None:
        self.next_work = [ERRORS[error]() for _ in range(times)]

    @rule()
    def work_for_a_while(self) -> None:
        for _ in range(15):
            self._deliver_next(None)
            self.clock.advance(self.laptop.bus.seconds_until_next() or 60)
            with self._under(None):
                Reconciler(self.pipeline).reconcile()

    # -- time -------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 61, 600, 1000, 100_000]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(fault=FAULTS)
    def reconcile(self, fault: Fault | None) -> None:
        with self._under(fault):
            Reconciler(self.pipeline).reconcile()

    @rule(fault=FAULTS)
    def restart(self, fault: Fault | None) -> None:
        self._start()
        with self._under(fault):
            self.laptop.audio.sweep()
            self.laptop.bus.recover()
            Reconciler(self.pipeline).recover(self.laptop.store.list_waking())

    # -- invariants -------------------------------------------------------------------------------

    @invariant()
    def deleted_entries_stay_deleted(self) -> None:
        for key in self.deleted:
            entry = self.laptop.store.get(key)
            assert entry is not None
            assert entry.deleted_at is not None
            assert (entry.summary, entry.topics, entry.stages, entry.chunks) == (None, (), {}, ())
            assert not any(self._pieces(key, revision) for revision in range(1, entry.revision + 2))

    @invariant()
    def results_match_the_text_of_their_revision(self) -> None:
        for entry in self._existing_entries():
            expected = self._expected_text(entry)
            assert entry.summary is None or entry.summary.text == expected
            assert [topic.label for topic in entry.topics] in ([], [expected])
            transcript = self.laptop.store.read(entry.key, entry.revision, Transcript)
            assert transcript is None or transcript.text == expected
            assert not self._pieces(entry.key, entry.revision - 1)

    @invariant()
    def no_outcome_is_accepted_twice(self) -> None:
        assert set(self.accepted.values()) <= {1}

    def _existing_entries(self) -> list[Entry]:
        entries = [self.laptop.store.get(key) for key in self.keys]
        return [entry for entry in entries if entry is not None and entry.deleted_at is None]

    def _expected_text(self, entry: Entry) -> str:
        """The text of the entry's revision, as the user entered or recorded it."""
        if entry.stage(Stage.TRANSCRIPTION).state is StageState.SKIPPED:
            return self.words[entry.key, entry.revision]
        recording = self.recordings[entry.key]
        kind, _, _ = recording.partition(" ")
        if kind.startswith("long:"):
            return " ".join(fake_stages.chunk_words(index) for index in range(int(kind[-1])))
        return "" if kind == "silence" else recording

    def _pieces(self, key: EntryKey, revision: int) -> list[object]:
        read = self.laptop.store.read
        chunks = [read(key, revision, ChunkTranscript, index) for index in range(3)]
        return [
            piece for piece in (read(key, revision, Transcript), read(key, revision, Arc), *chunks) if piece
        ]

    # -- final state ------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            self.fault, self.next_work = None, []
            for zombie in self.zombies:
                zombie.finish()
            settle(self.laptop, self.pipeline, self.clock)
            self._check_final_state()
        finally:
            shutil.rmtree(self.folder)

    def _check_final_state(self) -> None:
        self.deleted_entries_stay_deleted()
        self.results_match_the_text_of_their_revision()
        self.no_outcome_is_accepted_twice()
        for entry in self._existing_entries():
            assert entry.status in {Status.READY, Status.PARTIAL, Status.FAILED}
            assert entry.pending_events == ()
            self._check_stages(entry)
            self._check_audio(entry)
        for key in self.deleted:
            tombstone = self.laptop.store.get(key)
            assert tombstone is not None
            assert (tombstone.audio, tombstone.wake_at) == (None, None)
            assert self.laptop.audio.find(key) is None

    def _check_stages(self, entry: Entry) -> None:
        for stage in ORDER:
            record = entry.stage(stage)
            if record.state is not StageState.SKIPPED:
                assert self.accepted[Outcome(entry.key, entry.revision, stage, record.state)] == 1
            if record.state is StageState.FAILED:
                assert record.error is not None
                self._check_failure(entry, stage, record.error.code)
        if entry.status is Status.READY and entry.empty_reason is None:
            assert entry.summary is not None

    def _check_failure(self, entry: Entry, stage: Stage, code: str) -> None:
        """Every failure has a reason that was injected."""
        task = (entry.key, entry.revision, stage)
        reasons = {
            "undecodable_audio": self.recordings.get(entry.key, "").startswith("broken"),
            "injected": task in self.failed_permanently,
            "crashed": self.interruptions[task] >= self.settings.max_claims - 1,
            "retries_exhausted": self.interruptions[task] > 0,
            "audio_missing": self.laptop.audio.find(entry.key) is None,
        }
        assert reasons[code], code

    def _check_audio(self, entry: Entry) -> None:
        if entry.audio is None:
            assert entry.source is Source.TEXT or entry.status is not Status.READY or entry.revision > 1
            return
        exists = self.laptop.audio.find(entry.key) is not None
        assert exists == (entry.audio.deleted_at is None)
        assert entry.wake_at == (entry.audio.delete_after if exists else None)


TestPipeline = PipelineMachine.TestCase
TestPipeline.settings = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick")),
    suppress_health_check=[HealthCheck.too_slow],
)
