"""The ports. Everything a function needs from the world outside it stands behind these.

`local/` implements them with SQLite and a folder, `gcp/` with Firestore, Cloud Storage and Pub/Sub;
the suites in tests/contract run against every implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, TypeVar

import msgspec

from functions.shared.domain.changes import Change
from functions.shared.domain.content import Piece
from functions.shared.domain.entries import Audio, Entry, EntryKey, Event
from functions.shared.domain.records import Address, R

T = TypeVar("T")
P = TypeVar("P", bound=Piece)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Entries in order, newest recording first; `next_cursor` is None on the last page."""

    entries: tuple[Entry, ...]
    next_cursor: str | None = None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries a list is about.

    Attributes:
        since, until: of `recorded_at`, the latter left out.
        labels: as `Entry.labels` has them; an entry must have all of them.
    """

    since: datetime | None = None
    until: datetime | None = None
    labels: tuple[str, ...] = ()


EVERYTHING = Filter()


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A passage of an entry; `similarity` is a cosine, -1 to 1."""

    key: EntryKey
    revision: int
    first: int
    last: int
    similarity: float


class EntryStore(Protocol):
    """Entries and their content, with transactions on the store's own clock."""

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        """Read the entry, apply `change` and commit, serialised against other writers of it.

        Raises:
            TemporaryError: the store cannot be reached or stays contended.
        """
        ...

    def get(self, key: EntryKey) -> Entry | None:
        """The entry, or its tombstone, or None if there never was one."""
        ...

    def read(self, key: EntryKey, revision: int, kind: type[P], index: int = 0) -> P | None:
        """One piece of the content of one revision."""
        ...

    def page(self, uid: str, *, limit: int, cursor: str | None = None, among: Filter = EVERYTHING) -> Page:
        """A user's listed entries by `recorded_at`, newest first.

        Raises:
            InvalidRequest: `invalid_cursor`, the cursor is not one of this store's.
        """
        ...

    def nearest(self, uid: str, model: str, vector: bytes, limit: int) -> list[Match]:
        """The passages of a user's entries that are most similar to a vector, among those of one model.

        `vector` is as `PassageVector.vector`. An entry may come with several passages.
        """
        ...

    def unembedded(self, model: str, limit: int) -> list[EntryKey]:
        """Listed entries, of any user, that have words and cannot be found by a model yet."""
        ...

    def awaiting(self, uid: str, limit: int) -> int:
        """How many of a user's entries wait for their recordings, counted up to `limit`."""
        ...

    def keys(self, uid: str, limit: int) -> list[EntryKey]:
        """Any of what is left of a user's entries, tombstones and unlisted ones among them."""
        ...

    def erase(self, key: EntryKey) -> None:
        """Leave nothing of an entry, no tombstone either: only for accounts that are deleted whole."""
        ...

    def due(self, limit: int) -> list[EntryKey]:
        """Entries whose `wake_at` has passed, most overdue first.

        An entry with events in its outbox is always among them: its `wake_at` is set with them.
        """
        ...


class Unchanged(Enum):
    """What a change answers to leave a record as it is."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED

Amended = tuple[R | Literal[Unchanged.UNCHANGED] | None, T]
"""What a record is to be (None: gone), and what is answered."""

Amendment = Callable[[R | None, datetime], Amended[R, T]]
"""Given a record as it stands and the store's own clock.

Pure: a store may call it several times before one write commits.
"""


class RecordStore(Protocol):
    """Small documents beside the entries. One that has expired counts as gone."""

    def amend(self, address: Address[R], change: Amendment[R, T]) -> T:
        """Read the record, apply `change` and commit, serialised against other writers of it.

        Raises:
            TemporaryError: the store cannot be reached or stays contended.
        """
        ...

    def get(self, address: Address[R]) -> R | None: ...

    def owned(self, kind: type[R], owner: str, limit: int = 1000) -> list[R]:
        """An owner's records of one kind, in no promised order."""
        ...

    def due(self, kind: type[R], limit: int) -> list[R]:
        """Records of one kind whose `wake_at` has passed, most overdue first."""
        ...

    def forget(self, owner: str) -> None:
        """Delete every record of an owner, whatever its kind."""
        ...


class AudioStore(Protocol):
    """Recordings, one object an entry, each write a new generation."""

    def put(self, key: EntryKey, data: BinaryIO, content_type: str) -> Audio:
        """Store a recording whole or not at all, only if the entry has none.

        Raises:
            Conflict: `audio_exists`.
        """
        ...

    def create(self, key: EntryKey, content_type: str) -> AbstractContextManager[BinaryIO]:
        """A file to write an object to as it is made; it cannot be read, nor sought in.

        The object stands once the context has ended without an exception, else nothing does.

        Raises:
            Conflict: on leaving, `audio_exists`.
        """
        ...

    def invite(self, key: EntryKey, *, size: int, content_type: str, origin: str | None = None) -> str | None:
        """Where a client may send the recording itself: exactly `size` bytes, if the entry has none.

        The address is a bearer secret that works for a week: never log it. `origin` is the web page
        that will use it. None if recordings come through the journal only.

        Raises:
            Conflict: `audio_exists`.
        """
        ...

    def withdraw(self, session: str) -> None:
        """Nothing can be sent to this address any more; what was sent to it before stays."""
        ...

    def find(self, key: EntryKey) -> Audio | None:
        """The recording that stands under an entry's name."""
        ...

    def fetch(self, audio: Audio) -> AbstractContextManager[Path]:
        """The recording as a local file, for as long as the context lasts.

        Raises:
            NotFound: `audio_gone`, the object or this generation of it does not exist.
        """
        ...

    def delete(self, audio: Audio) -> None:
        """Delete this generation; one that is already gone, or newer, is left alone."""
        ...

    def forget(self, uid: str) -> int:
        """Delete everything of a user; answers how many objects there were."""
        ...


class EventBus(Protocol):
    """A doorbell that may ring late, twice or out of order, but does ring."""

    def publish(self, event: Event) -> None:
        """Accept an event durably.

        Raises:
            TemporaryError: it was not accepted.
        """
        ...

    def forget(self, uid: str) -> None:
        """Drop a user's events, where a bus can; Pub/Sub delivers them or forgets them within days."""
        ...


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the bus gave up.

    Attributes:
        type: the event's type, or what the sender calls its own kind of notification.
        event: None where the message is no event of ours.
        subscription: the consumer that could not handle it.
    """

    letter_id: str
    type: str
    event: Event | None
    subscription: str
    attempts: int
    died_at: datetime


class DeadLetters(Protocol):
    """What the bus gave up, for people to look at and to try again."""

    def pull(self, limit: int) -> list[DeadLetter]:
        """Some letters, leased to the caller until it answers or the lease runs out."""
        ...

    def release(self, letters: Iterable[DeadLetter]) -> None:
        """Give letters back, to be pulled again."""
        ...

    def acknowledge(self, letter: DeadLetter) -> None:
        """Forget a letter.

        Raises:
            NotFound: `dead_letter_gone`, it is not leased here.
        """
        ...

    def redeliver(self, letter: DeadLetter) -> None:
        """Publish the original message again; the letter stays until it is acknowledged.

        Raises:
            NotFound: `dead_letter_gone`, it is not leased here.
            TemporaryError: the bus did not accept it.
        """
        ...


class Ports(msgspec.Struct, frozen=True):
    """All of them together."""

    store: EntryStore
    audio: AudioStore
    bus: EventBus
    records: RecordStore
    exports: AudioStore
    """What users asked to be given, by job; stored as recordings are."""
