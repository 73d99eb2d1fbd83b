"""Journals and documents written by an earlier version can still be read, and are written in the same form.

The files in `stored` were written in November 2026: `journal`, `queue` and `documents` before the ports got
their present names (SQL dumps of a journal and its queue, and the Firestore documents of the same entries and
records), and `feedback` before there were corrections (one entry with feedback on its emotions).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from functions.shared.backends.gcp import documents
from functions.shared.backends.local.dead_letters import SqliteDeadLetters
from functions.shared.backends.local.entry_store import SqliteEntryStore
from functions.shared.backends.local.event_bus import SqliteEventBus
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.domain import correcting
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Arc, ChunkTranscript, Embedding, Piece, Transcript
from functions.shared.domain.corrections import InsightPart
from functions.shared.domain.effective import arc_of, insight_of
from functions.shared.domain.entries import Entry, EntryKey, EventType, Stage, StageState, Status
from functions.shared.domain.insight import FeedbackVerdict
from functions.shared.domain.records import (
    KINDS,
    Account,
    Address,
    ApiKey,
    JobRecord,
    JobState,
    NameDictionary,
    Record,
)
from functions.shared.ports import EntryFilter

STORED = Path(__file__).parent / "stored"
PIECES: Mapping[str, type[Piece]] = {
    kind.__name__: kind for kind in (Transcript, Arc, ChunkTranscript, Embedding)
}
STORED_KINDS = tuple(kind for kind in KINDS if kind is not NameDictionary)
"""Personal dictionaries came later."""
EXAM = EntryKey("me", "exam")
ENTRY_IDS = ("awaiting", "broken", "edited", "gone", "long", "ready", "spoken")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return restore(tmp_path, "journal")


@pytest.fixture
def firestore() -> dict[str, dict[str, Any]]:
    return dict(json.loads((STORED / "documents.json").read_text()))


def restore(folder: Path, name: str) -> Path:
    path = folder / f"{name}.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((STORED / f"{name}.sql").read_text())
    return path


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def entry(path: Path, entry_id: str) -> Entry:
    stored_entry = SqliteEntryStore(path).get(EntryKey("ada", entry_id))
    assert stored_entry is not None
    return stored_entry


def test_every_stored_entry_is_read_without_loss(journal: Path) -> None:
    stored = rows(journal, "SELECT entry_id, document FROM entries ORDER BY entry_id")
    assert [entry_id for entry_id, _ in stored] == list(ENTRY_IDS)
    for entry_id, document in stored:
        assert json.loads(msgspec.json.encode(entry(journal, entry_id))) == json.loads(document)


def test_every_stored_piece_is_read_without_loss(journal: Path) -> None:
    stored = rows(journal, "SELECT entry_id, revision, kind, position, content FROM pieces")
    assert {kind for _, _, kind, _, _ in stored} == set(PIECES)
    store = SqliteEntryStore(journal)
    for entry_id, revision, kind, position, content in stored:
        piece = store.read(EntryKey("ada", entry_id), revision, PIECES[kind], position)
        assert json.loads(msgspec.json.encode(piece)) == json.loads(content)


def test_stored_entries_have_the_states_they_were_left_in(journal: Path) -> None:
    statuses = {entry_id: entry(journal, entry_id).status for entry_id in ENTRY_IDS}
    assert statuses == {
        "awaiting": Status.AWAITING_AUDIO,
        "broken": Status.FAILED,
        "edited": Status.PROCESSING,
        "gone": Status.PROCESSING,
        "long": Status.PROCESSING,
        "ready": Status.READY,
        "spoken": Status.READY,
    }
    assert entry(journal, "gone").deleted_at is not None
    assert entry(journal, "edited").revision == 2
    assert [chunk.record.state for chunk in entry(journal, "long").chunks] == [
        StageState.DONE,
        StageState.PENDING,
    ]
    failure = entry(journal, "broken").stage(Stage.TRANSCRIPTION).error
    assert failure is not None
    assert failure.code == "undecodable_audio"
    (feedback,) = entry(journal, "ready").feedback
    assert (feedback.verdict, feedback.correction) == (FeedbackVerdict.CORRECT, "relief")


def test_a_stored_journal_can_be_listed_filtered_and_searched(journal: Path) -> None:
    store = SqliteEntryStore(journal)
    listed = [item.entry_id for item in store.list_entries("ada", limit=10).entries]
    assert listed == ["edited", "awaiting", "long", "broken", "spoken", "ready"]
    filtered = store.list_entries("ada", limit=10, where=EntryFilter(labels=("emotion:joy",))).entries
    assert [item.entry_id for item in filtered] == ["spoken", "ready"]
    vector = np.array([1, 0, 0, 0], dtype="<f4").tobytes()
    nearest = store.find_nearest("ada", "encoder 1", vector, 10)
    assert [(match.key.entry_id, round(match.similarity, 3)) for match in nearest] == [
        ("ready", 1.0),
        ("spoken", 0.707),
    ]
    assert {key.entry_id for key in store.list_unembedded("encoder 2", 10)} == {"ready", "spoken"}


def test_stored_feedback_acts_as_a_correction(tmp_path: Path) -> None:
    store = SqliteEntryStore(restore(tmp_path, "feedback"))
    entry, arc = store.get(EXAM), store.read(EXAM, 1, Arc)
    assert entry is not None
    assert arc is not None
    insight = insight_of(entry)
    assert [score.emotion for score in insight.emotions] == ["fear", "relief", "neutral"]
    assert [score.emotion for score in entry.emotions] == ["fear", "joy", "neutral"]
    assert insight.corrected == (InsightPart.EMOTIONS,)
    points = [[score.emotion for score in point.emotions] for point in arc_of(entry, arc).points]
    assert points == [["nervousness"], ["joy"], ["neutral", "joy"]]
    assert insight.summary is not None
    assert [score.emotion for score in insight.summary.quotes[0].emotions] == ["nervousness"]


def test_stored_feedback_reaches_the_filters_and_can_be_taken_back(tmp_path: Path) -> None:
    store = SqliteEntryStore(restore(tmp_path, "feedback"))

    def found(label: str) -> list[str]:
        return [item.entry_id for item in store.list_entries("me", limit=9, where=where(label)).entries]

    assert (found("emotion:relief"), found("emotion:joy")) == (["exam"], [])
    store.transact(EXAM, taking_back)
    assert (found("emotion:relief"), found("emotion:joy")) == ([], ["exam"])
    entry = store.get(EXAM)
    assert entry is not None
    assert [item.verdict for item in entry.feedback] == [FeedbackVerdict.AGREE]


def where(label: str) -> EntryFilter:
    return EntryFilter(labels=(label,))


def taking_back(entry: Entry | None, now: datetime) -> tuple[Write, None]:
    assert entry is not None
    return Write(entry=correcting.take_back(entry, None, None, now)), None


def test_every_stored_record_is_read_without_loss(journal: Path) -> None:
    kinds = {kind.collection: kind for kind in STORED_KINDS}
    records = SqliteRecordStore(journal)
    stored = rows(journal, "SELECT collection, owner, record_id, document FROM records")
    assert {collection for collection, *_ in stored} == set(kinds)
    for collection, owner, record_id, document in stored:
        record = records.get(Address(kinds[collection], record_id, owner))
        assert json.loads(msgspec.json.encode(record)) == json.loads(document)


def test_stored_records_can_be_listed(journal: Path) -> None:
    records = SqliteRecordStore(journal)
    assert [key.name for key in records.list_owned(ApiKey, "ada")] == ["backup"]
    assert [job.state for job in records.list_due(JobRecord, 10)] == [JobState.RUNNING]
    account = records.get(Address(Account, "ada"))
    assert account is not None
    assert (account.audio_retention, account.audio_retention_days) == ("days", 3)


def test_a_stored_queue_goes_on(tmp_path: Path) -> None:
    bus = SqliteEventBus(restore(tmp_path, "queue"))
    bus.recover()
    events = []
    while delivery := bus.receive():
        events.append((delivery.event.entry_id, delivery.event.type, delivery.event.revision))
        bus.acknowledge(delivery)
    assert sorted(events) == [
        ("edited", EventType.TRANSCRIBED, 1),
        ("edited", EventType.TRANSCRIBED, 2),
        ("gone", EventType.TRANSCRIBED, 1),
    ]
    (letter,) = SqliteDeadLetters(bus).pull(10)
    assert letter.event is not None
    assert (letter.event.entry_id, letter.event.chunk) == ("long", 1)


@pytest.mark.parametrize("entry_id", ENTRY_IDS)
def test_firestore_documents_of_entries_have_the_same_fields(
    journal: Path, firestore: dict[str, dict[str, Any]], entry_id: str
) -> None:
    stored = firestore[f"users/ada/entries/{entry_id}"]
    written = documents.fields_of(entry(journal, entry_id), stored["content"], "mark")
    assert as_json(written) == stored
    assert documents.entry_of(with_times(stored)) == entry(journal, entry_id)


def test_firestore_documents_of_pieces_have_the_same_ids_and_fields(
    journal: Path, firestore: dict[str, dict[str, Any]]
) -> None:
    store = SqliteEntryStore(journal)
    written = {}
    for entry_id, revision, kind, position in rows(
        journal, "SELECT entry_id, revision, kind, position FROM pieces"
    ):
        key = EntryKey("ada", entry_id)
        piece = store.read(key, revision, PIECES[kind], position)
        assert piece is not None
        for name, fields in documents.parts_of(piece, revision, key).items():
            written[f"users/ada/entries/{entry_id}/content/{name}"] = as_json(fields)
    assert written == {path: fields for path, fields in firestore.items() if "/content/" in path}


@pytest.mark.parametrize("kind", STORED_KINDS, ids=lambda kind: kind.__name__)
def test_firestore_documents_of_records_have_the_same_path_and_fields(
    journal: Path, firestore: dict[str, dict[str, Any]], kind: type[Record]
) -> None:
    ((document,),) = rows(journal, f"SELECT document FROM records WHERE collection = '{kind.collection}'")
    record = msgspec.json.decode(document, type=kind)
    owner = f"users/{record.owner}/" if kind.nested else ""
    stored = firestore[f"{owner}{kind.collection}/{record.record_id}"]
    fields = msgspec.to_builtins(record, builtin_types=(datetime,))
    assert as_json(fields) | {"write": "mark"} == stored


def as_json(value: Any) -> Any:
    """Firestore's values as they are written in documents.json."""
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return value.decode()
        case dict():
            return {name: as_json(item) for name, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
    if type(value).__name__ == "Vector":
        return [round(item, 6) for item in value]
    return value


def with_times(value: Any) -> Any:
    """The same with ISO times converted to datetimes."""
    match value:
        case dict():
            return {name: with_times(item) for name, item in value.items()}
        case list():
            return [with_times(item) for item in value]
        case str() if len(value) == 25 and value.endswith("+00:00"):
            return datetime.fromisoformat(value)
    return value
