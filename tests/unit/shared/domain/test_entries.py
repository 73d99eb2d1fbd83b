from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest

from functions.shared.domain.entries import (
    Entry,
    EntryKey,
    Event,
    EventType,
    Source,
    Stage,
    StageRecord,
    StageState,
    Status,
)
from functions.shared.domain.events import FINISHED_EVENT, STAGE_OF
from functions.shared.domain.lifecycle import ORDER

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry() -> Entry:
    return Entry(
        uid="ada",
        entry_id="e",
        source=Source.TEXT,
        status=Status.PROCESSING,
        created_at=NOW,
        recorded_at=NOW,
        updated_at=NOW,
    )


def test_entries_and_events_have_the_same_key() -> None:
    event = Event(type=EventType.TRANSCRIBED, uid="ada", entry_id="e", revision=1)

    assert entry().key == event.key == EntryKey("ada", "e")


def test_a_stage_without_a_record_is_pending() -> None:
    assert entry().stage(Stage.EMOTION) == StageRecord(state=StageState.PENDING)


def test_unset_fields_are_not_stored() -> None:
    stored = msgspec.json.decode(msgspec.json.encode(entry()))

    assert set(stored) == {
        "uid", "entry_id", "source", "status", "created_at", "recorded_at", "updated_at",
    }  # fmt: skip


def test_documents_with_unknown_fields_can_be_read() -> None:
    later = {**msgspec.to_builtins(entry()), "mood_ring": "blue", "schema_version": 2}

    assert msgspec.json.decode(msgspec.json.encode(later), type=Entry).schema_version == 2


def test_documents_with_invalid_fields_are_rejected() -> None:
    broken = {**msgspec.to_builtins(entry()), "status": "done"}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(broken), type=Entry)


def test_each_stage_starts_with_the_event_of_the_previous_stage() -> None:
    for before, after in pairwise(ORDER):
        assert STAGE_OF[FINISHED_EVENT[before]] is after
    assert set(STAGE_OF.values()) == set(FINISHED_EVENT) == set(Stage)
    assert FINISHED_EVENT[ORDER[-1]] not in STAGE_OF
