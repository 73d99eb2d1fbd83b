"""The pipeline under everything at once: workers that die anywhere, events that repeat, edits, deletions.

Hypothesis drives the real pipeline over the real store, folder and queue, with toys for models and a
clock it moves. Whatever it did, the journal must come to rest with every entry final and nothing done
twice.
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
from functions.shared.domain.leases import task_of
from functions.shared.domain.lifecycle import ORDER
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import StageInput
from functions.shared.errors import NotFound, PermanentError, TemporaryError
from functions.shared.pipeline.pipeline import Pipeline, Works
from functions.shared.pipeline.reconciler import Reconciler
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from tests.support import toys
from tests.support.laptop import FAST, PATIENCE, Client, Clock, Laptop, settle
from tests.support.watched import Outcome

T = TypeVar("T")
MOST_ENTRIES = 4


class Killed(BaseException):
    """The process dies here."""


class Fault:
    """What happens at the n-th boundary from now: the process dies there, or the port refuses."""

    def __init__(self, boundary: int, error: type[BaseException]) -> None:
        self._left = boundary
        self._error = error

    def reached(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise self._error("injected")


def chosen(things: Sequence[T], number: int) -> T:
    return things[number % len(things)]


FAULTS = st.none() | st.builds(Fault, st.integers(1, 14), st.sampled_from([Killed, TemporaryError]))
ERRORS: dict[str, Callable[[], BaseException]] = {
    "permanent": lambda: PermanentError("no", code="injected"),
    "temporary": lambda: TemporaryError("later"),
    "crash": ZeroDivisionError,
    "death": Killed,
}
NUMBERS = st.integers(0, 1000)


class Zombie(threading.Thread):
    """A worker that stops in the middle of its work and goes on when it is told to, however late.

    Only one thread ever runs at a time, so what happens is the same each time.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._stopped, self._go_on = threading.Event(), threading.Event()

    def run(self) -> None:
        with suppress(Killed, Exception):
            self._work()
        self._stopped.set()

    def begin(self) -> None:
        """Returns once the work stops, or if there is none."""
        self.start()
        self._stopped.wait()

    def stop_here(self) -> None:
        """Called by the work itself."""
        self._stopped.set()
        self._go_on.wait()

    def finish(self) -> None:
        self._go_on.set()
        self.join()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of expected failures need not be logged."""
    logger = logging.getLogger("samo")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)


CutOff = Counter[tuple[EntryKey, int, Stage]]


class NotingPipeline(Pipeline):
    """Notes every attempt that had no outcome, to judge by what is given up."""

    def __init__(self, ports: Ports, settings: Settings, works: Works, cut_off: CutOff) -> None:
        super().__init__(ports, settings, works)
        self._cut_off = cut_off

    def handle(self, event: Event) -> DeliveryOutcome:
        try:
            verdict = super().handle(event)
        except BaseException:
            self.note(event)
            raise
        if verdict is DeliveryOutcome.SUPERSEDED:
            self.note(event)
        return verdict

    def note(self, event: Event) -> None:
        task = task_of(event)
        if task is not None:
            self._cut_off[task.key, task.revision, task.stage] += 1


class PipelineMachine(RuleBasedStateMachine):
    """Rules do something, or begin to; invariants look at every entry after each of them."""

    @initialize(retention=st.sampled_from(["until_transcribed", "days", "kept"]))
    def begin(self, retention: str) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=FAST))
        self.settings = Settings(audio_retention=retention)  # type: ignore[arg-type]
        self.clock = Clock()
        self.fault: Fault | None = None
        self.next_work: list[BaseException] = []
        self.zombies: list[Zombie] = []
        self.keys: list[EntryKey] = []
        self.words: dict[tuple[EntryKey, int], str] = {}
        self.recordings: dict[EntryKey, str] = {}
        self.heard = set[EntryKey]()
        self.deleted: set[EntryKey] = set()
        self.accepted = Counter[Outcome]()
        self.refused = set[tuple[EntryKey, int, Stage]]()
        self.cut_off = CutOff()
        self.events: list[Event] = []
        self._start()

    def _start(self) -> None:
        """A process over the folder."""
        self.laptop = Laptop(self.folder, self.clock, boundary=self._boundary, accepted=self._accept)
        self.laptop.bus.history = self.events
        self.laptop.bus.policy = RetryPolicy(max_attempts=4)
        works = toys.works(self._before_work)
        self.pipeline = NotingPipeline(self.laptop.ports, self.settings, works, self.cut_off)
        self.client = Client(self.laptop.ports, self.settings)

    def _boundary(self, _: str) -> None:
        if self.fault is not None:
            self.fault.reached()

    def _accept(self, outcome: Outcome) -> None:
        self.accepted[outcome] += 1

    def _before_work(self, stage: Stage, job: StageInput) -> None:
        worker = threading.current_thread()
        if isinstance(worker, Zombie):
            worker.stop_here()
        if self.next_work:
            error = self.next_work.pop()
            if isinstance(error, PermanentError):
                self.refused.add((job.entry.key, job.entry.revision, stage))
            raise error

    @contextmanager
    def _under(self, fault: Fault | None) -> Iterator[None]:
        """Whatever happens inside may be cut off."""
        self.fault = fault
        try:
            yield
        except (Killed, TemporaryError, NotFound, ZeroDivisionError):
            pass
        finally:
            self.fault = None

    # -- people ---------------------------------------------------------------------------------

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
        self._listen(key)

    @precondition(lambda self: self._unheard())
    @rule(number=NUMBERS, fault=FAULTS)
    def upload_late(self, number: int, fault: Fault | None) -> None:
        """While a place was promised, even after the deletion; later only a client that stays alive may."""
        key = chosen(self._unheard(), number)
        promised = self.clock.now < self._created(key) + PATIENCE
        with self._under(fault if promised else None):
            self.client.upload(key, self.recordings[key])
        self._listen(key)

    def _listen(self, key: EntryKey) -> None:
        entry = self.laptop.store.get(key)
        if self.laptop.audio.find(key) is not None or (entry is not None and entry.audio is not None):
            self.heard.add(key)

    def _unheard(self) -> list[EntryKey]:
        """Promised recordings that never came."""
        return [key for key in self.recordings if key not in self.heard and self.laptop.store.get(key)]

    def _created(self, key: EntryKey) -> datetime:
        entry = self.laptop.store.get(key)
        assert entry is not None
        return entry.created_at

    @precondition(lambda self: self.keys)
    @rule(number=NUMBERS, fault=FAULTS)
    def edit(self, number: int, fault: Fault | None) -> None:
        entry = self.laptop.store.get(chosen(self.keys, number))
        if entry is None or entry.status is Status.AWAITING_AUDIO:
            return
        revision = entry.revision + 1
        self.words[entry.key, revision] = f"edited {entry.entry_id} {revision}"
        with self._under(fault):
            self.client.edit(entry.key, self.words[entry.key, revision])

    @precondition(lambda self: self.keys)
    @rule(number=NUMBERS, drop_audio=st.booleans(), fault=FAULTS)
    def delete(self, number: int, drop_audio: bool, fault: Fault | None) -> None:
        key = chosen(self.keys, number)
        with self._under(fault):
            self.client.delete(key, drop_audio=drop_audio)
        entry = self.laptop.store.get(key)
        if entry is not None and entry.deleted_at is not None:
            self.deleted.add(key)

    # -- workers --------------------------------------------------------------------------------

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
        event = chosen(self.events, number)
        with self._under(fault):
            self.pipeline.handle(event)

    @rule()
    def lose_an_event(self) -> None:
        delivery = self.laptop.bus.receive()
        if delivery is not None:
            self.laptop.bus.acknowledge(delivery)

    @precondition(lambda self: self.events)
    @rule(number=NUMBERS)
    def become_a_zombie(self, number: int) -> None:
        event = chosen(self.events, number)
        zombie = Zombie(partial(self.pipeline.handle, event))
        zombie.begin()
        self.pipeline.note(event)
        self.zombies.append(zombie)

    @precondition(lambda self: self.zombies)
    @rule(number=NUMBERS, fault=FAULTS)
    def finish_as_a_zombie(self, number: int, fault: Fault | None) -> None:
        zombie = self.zombies.pop(number % len(self.zombies))
        with self._under(fault):
            zombie.finish()

    @rule(error=st.sampled_from(sorted(ERRORS)), times=st.sampled_from([1, 1, 2, 30]))
    def let_work_fail(self, error: str, times: int) -> None:
        self.next_work = [ERRORS[error]() for _ in range(times)]

    @rule()
    def work_goes_on_for_a_while(self) -> None:
        for _ in range(15):
            self._deliver_next(None)
            self.clock.advance(self.laptop.bus.seconds_until_next() or 60)
            with self._under(None):
                Reconciler(self.pipeline).reconcile()

    # -- time -----------------------------------------------------------------------------------

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

    # -- what always holds ----------------------------------------------------------------------

    @invariant()
    def what_was_deleted_stays_so(self) -> None:
        for key in self.deleted:
            entry = self.laptop.store.get(key)
            assert entry is not None
            assert entry.deleted_at is not None
            assert (entry.summary, entry.topics, entry.stages, entry.chunks) == (None, (), {}, ())
            assert not any(self._pieces(key, revision) for revision in range(1, entry.revision + 2))

    @invariant()
    def results_belong_to_the_words_they_stand_beside(self) -> None:
        for entry in self._standing():
            expected = self._expected(entry)
            assert entry.summary is None or entry.summary.text == expected
            assert [topic.label for topic in entry.topics] in ([], [expected])
            transcript = self.laptop.store.read(entry.key, entry.revision, Transcript)
            assert transcript is None or transcript.text == expected
            assert not self._pieces(entry.key, entry.revision - 1)

    @invariant()
    def no_outcome_is_accepted_twice(self) -> None:
        assert set(self.accepted.values()) <= {1}

    def _standing(self) -> list[Entry]:
        entries = [self.laptop.store.get(key) for key in self.keys]
        return [entry for entry in entries if entry is not None and entry.deleted_at is None]

    def _expected(self, entry: Entry) -> str:
        """The words of the entry's revision, as the person gave them."""
        if entry.stage(Stage.TRANSCRIPTION).state is StageState.SKIPPED:
            return self.words[entry.key, entry.revision]
        kind, _, _ = (said := self.recordings[entry.key]).partition(" ")
        if kind.startswith("long:"):
            return " ".join(toys.chunk_words(index) for index in range(int(kind[-1])))
        return "" if kind == "silence" else said

    def _pieces(self, key: EntryKey, revision: int) -> list[object]:
        read = self.laptop.store.read
        chunks = [read(key, revision, ChunkTranscript, index) for index in range(3)]
        return [p for p in (read(key, revision, Transcript), read(key, revision, Arc), *chunks) if p]

    # -- in the end -----------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            self.fault, self.next_work = None, []
            for zombie in self.zombies:
                zombie.finish()
            settle(self.laptop, self.pipeline, self.clock)
            self._check_the_end()
        finally:
            shutil.rmtree(self.folder)

    def _check_the_end(self) -> None:
        self.what_was_deleted_stays_so()
        self.results_belong_to_the_words_they_stand_beside()
        self.no_outcome_is_accepted_twice()
        for entry in self._standing():
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
        """Nothing fails without a reason."""
        task = (entry.key, entry.revision, stage)
        reasons = {
            "undecodable_audio": self.recordings.get(entry.key, "").startswith("broken"),
            "injected": task in self.refused,
            "crashed": self.cut_off[task] >= self.settings.max_claims - 1,
            "retries_exhausted": self.cut_off[task] > 0,
            "audio_missing": self.laptop.audio.find(entry.key) is None,
        }
        assert reasons[code], code

    def _check_audio(self, entry: Entry) -> None:
        if entry.audio is None:
            assert entry.source is Source.TEXT or entry.status is not Status.READY or entry.revision > 1
            return
        stands = self.laptop.audio.find(entry.key) is not None
        assert stands == (entry.audio.deleted_at is None)
        assert entry.wake_at == (entry.audio.delete_after if stands else None)


TestPipeline = PipelineMachine.TestCase
TestPipeline.settings = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick")),
    suppress_health_check=[HealthCheck.too_slow],
)
