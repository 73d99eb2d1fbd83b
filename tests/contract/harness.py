"""What a backend brings along to be put through the contract suites.

To add one: write a `StoreHarness`, `AudioHarness`, `BusHarness` or `LettersHarness` and append it to the
list below. The suites themselves assume neither an order of delivery, nor exactly one delivery, nor a
clock they could set; every test starts from an empty backend.
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
    """What a test may use: a folder of its own, and on demand a Google Cloud project of its own."""

    folder: Path
    cloud: Callable[[], Cloud]


Harness = Callable[[Place], T]
"""Given a place, an empty backend."""

Handler = Callable[[Event], None]
"""Returning acknowledges an event; raising asks for it again."""


class BusHarness(ABC):
    """An empty bus, and the consuming side that a function or a worker is in production."""

    bus: EventBus
    letters: DeadLetters

    @abstractmethod
    def deliver(self, handler: Handler) -> None:
        """Hand events to the handler until none is left: each acknowledged or a dead letter."""

    def dead_letters(self) -> list[Event]:
        """The events that were given up, left where they are."""
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
INVITING = ("cloud-storage",)
"""The audio stores that let clients send recordings to them directly."""
