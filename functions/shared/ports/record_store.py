"""The port to small documents that are not entries: accounts, API keys, quotas, jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import Enum
from typing import Literal, Protocol, TypeVar

from functions.shared.domain.records import Address, R

T = TypeVar("T")


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED
"""Returned by a `RecordChange` in place of a record to leave the stored one as it is."""

RecordUpdate = tuple[R | Literal[Unchanged.UNCHANGED] | None, T]
"""The record to store (None deletes it, `UNCHANGED` keeps it), and the result of the transaction."""

RecordChange = Callable[[R | None, datetime], RecordUpdate[R, T]]
"""Computes an update from the stored record and the store's own clock.

Must be pure: a store may call it several times before one write commits.
"""


class RecordStore(Protocol):
    """Stores records. An expired record counts as deleted."""

    def transact(self, address: Address[R], change: RecordChange[R, T]) -> T:
        """Read the record, apply `change` and commit, serialized with other writers of the record.

        Raises:
            TemporaryError: the store is unreachable, or contention persisted.
        """
        ...

    def get(self, address: Address[R]) -> R | None: ...

    def list_owned(self, kind: type[R], owner: str, limit: int = 1000) -> list[R]:
        """An owner's records of one kind, in any order."""
        ...

    def list_all(self, kind: type[R]) -> Iterator[R]:
        """Every record of one top-level kind, ordered by ID, fetched a page at a time. For operators."""
        ...

    def list_due(self, kind: type[R], limit: int) -> list[R]:
        """Records of one kind whose `wake_at` has passed, most overdue first."""
        ...

    def delete_all(self, owner: str) -> None:
        """Delete an owner's records of every kind."""
        ...
