"""Changes one entry in a transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.entries import Entry, EntryKey
from functions.shared.ports import EntryStore


def update_entry(
    store: EntryStore, key: EntryKey, change: Callable[[Entry | None, datetime], Entry | None]
) -> Entry | None:
    """Apply `change` to the entry's document and return the entry as it is after the transaction.

    `change` returns the new document, or None or the unchanged entry to write nothing.
    """

    def write(entry: Entry | None, now: datetime) -> tuple[Write, Entry | None]:
        changed = change(entry, now)
        if changed is None or changed is entry:
            return NO_CHANGE, entry
        return Write(entry=changed), changed

    return store.transact(key, write)
