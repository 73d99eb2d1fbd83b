"""What the Firestore store promises beyond the contract; on the real emulator."""

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
    """The ids of the documents of a collection, as they really stand."""
    from google.cloud.firestore_v1 import Client

    client = Client(project=cloud.project)
    return lambda path: [document.id for document in client.collection(path).list_documents()]


def put(store: FirestoreEntryStore, entry: Entry, *pieces: Any, forget: bool = False) -> Entry:
    write = Write(entry=entry, pieces=pieces, delete_pieces=forget)
    store.transact(entry.key, lambda _, now: (write, None))
    return entry


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=values(Entry, uid=st.text(min_size=1), entry_id=st.text(min_size=1, max_size=40)))
def test_any_entry_comes_back_equal(store: FirestoreEntryStore, written: Entry) -> None:
    put(store, written)

    assert store.get(written.key) == written


@pytest.mark.parametrize(
    "identifier", [".", "..", "__all__", "a/b", "é" * 1000, "x" * 1600, "%", "\x00", "~"]
)
def test_an_id_of_any_kind_is_found_again(store: FirestoreEntryStore, identifier: str) -> None:
    key = EntryKey(identifier, identifier)
    written = put(store, replace(entry(key), wake_at=NOON), Transcript(text="words"))

    assert store.get(key) == written
    assert store.read(key, 1, Transcript) == Transcript(text="words")
    assert store.list_due(10) == [key]
    assert store.list_entries(identifier, limit=1).entries == (written,)


def test_an_hour_of_timed_words_comes_back(store: FirestoreEntryStore) -> None:
    put(store, entry(), HOUR)

    assert store.read(KEY, 1, Transcript) == HOUR


def test_a_shorter_piece_leaves_nothing_of_the_longer_it_replaces(
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


def test_forgetting_leaves_no_document_of_any_revision(
    store: FirestoreEntryStore, documents: Callable[[str], list[str]]
) -> None:
    for revision in range(1, 4):
        put(store, entry(revision=revision), LONG, *(ChunkTranscript(index=i) for i in range(12)))
    assert len(documents("users/ada/entries/first/content")) == 3 * 15
    put(store, entry(revision=4), forget=True)

    assert documents("users/ada/entries/first/content") == []


def test_more_than_five_hundred_pieces_are_forgotten_at_once(
    store: FirestoreEntryStore, documents: Callable[[str], list[str]]
) -> None:
    put(store, entry(), *(ChunkTranscript(index=i) for i in range(600)))
    put(store, entry(), forget=True)

    assert documents("users/ada/entries/first/content") == []


def test_the_clock_is_the_server_s_where_this_instance_s_is_a_year_ahead(
    store: FirestoreEntryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_commit_whose_answer_was_lost_is_not_done_twice(
    store: FirestoreEntryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.cloud.firestore_v1 import WriteBatch

    commit, calls = WriteBatch.commit, list[int]()

    def lose_the_first_answer(batch: Any, **options: Any) -> Any:
        answer = commit(batch, **options)
        calls.append(1)
        if len(calls) == 1:
            raise api.ServiceUnavailable("the connection broke")  # type: ignore[no-untyped-call]
        return answer

    put(store, entry(revision=1))
    monkeypatch.setattr(WriteBatch, "commit", lose_the_first_answer)
    answer = store.transact(KEY, increment)

    assert answer == 2
    assert store.get(KEY) == entry(revision=2)
    assert len(calls) == 1


def increment(standing: Entry | None, now: datetime) -> tuple[Write, int]:
    assert standing is not None
    revision = standing.revision + 1
    return Write(entry=replace(standing, revision=revision)), revision


def test_contention_that_does_not_end_is_temporary(cloud: Cloud) -> None:
    store, rival = (FirestoreEntryStore(cloud.project, patience_s=0.5) for _ in range(2))
    put(store, entry())

    def always_late(standing: Entry | None, now: datetime) -> tuple[Write, int]:
        rival.transact(KEY, increment)
        return increment(standing, now)

    with pytest.raises(TemporaryError):
        store.transact(KEY, always_late)


def test_a_writer_who_was_overtaken_decides_anew(store: FirestoreEntryStore) -> None:
    seen = list[int]()
    put(store, entry())

    def overtaken_once(standing: Entry | None, now: datetime) -> tuple[Write, int]:
        assert standing is not None
        seen.append(standing.revision)
        if len(seen) == 1:
            store.transact(KEY, increment)
        return increment(standing, now)

    assert store.transact(KEY, overtaken_once) == 3
    assert seen == [1, 2]


def test_an_overtaken_writer_notices_even_a_write_that_changes_nothing(store: FirestoreEntryStore) -> None:
    """The rival stores the same entry with other words; forgetting must take those too."""
    put(store, entry(), Transcript(text="first"))
    rivals = [Transcript(text="second")]

    def forget(standing: Entry | None, now: datetime) -> tuple[Write, None]:
        while rivals:
            put(store, entry(), rivals.pop(), ChunkTranscript(index=1))
        return Write(entry=standing, delete_pieces=True), None

    store.transact(KEY, forget)

    assert store.read(KEY, 1, Transcript) is None
    assert store.read(KEY, 1, ChunkTranscript, 1) is None


def test_twelve_chunks_finishing_at_once_are_all_kept(store: FirestoreEntryStore) -> None:
    put(store, entry(revision=1))
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: store.transact(KEY, increment), range(12)))

    counted = store.get(KEY)
    assert counted is not None
    assert counted.revision == 13
