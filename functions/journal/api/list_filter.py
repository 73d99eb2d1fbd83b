"""Query parameters that select entries, in lists and in search."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.journal.journal import in_utc
from functions.shared.ports import EntryFilter

Label = Annotated[str, Meta(min_length=1, max_length=40)]


class ListFilter(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """`from` (inclusive) and `to` (exclusive) bound `recorded_at`. Entries must have all the given labels."""

    since: datetime | None = None
    until: datetime | None = None
    emotion: Label | None = None
    feeling: Label | None = None
    topic: Label | None = None

    @property
    def entry_filter(self) -> EntryFilter:
        labels = (("emotion", self.emotion), ("feeling", self.feeling), ("topic", self.topic))
        return EntryFilter(
            since=in_utc(self.since),
            until=in_utc(self.until),
            labels=tuple(f"{kind}:{label}" for kind, label in labels if label is not None),
        )
