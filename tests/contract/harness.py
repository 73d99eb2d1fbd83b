"""What the contract suites need of a backend.

To add a backend, write a harness and add it to the mappings below. The suites assume neither ordered nor
exactly-once delivery, nor a clock that they can set. Every test starts with an empty backend.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from functions.shared.backends.gcp.audio_store import CloudStorageAudio
from functions.shared.backends.gcp.entry_store import FirestoreEntryStore
from functions.shared.backends.gcp.record_store import FirestoreRecordStore
from functions.shared.backends.local.audio_store import FolderAudioStore
from functions.shared.backends.local.entry_store import SqliteEntryStore
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.domain.entries import Event
from functions.shared.ports import AudioStore, DeadLetters, EntryStore, EventBus, RecordStore
from tests.support.cloud import Cloud

T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """What a test may use: its own folder and, on demand, its own emulated Google Cloud project."""

    folder: Path
    cloud: Callable[[], Cloud]


Harness = Callable[[Place], T]
"""Creates an empty backend in a place."""

Handler = Callable[[Event], None]
"""Returning acknowledges an event; raising rejects it."""


class BusHarness(ABC):
    """An empty bus, and a consumer in place of the functions or workers."""

    bus: EventBus
    letters: DeadLetters

    @abstractmethod
    def deliver(self, handler: Handler) -> None:
        """Deliver events until each is acknowledged or a dead letter."""

    def dead_letters(self) -> list[Event]:
        """The events of all dead letters, which stay."""
        pulled = self.letters.pull(100)
        self.letters.release(pulled)
        assert all(letter.event is not None for letter in pulled)
        return [letter.event for letter in pulled if letter.event is not None]


def _sqlite_store(place: Place) -> EntryStore:
    return SqliteEntryStore(place.folder / "journal.db")


def _firestore(place: Place) -> EntryStore:
    return FirestoreEntryStore(place.cloud().project)


def _sqlite_records(place: Place) -> RecordStore:
    return SqliteRecordStore(place.folder / "journal.db")


def _firestore_records(place: Place) -> RecordStore:
    return FirestoreRecordStore(place.cloud().project)


def _two_firestores(place: Place) -> RecordStore:
    return FirestoreRecordStore(place.cloud().project, access="access")


def _folder_audio(place: Place) -> AudioStore:
    return FolderAudioStore(place.folder / "audio")


def _cloud_storage(place: Place) -> AudioStore:
    cloud = place.cloud()
    cloud.storage.create_bucket(cloud.bucket)
    return CloudStorageAudio(cloud.project, cloud.bucket)


STORES: dict[str, Harness[EntryStore]] = {"sqlite": _sqlite_store, "firestore": _firestore}
RECORD_STORES: dict[str, Harness[RecordStore]] = {
    "sqlite": _sqlite_records,
    "firestore": _firestore_records,
    "two firestores": _two_firestores,
}
AUDIO_STORES: dict[str, Harness[AudioStore]] = {"folder": _folder_audio, "cloud-storage": _cloud_storage}
UPLOAD_STORES = ("cloud-storage",)
"""The audio stores with upload sessions."""
