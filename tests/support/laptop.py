"""The local backend on a clock that tests move, with watched ports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from functions.shared.backends.local.audio_store import FolderAudioStore
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.backends.local.worker import deliver
from functions.shared.domain import lifecycle
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.errors import NotFound
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.pipeline.reconciler import Reconciler
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from tests.support.watched import Boundary, Outcome, WatchedAudio, WatchedBus, WatchedStore

PATIENCE = timedelta(hours=24)
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where many small commits cost nothing: memory, if it can be had. A killed process keeps its files there."""


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def advance_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)


def ignore(_: object) -> None:
    """For those who do not listen."""


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
        self._bells = []
        self.store: WatchedStore = WatchedStore(folder / "journal.db", clock, boundary, accepted)
        self.audio: WatchedAudio = WatchedAudio(folder / "audio", boundary)
        self.bus: WatchedBus = WatchedBus(
            folder / "queue.db", lambda: clock().timestamp(), boundary, on_publish=self.wake
        )
        self.exports = FolderAudioStore(folder / "exports")
        self.records = SqliteRecordStore(folder / "journal.db", clock)
        self.ports = Ports(self.store, self.audio, self.bus, self.records, self.exports)


def deliver_all(laptop: Laptop, pipeline: Pipeline) -> None:
    """Deliver what is visible now, and what follows from it, as the worker does."""
    while (delivery := laptop.bus.receive()) is not None:
        deliver(laptop, pipeline, delivery)


def settle(laptop: Laptop, pipeline: Pipeline, clock: Clock) -> None:
    """Let time pass until nothing waits for anything but the end of its recording."""
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
    raise AssertionError("the journal does not come to rest")


def _unfinished(laptop: Laptop, now: datetime) -> list[Entry]:
    """Whoever waits for more than the end of its recording some day."""
    waking = [laptop.store.get(key) for key in laptop.store.list_waking()]
    return [entry for entry in waking if entry is not None and not _at_rest(entry, now)]


def _at_rest(entry: Entry, now: datetime) -> bool:
    final = entry.status in {Status.READY, Status.PARTIAL, Status.FAILED} and entry.deleted_at is None
    return final and entry.wake_at is not None and entry.wake_at > now


class Client:
    """What the journal's API does on behalf of a person, without HTTP and without decoding audio."""

    def __init__(self, ports: Ports, settings: Settings, uid: str = "ada") -> None:
        self._ports = ports
        self._settings = settings
        self._pipeline = Pipeline(ports, settings)
        self._uid = uid

    def key(self, entry_id: str) -> EntryKey:
        return EntryKey(self._uid, entry_id)

    def write(self, entry_id: str, text: str) -> EntryKey:
        key, words = self.key(entry_id), Transcript(text=text)
        self._ports.store.transact(
            key, lambda _, now: (lifecycle.create_text_entry(key, words, now, None, None), None)
        )
        self._pipeline.publish_pending(key)
        return key

    def promise(self, entry_id: str) -> EntryKey:
        """A place for a recording that has not come yet."""
        key = self.key(entry_id)
        self._ports.store.transact(
            key, lambda _, now: (lifecycle.create_voice_entry(key, now, None, None, PATIENCE), None)
        )
        return key

    def upload(self, key: EntryKey, recording: str) -> None:
        self._ports.audio.put(key, BytesIO(recording.encode()), "audio/wav")
        self._pipeline.adopt_audio(key)

    def record(self, entry_id: str, recording: str) -> EntryKey:
        key = self.promise(entry_id)
        self.upload(key, recording)
        return key

    def edit(self, key: EntryKey, text: str) -> int:
        """Replace the words; answers the new revision."""

        def change(entry: Entry | None, now: datetime) -> tuple[Write, int]:
            write = lifecycle.edit(_standing(entry), Transcript(text=text), now, self._settings)
            assert write.entry is not None
            return write, write.entry.revision

        revision = self._ports.store.transact(key, change)
        self._pipeline.publish_pending(key)
        return revision

    def delete(self, key: EntryKey, *, drop_audio: bool = True) -> None:
        def change(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            write = lifecycle.delete(_standing(entry), now)
            assert write.entry is not None
            return write, write.entry

        tombstone = self._ports.store.transact(key, change)
        if drop_audio:
            self._pipeline.delete_audio(tombstone)


def _standing(entry: Entry | None) -> Entry:
    if entry is None or entry.deleted_at is not None:
        raise NotFound("there is no such entry")
    return entry
