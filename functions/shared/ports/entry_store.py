"""The port to the entries and their content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from functions.shared.domain.changes import Change
from functions.shared.domain.content import Arc, ChunkTranscript, Piece, Transcript
from functions.shared.domain.effective import labels_of
from functions.shared.domain.entries import Entry, EntryKey

T = TypeVar("T")
P = TypeVar("P", bound=Piece)
J = TypeVar("J", bound=Transcript | Arc | ChunkTranscript)
"""A piece stored as JSON; an `Embedding` is not."""


class PieceKey(msgspec.Struct, frozen=True):
    """Identifies one piece of its kind; `index` counts the chunks of a transcript."""

    key: EntryKey
    revision: int
    index: int = 0


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a list, newest `recorded_at` first; `next_cursor` is None on the last page."""

    entries: tuple[Entry, ...]
    next_cursor: str | None = None


class EntryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Selects entries of a list.

    Attributes:
        since: the earliest `recorded_at`, inclusive.
        until: the latest `recorded_at`, exclusive.
        labels: values of `labels_of`; an entry must have all of them.
    """

    since: datetime | None = None
    until: datetime | None = None
    labels: tuple[str, ...] = ()

    def matches(self, entry: Entry) -> bool:
        if self.since is not None and entry.recorded_at < self.since:
            return False
        if self.until is not None and entry.recorded_at >= self.until:
            return False
        return set(self.labels) <= set(labels_of(entry))


ALL_ENTRIES = EntryFilter()


class PassageMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A passage found by vector search: segments `first` to `last` of one revision of an entry.

    `similarity` is a cosine (-1..1).
    """

    key: EntryKey
    revision: int
    first: int
    last: int
    similarity: float


class EntryStore(Protocol):
    """Stores entries and their content, with transactions on the store's own clock."""

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        """Read the entry, apply `change` and commit, serialized with other writers of the entry.

        Raises:
            TemporaryError: the store is unreachable, or contention persisted.
        """
        ...

    def get(self, key: EntryKey) -> Entry | None:
        """The entry, its tombstone if it was deleted, or None if it never existed."""
        ...

    def read(self, key: EntryKey, revision: int, kind: type[P], index: int = 0) -> P | None:
        """One piece of the content of one revision."""
        ...

    def get_many(self, keys: Sequence[EntryKey]) -> list[Entry | None]:
        """Like `get` for each key, in the order of the keys, in one round trip for up to 300 keys."""
        ...

    def read_many(self, keys: Sequence[PieceKey], kind: type[J]) -> list[J | None]:
        """Like `read` for each key, in the order of the keys, in one round trip for up to 300 keys.

        Firestore needs another round trip if a piece is larger than one document (900 kB).
        """
        ...

    def list_entries(
        self, uid: str, *, limit: int, cursor: str | None = None, where: EntryFilter = ALL_ENTRIES
    ) -> EntryPage:
        """A page of a user's listed entries, newest `recorded_at` first.

        Raises:
            InvalidRequest: `invalid_cursor`, the cursor did not come from this store.
        """
        ...

    def find_nearest(self, uid: str, model: str, vector: bytes, limit: int) -> list[PassageMatch]:
        """The passages of a user's entries most similar to a vector, best first.

        Only embeddings of `model` are compared; `vector` is encoded like `PassageVector.vector`. An entry
        may appear with several passages.
        """
        ...

    def list_unembedded(self, model: str, limit: int) -> list[EntryKey]:
        """Finished, listed entries of any user that have no embedding by this model."""
        ...

    def count_awaiting_audio(self, uid: str, limit: int) -> int:
        """How many of a user's entries are waiting for their recordings, counted up to `limit`."""
        ...

    def list_keys(self, uid: str, limit: int) -> list[EntryKey]:
        """Keys of a user's entries in any order, including tombstones and unlisted entries."""
        ...

    def purge(self, key: EntryKey) -> None:
        """Delete an entry and its content without leaving a tombstone. Only for deleting an account."""
        ...

    def list_due(self, limit: int) -> list[EntryKey]:
        """Entries whose `wake_at` has passed, most overdue first.

        Entries with pending events are always included: their `wake_at` is set together with the events.
        """
        ...
