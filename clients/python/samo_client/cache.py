"""Entries as they were last read, with their ETags, so that what has not changed is not sent again."""

from __future__ import annotations

from collections import OrderedDict

from samo_client.schema import EntryView

_MOST = 256


class Cache:
    """The entries that were read last."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, EntryView]] = OrderedDict()

    def get(self, entry_id: str) -> tuple[str, EntryView] | None:
        """The entry's ETag and the entry, if they are known."""
        return self._known.get(entry_id)

    def put(self, entry_id: str, etag: str, entry: EntryView) -> None:
        """Remember an entry, and forget the one that was not looked at for longest."""
        self._known[entry_id] = (etag, entry)
        self._known.move_to_end(entry_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def forget(self, entry_id: str) -> None:
        """The entry is no more."""
        self._known.pop(entry_id, None)
