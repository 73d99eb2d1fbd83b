"""The ports: interfaces to everything outside the process (stores, event bus, dead letters).

`backends/local` implements them with SQLite and a folder, `backends/gcp` with Firestore, Cloud Storage and
Pub/Sub. The suites in tests/contract run against every implementation.
"""

from __future__ import annotations

import msgspec

from functions.shared.ports.audio_store import AudioStore
from functions.shared.ports.dead_letters import DeadLetter, DeadLetters
from functions.shared.ports.entry_store import (
    ALL_ENTRIES,
    EntryFilter,
    EntryPage,
    EntryStore,
    PassageMatch,
)
from functions.shared.ports.event_bus import EventBus
from functions.shared.ports.record_store import (
    UNCHANGED,
    RecordChange,
    RecordStore,
    RecordUpdate,
)

__all__ = [
    "ALL_ENTRIES",
    "UNCHANGED",
    "AudioStore",
    "DeadLetter",
    "DeadLetters",
    "EntryFilter",
    "EntryPage",
    "EntryStore",
    "EventBus",
    "PassageMatch",
    "Ports",
    "RecordChange",
    "RecordStore",
    "RecordUpdate",
]


class Ports(msgspec.Struct, frozen=True):
    """The ports of one backend.

    Attributes:
        exports: files that users asked for, stored as recordings are; their keys name jobs.
    """

    store: EntryStore
    audio: AudioStore
    bus: EventBus
    records: RecordStore
    exports: AudioStore
