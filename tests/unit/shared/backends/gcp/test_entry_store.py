"""Guarantees of FirestoreEntryStore beyond the contract, on the emulator."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pytest
from google.api_core import exceptions as api
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.shared.backends.gcp.documents import PART_BYTES
from functions.shared.backends.gcp.entry_store import FirestoreEntryStore
from functions.shared.domain.changes import Write
from functions.shared.domain.content import ChunkTranscript, Transcript
from functions.shared.domain.entries import Entry, EntryKey, Source, Status
from functions.shared.errors import TemporaryError
from tests.support.cloud import Cloud
from tests.support.structs import values
from tests.unit.shared.backends.gcp.test_documents import HOUR

pytestmark = pytest.mark.emulators

KEY = EntryKey("ada", "first")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG = Transcript(text="x" * (2 * PART_BYTES))


def entry(key: EntryKey = KEY, revision: int = 1) -> Entry:
    return Entry(
        uid=key.uid,
        entry_id=key.entry_id,
        source=Source.TEXT,
        status=Status.PROCESSING,
        revision=revision,
        created_at=NOON,
        recorded_at=NOON,
        updated_at=NOON,
    )


@pytest.fixture
def store(cloud: Cloud) -> FirestoreEntryStore:
    return FirestoreEntryStore(cloud.project, patience_s=10.0)


@pytest.fixture
def documents(cloud: Cloud) -> Callable[[str], list[str]]:
    """The ids of all documents in a collection."""
    from google.cloud.firestore_v1 import Client

    client = Client(project=cloud.project)
    return lambda path: [document.id for document in client.collection(path).list_documents()]


def put(store: FirestoreEntryStore, entry: Entry, *pieces: Any, delete_pieces: bool = False) -> Entry:
    write = Write(entry=entry, pieces=pieces, delete_pieces=delete_pieces)
    store.transact(entry.key, lambda _, now: (write, None))
    return entry


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=values(Entry, uid=st.text(min_size=1), entry_id=st.text(min_size=1, max_size=40)))
def test_any_entry_is_read_as_it_was_written(store: FirestoreEntryStore, written: Entry) -> None:
    put(store, written)

    assert store.get(written.key) == written


@pytest.mark.parametrize(
    "identifier", [".", "..", "__all__", "a/b", "é" * 1000, "x" * 1600, "%", "\x00", "~"]
)
def test_ids_may_contain_any_characters(store: FirestoreEntryStore, identifier: str) -> None:
    key = EntryKey(identifier, identifier)
    written = put(store, replace(entry(key), wake_at=NOON), Transcript(text="words"))

    assert store.get(key) == written
    assert store.read(key, 1, Transcript) == Transcript(text="words")
    assert store.list_due(10) == [key]
    assert store.list_entries(identifier, limit=1).entries == (written,)


def test_an_hour_of_timed_words_is_read_as_it_was_written(store: FirestoreEntryStore) -> None:
    put(store, entry(), HOUR)

    assert store.read(KEY, 1, Transcript) == HOUR


def test_a_shorter_piece_leaves_no_parts_of_a_longer_one(
    store: FirestoreEntryStore, documents: Callable[[str], list[str]]
) -> None:
    put(store, entry(), LONG, ChunkTranscript(index=1), ChunkTranscript(index=11))
    put(store, entry(), Transcript(text="short"), ChunkTranscript(index=1, language="en"))

    assert store.read(KEY, 1, Transcript) == Transcript(text="short")
    assert store.read(KEY, 1, ChunkTranscript, 11) == ChunkTranscript(index=11)
    assert documents("users/ada/entries/first/content") == [
        "1.ChunkTranscript.1.000",
        "1.ChunkTranscript.11.000",
        "1.Transcript.0.000",
    ]


def test_delete_pieces_leaves_no_document_of_any_revision(
    store: FirestoreEntryStore, documents: Callable[[str], list[str]]
) -> None:
    for revision in range(1, 4):
        put(store, entry(revision=revision), LONG, *(ChunkTranscript(index=i) for i in range(12)))
    assert len(documents("users/ada/entries/first/content")) == 3 * 15
    put(store, entry(revision=4), delete_pieces=True)

    assert documents("users/ada/entries/first/content") == []


def test_more_than_five_hundred_pieces_are_deleted_in_one_transaction(
    store: FirestoreEntryStore, documents: Callable[[str], list[str]]
) -> None:
    put(store, entry(), *(ChunkTranscript(index=i) for i in range(600)))
    put(store, entry(), delete_pieces=True)

    assert documents("users/ada/entries/first/content") == []


def test_the_stores_clock_is_the_servers(store: FirestoreEntryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = datetime.now(UTC)
    put(store, replace(entry(), wake_at=before + timedelta(days=30)))
    monkeypatch.setattr("functions.shared.backends.gcp.entry_store.datetime", Ahead)

    assert abs(store.transact(KEY, lambda _, now: (Write(), now)) - before) < timedelta(minutes=1)
    assert store.list_due(10) == []


class Ahead(datetime):
    """A clock that is a year ahead."""

    @classmethod
    def now(cls, tz: Any = None) -> Self:
        return super().now(tz) + timedelta(days=365)


def test_a_commit_whose_response_was_lost_is_not_repeated(
    store: FirestoreEntryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.cloud.firestore_v1 import WriteBatch

    commit, calls = WriteBatch.commit, list[int]()

    def lose_the_first_answer(batch: Any, **options: Any) -> Any:
        response = commit(batch, **options)
        calls.append(1)
        if len(calls) == 1:
            raise api.ServiceUnavailable("the connection broke")  # type: ignore[no-untyped-call]
        return response

    put(store, entry(revision=1))
    monkeypatch.setattr(WriteBatch, "commit", lose_the_first_answer)
    response = store.transact(KEY, increment)

    assert response == 2
    assert store.get(KEY) == entry(revision=2)
    assert len(calls) == 1


def increment(stored: Entry | None, now: datetime) -> tuple[Write, int]:
    assert stored is not None
    revision = stored.revision + 1
    return Write(entry=replace(stored, revision=revision)), revision


def test_endless_contention_is_a_temporary_error(cloud: Cloud) -> None:
    store, rival = (FirestoreEntryStore(cloud.project, patience_s=0.5) for _ in range(2))
    put(store, entry())

    def always_late(stored: Entry | None, now: datetime) -> tuple[Write, int]:
        rival.transact(KEY, increment)
        return increment(stored, now)

    with pytest.raises(TemporaryError):
        store.transact(KEY, always_late)


def test_a_writer_that_was_overtaken_decides_again(store: FirestoreEntryStore) -> None:
    seen = list[int]()
    put(store, entry())

    def overtaken_once(stored: Entry | None, now: datetime) -> tuple[Write, int]:
        assert stored is not None
        seen.append(stored.revision)
        if len(seen) == 1:
            store.transact(KEY, increment)
        return increment(stored, now)

    assert store.transact(KEY, overtaken_once) == 3
    assert seen == [1, 2]


def test_an_overtaken_writer_notices_even_a_write_that_changes_nothing(store: FirestoreEntryStore) -> None:
    """The rival stores the same entry with other content, which must be deleted too."""
    put(store, entry(), Transcript(text="first"))
    rivals = [Transcript(text="second")]

    def delete_pieces(stored: Entry | None, now: datetime) -> tuple[Write, None]:
        while rivals:
            put(store, entry(), rivals.pop(), ChunkTranscript(index=1))
        return Write(entry=stored, delete_pieces=True), None

    store.transact(KEY, delete_pieces)

    assert store.read(KEY, 1, Transcript) is None
    assert store.read(KEY, 1, ChunkTranscript, 1) is None


def test_twelve_concurrently_finished_chunks_are_all_stored(store: FirestoreEntryStore) -> None:
    put(store, entry(revision=1))
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: store.transact(KEY, increment), range(12)))

    counted = store.get(KEY)
    assert counted is not None
    assert counted.revision == 13
