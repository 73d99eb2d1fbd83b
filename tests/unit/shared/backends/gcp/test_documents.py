from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.shared.backends import gcp
from functions.shared.backends.gcp.documents import fields_of, parts_of, piece_of
from functions.shared.domain.content import Segment, Transcript, Word
from functions.shared.domain.entries import Entry, Source, Status

INDEXES = json.loads((Path(gcp.__file__).parent / "indexes.json").read_text())
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENTRY = Entry(
    uid="ada",
    entry_id="first",
    source=Source.TEXT,
    status=Status.READY,
    created_at=NOON,
    recorded_at=NOON,
    updated_at=NOON,
    wake_at=NOON,
    expires_at=NOON,
)
HOUR = Transcript(
    text="word " * 9_000,
    segments=tuple(
        Segment(
            text="word " * 9,
            start=float(start),
            end=float(start + 3),
            words=tuple(
                Word(
                    text="wörld",
                    start=start + i / 3 + 0.123456,
                    end=start + i / 3 + 0.3,
                    probability=0.987654,
                )
                for i in range(9)
            ),
        )
        for start in range(0, 3600, 3)
    ),
)


def test_fields_for_sorting_and_expiry_are_timestamps() -> None:
    fields = fields_of(ENTRY, (), "mark")

    ordered = [field["field"] for field in (*INDEXES["fields"], *INDEXES["ttl"])]
    for name in ["wake_at", "recorded_at", "expires_at"]:
        assert fields[name] == NOON
    assert set(ordered) == {"wake_at", "expires_at", "embedded"}


def test_every_composite_index_uses_existing_fields() -> None:
    fields = fields_of(ENTRY, (), "mark")
    for index in INDEXES["composite"]:
        if index["collection"] != "entries":
            continue
        names = {field["field_path"] for field in index["fields"]} - {"__name__"}
        assert names <= fields.keys()


@pytest.mark.parametrize("deleted_at", [None, NOON])
def test_a_tombstone_is_marked_as_deleted(deleted_at: datetime | None) -> None:
    fields = fields_of(replace(ENTRY, deleted_at=deleted_at), (), "mark")

    assert fields["deleted"] is (deleted_at is not None)


def test_an_hour_of_timed_words_fits_firestores_document_limit() -> None:
    parts = parts_of(HOUR, 1, ENTRY.key)

    assert len(parts) > 1
    assert all(len(part["json"]) < 2**20 - 100_000 for part in parts.values())
    assert piece_of([parts[name] for name in sorted(parts)], Transcript) == HOUR


def test_the_longest_typed_entry_is_one_document() -> None:
    assert len(parts_of(Transcript(text="🌍" * 20_000), 1, ENTRY.key)) == 1


def test_parts_sort_by_name() -> None:
    long = Transcript(text="x" * 12 * 900_000)

    assert list(parts_of(long, 1, ENTRY.key)) == sorted(parts_of(long, 1, ENTRY.key))
    assert len(parts_of(long, 1, ENTRY.key)) > 10


def test_times_are_converted_to_utc() -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    fields: dict[str, Any] = fields_of(replace(ENTRY, recorded_at=tokyo), (), "mark")

    assert fields["recorded_at"] == NOON
