"""What callers expect of the entry that they change."""

from __future__ import annotations

from collections.abc import Callable

from functions.shared.domain.entries import Entry
from functions.shared.errors import InvalidRequest, NotFound

IsExpected = Callable[[Entry], bool]
"""Whether an entry is as a caller last saw it."""


class EntryChanged(InvalidRequest):
    """The entry is not as the caller last saw it."""

    code = "entry_changed"
    status = 412


def require(entry: Entry | None) -> Entry:
    """Raises NotFound for an entry that does not exist or was deleted."""
    if entry is None or entry.deleted_at is not None:
        raise NotFound("there is no such entry", code="entry_not_found")
    return entry


def expect(entry: Entry | None, is_expected: IsExpected) -> Entry:
    """Raises NotFound as `require` does, or EntryChanged."""
    entry = require(entry)
    if not is_expected(entry):
        raise EntryChanged("the entry has changed since you read it")
    return entry
