"""The local ports over one data folder: `journal.db`, `queue.db`, `audio/` and `exports/`."""

from __future__ import annotations

import threading
from functools import cached_property

from functions.shared.backends.local.audio_store import FolderAudioStore
from functions.shared.backends.local.dead_letters import SqliteDeadLetters
from functions.shared.backends.local.entry_store import SqliteEntryStore
from functions.shared.backends.local.event_bus import SqliteEventBus
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings


class LocalBackend:
    """The ports, and bells that ring in this process when an event is published."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data_path
        self._bells: list[threading.Event] = []
        self.store = SqliteEntryStore(folder / "journal.db")
        self.audio = FolderAudioStore(folder / "audio")
        self.bus = SqliteEventBus(folder / "queue.db", on_publish=self.wake)
        self.exports = FolderAudioStore(folder / "exports")
        self.records = SqliteRecordStore(folder / "journal.db")
        self.ports = Ports(self.store, self.audio, self.bus, self.records, self.exports)

    @cached_property
    def dead_letters(self) -> SqliteDeadLetters:
        return SqliteDeadLetters(self.bus)

    def new_wakeup(self) -> threading.Event:
        """A bell of the caller's own, to wait for the next event."""
        self._bells.append(bell := threading.Event())
        return bell

    def wake(self) -> None:
        for bell in self._bells:
            bell.set()
