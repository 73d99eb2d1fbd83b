"""The ETag of an entry: it names a version that its user can tell from the one before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from functions.journal.views.entries import etag
from functions.shared.domain import creation, lifecycle
from functions.shared.domain.entries import EntryKey
from functions.shared.runtime.settings import Settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_publishing_an_entrys_events_leaves_its_etag() -> None:
    entry = creation.create_text_entry(EntryKey("ada", "first"), NOW)
    later = NOW + timedelta(seconds=1)
    published = lifecycle.clear_outbox(entry, entry.pending_events, later, Settings())
    assert published != entry
    assert etag(published) == etag(entry)


def test_a_change_that_a_user_can_see_changes_the_etag() -> None:
    entry = creation.create_text_entry(EntryKey("ada", "first"), NOW)
    assert etag(replace(entry, sentiment=0.5)) != etag(entry)
    assert etag(replace(entry, support=True)) != etag(entry)
