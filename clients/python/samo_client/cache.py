"""Caches entries with their ETags, so that an unchanged entry is not transferred again."""

from __future__ import annotations

from collections import OrderedDict

from samo_client.schema import EntryView

_MAX_ENTRIES = 256


class Cache:
    """The entries that were read most recently."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, EntryView]] = OrderedDict()

    def get(self, entry_id: str) -> tuple[str, EntryView] | None:
        """The ETag and the entry, if cached."""
        return self._known.get(entry_id)

    def put(self, entry_id: str, etag: str, entry: EntryView) -> None:
        """Adds an entry and evicts the one stored longest ago."""
        self._known[entry_id] = (etag, entry)
        self._known.move_to_end(entry_id)
        if len(self._known) > _MAX_ENTRIES:
            self._known.popitem(last=False)

    def forget(self, entry_id: str) -> None:
        """Removes a deleted entry."""
        self._known.pop(entry_id, None)
