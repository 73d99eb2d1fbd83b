"""What a backend brings along to be put through the contract suites.

To add one: write a `StoreHarness`, `AudioHarness` or `BusHarness` and append it to the list below.
The suites themselves assume neither an order of delivery, nor exactly one delivery, nor a clock they
could set; every test starts from an empty backend.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from functions.shared.entries import Event
from functions.shared.local.audio import FolderAudioStore
from functions.shared.local.bus import RetryPolicy, SqliteEventBus
from functions.shared.local.store import SqliteEntryStore
from functions.shared.ports import AudioStore, EntryStore, EventBus

StoreHarness = Callable[[Path], EntryStore]
"""Given a folder for the test's own use, an empty store."""

AudioHarness = Callable[[Path], AudioStore]
"""Given a folder for the test's own use, an empty store."""

Handler = Callable[[Event], None]
"""Returning acknowledges an event; raising asks for it again."""


class BusHarness(ABC):
    """An empty bus, and the consuming side that a function or a worker is in production."""

    bus: EventBus

    @abstractmethod
    def deliver(self, handler: Handler) -> None:
        """Hand events to the handler until none is left: each acknowledged or a dead letter."""

    @abstractmethod
    def dead_letters(self) -> list[Event]:
        """The events that were given up."""


class SqliteBus(BusHarness):
    """The laptop's queue, its backoff passing in no time."""

    def __init__(self, folder: Path) -> None:
        self._now = 0.0
        self._queue = SqliteEventBus(
            folder / "queue.db", policy=RetryPolicy(max_attempts=5), clock=lambda: self._now
        )
        self.bus = self._queue

    def deliver(self, handler: Handler) -> None:
        while (wait := self._queue.seconds_until_next()) is not None:
            self._now += wait
            self._deliver_one(handler)

    def _deliver_one(self, handler: Handler) -> None:
        delivery = self._queue.receive()
        assert delivery is not None
        try:
            handler(delivery.event)
        except Exception:
            if self._queue.reject(delivery):
                self._queue.bury(delivery)
        else:
            self._queue.acknowledge(delivery)

    def dead_letters(self) -> list[Event]:
        return self._queue.dead_letters()


def _sqlite_store(folder: Path) -> EntryStore:
    return SqliteEntryStore(folder / "journal.db")


def _folder_audio(folder: Path) -> AudioStore:
    return FolderAudioStore(folder / "audio")


STORES: dict[str, StoreHarness] = {"sqlite": _sqlite_store}
AUDIO_STORES: dict[str, AudioHarness] = {"folder": _folder_audio}
BUSES: dict[str, Callable[[Path], BusHarness]] = {"sqlite": SqliteBus}
