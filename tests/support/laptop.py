"""The local backend on a movable clock, with instrumented ports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from functions.shared.backends.local.audio_store import FolderAudioStore
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.backends.local.worker import deliver
from functions.shared.domain import creation, editing, lifecycle
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.errors import NotFound
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.pipeline.reconciler import Reconciler
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from tests.support.instrumented_ports import (
    Boundary,
    InstrumentedAudio,
    InstrumentedBus,
    InstrumentedStore,
    Outcome,
)

UPLOAD_WAIT = timedelta(hours=24)
MEMORY_FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""A memory-backed folder, where available: commits are cheap there, and files survive a killed process."""


class Clock:
    """A clock that moves only when advanced."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def advance_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)


def ignore(_: object) -> None:
    """A callback that does nothing."""


class Laptop(LocalBackend):
    """A data folder on a movable clock. Several may share a folder, as processes do."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        *,
        boundary: Boundary = ignore,
        accepted: Callable[[Outcome], None] = ignore,
    ) -> None:
        self._wakeups = []
        self.folder = folder
        self.store: InstrumentedStore = InstrumentedStore(folder / "journal.db", clock, boundary, accepted)
        self.audio: InstrumentedAudio = InstrumentedAudio(folder / "audio", boundary)
        self.bus: InstrumentedBus = InstrumentedBus(
            folder / "queue.db", lambda: clock().timestamp(), boundary, on_publish=self.wake
        )
        self.exports = FolderAudioStore(folder / "exports")
        self.records = SqliteRecordStore(folder / "journal.db", clock)
        self.ports = Ports(self.store, self.audio, self.bus, self.records, self.exports)


def deliver_all(laptop: Laptop, pipeline: Pipeline) -> None:
    """Deliver all visible events, and those that follow from them, as the worker does."""
    while (delivery := laptop.bus.receive()) is not None:
        deliver(laptop, pipeline, delivery)


def settle(laptop: Laptop, pipeline: Pipeline, clock: Clock) -> None:
    """Let time pass until no entry waits for anything except the expiry of its recording."""
    for _ in range(1000):
        deliver_all(laptop, pipeline)
        waiting = _unfinished(laptop, clock.now)
        wait = laptop.bus.seconds_until_next()
        if wait is not None:
            clock.advance(wait)
        elif waiting:
            clock.advance_to(min(entry.wake_at for entry in waiting if entry.wake_at is not None))
        else:
            return
        Reconciler(pipeline).reconcile()
    raise AssertionError("the journal did not settle")


def _unfinished(laptop: Laptop, now: datetime) -> list[Entry]:
    """Entries that wait for more than the expiry of their recording."""
    waking = [laptop.store.get(key) for key in laptop.store.list_waking()]
    return [entry for entry in waking if entry is not None and not _is_settled(entry, now)]


def _is_settled(entry: Entry, now: datetime) -> bool:
    final = entry.status in {Status.READY, Status.PARTIAL, Status.FAILED} and entry.deleted_at is None
    return final and entry.wake_at is not None and entry.wake_at > now


class Client:
    """Does what the journal's API does for a user, without HTTP and without decoding audio."""

    def __init__(self, ports: Ports, settings: Settings, uid: str = "ada") -> None:
        self._ports = ports
        self._settings = settings
        self._pipeline = Pipeline(ports, settings)
        self._uid = uid

    def key(self, entry_id: str) -> EntryKey:
        return EntryKey(self._uid, entry_id)

    def write(self, entry_id: str, text: str) -> EntryKey:
        key = self.key(entry_id)

        def create(_: Entry | None, now: datetime) -> tuple[Write, Entry]:
            entry = creation.create_text_entry(key, now)
            return Write(entry=entry, pieces=(Transcript(text=text),)), entry

        self._pipeline.outbox.publish(self._ports.store.transact(key, create))
        return key

    def await_upload(self, entry_id: str) -> EntryKey:
        """Create an entry that waits for its recording."""
        key = self.key(entry_id)

        def create(_: Entry | None, now: datetime) -> tuple[Write, None]:
            return Write(entry=creation.create_voice_entry(key, now, wait_for_audio=UPLOAD_WAIT)), None

        self._ports.store.transact(key, create)
        return key

    def upload(self, key: EntryKey, recording: str) -> None:
        self._ports.audio.put(key, BytesIO(recording.encode()), "audio/wav")
        self._pipeline.recordings.adopt(key)

    def record(self, entry_id: str, recording: str) -> EntryKey:
        key = self.await_upload(entry_id)
        self.upload(key, recording)
        return key

    def edit(self, key: EntryKey, text: str) -> int:
        """Replace the text; returns the new revision."""

        def edit(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            write = editing.edit(_existing(entry), Transcript(text=text), now, self._settings)
            assert write.entry is not None
            return write, write.entry

        entry = self._ports.store.transact(key, edit)
        self._pipeline.outbox.publish(entry)
        return entry.revision

    def delete(self, key: EntryKey, *, drop_audio: bool = True) -> None:
        def change(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            write = lifecycle.delete(_existing(entry), now)
            assert write.entry is not None
            return write, write.entry

        tombstone = self._ports.store.transact(key, change)
        if drop_audio:
            self._pipeline.recordings.delete(tombstone)


def _existing(entry: Entry | None) -> Entry:
    if entry is None or entry.deleted_at is not None:
        raise NotFound("there is no such entry")
    return entry
