"""Search with a tiny encoder, on the local store: which entries are found, and which sentence is shown."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from functions.journal.search import EntrySearch
from functions.shared.domain import creation
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Embedding, EmptyReason, PassageVector, Segment, Transcript
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.ports import EntryFilter
from functions.shared.runtime.settings import Settings
from functions.shared.text.embedding import embed_query
from functions.shared.text.encoder import ENCODER, load_encoder
from tests.support.laptop import Client, Clock, Laptop

UID = "ada"
MODEL = "tiny-encoder 1.2.3"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OLD = EntryFilter(until=LONG_AGO + timedelta(days=1))


class Shelf:
    """Stores entries that are finished, and embeds their passages as a test wants them."""

    def __init__(self, laptop: Laptop, settings: Settings) -> None:
        self._laptop = laptop
        self._encoder = load_encoder(settings.models_path / ENCODER)
        self._vectors: dict[str, bytes] = {}

    def add(self, name: str, *passages: tuple[str, ...], model: str = MODEL, **fields: Any) -> Entry:
        """An entry that is embedded; each passage is its sentences."""
        vectors, first = [], 0
        for passage in passages:
            last = first + len(passage) - 1
            vectors.append(PassageVector(first=first, last=last, vector=self._vector(" ".join(passage))))
            first = last + 1
        sentences = [sentence for passage in passages for sentence in passage]
        embedding = Embedding(model=model, passages=tuple(vectors))
        return self._store(name, spoken(*sentences), embedding, embedding_model=model, **fields)

    def add_unembedded(self, name: str, *content: Transcript, **fields: Any) -> Entry:
        return self._store(name, *content, **fields)

    def _vector(self, text: str) -> bytes:
        if text not in self._vectors:
            self._vectors[text] = embed_query(self._encoder, text)
        return self._vectors[text]

    def _store(self, name: str, *content: Transcript | Embedding, **fields: Any) -> Entry:
        def create(_: Entry | None, now: datetime) -> tuple[Write, Entry]:
            new = creation.create_text_entry(EntryKey(UID, name), now)
            entry = replace(new, status=Status.READY, pending_events=(), wake_at=None, **fields)
            return Write(entry=entry, pieces=content), entry

        return self._laptop.store.transact(EntryKey(UID, name), create)


def spoken(*sentences: str) -> Transcript:
    return Transcript(text=" ".join(sentences), segments=tuple(Segment(text=text) for text in sentences))


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path / "journal", Clock())


@pytest.fixture
def settings(tiny_encoder: Path) -> Settings:
    return Settings(models_dir=str(tiny_encoder.rename(tiny_encoder.with_name(ENCODER)).parent))


@pytest.fixture
def client(laptop: Laptop, settings: Settings) -> Client:
    return Client(laptop.ports, settings, UID)


@pytest.fixture
def shelf(laptop: Laptop, settings: Settings) -> Shelf:
    return Shelf(laptop, settings)


@pytest.fixture
def search(laptop: Laptop, settings: Settings) -> EntrySearch:
    return EntrySearch(laptop.ports, settings)


Meanwhile = Callable[[str, Callable[[], object]], None]


@pytest.fixture
def meanwhile(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Makes a change right after the next call of a method of the store, as another request may."""

    def arrange(method: str, change: Callable[[], object]) -> None:
        call = getattr(laptop.store, method)

        def interrupted(*args: Any, **options: Any) -> Any:
            result = call(*args, **options)
            monkeypatch.setattr(laptop.store, method, call)
            change()
            return result

        monkeypatch.setattr(laptop.store, method, interrupted)

    return arrange


@pytest.fixture
def considered(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many passages each request to the store asked for."""
    find_nearest, limits = laptop.store.find_nearest, list[int]()

    def recorded(uid: str, model: str, vector: bytes, limit: int) -> Any:
        limits.append(limit)
        assert len(limits) < 20, "it never ends"
        return find_nearest(uid, model, vector, limit)

    monkeypatch.setattr(laptop.store, "find_nearest", recorded)
    return limits


@pytest.fixture
def fetched(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The entries that were read."""
    get_many, names = laptop.store.get_many, list[str]()

    def recorded(keys: Any) -> Any:
        names.extend(key.entry_id for key in keys)
        return get_many(keys)

    monkeypatch.setattr(laptop.store, "get_many", recorded)
    return names


def found(search: EntrySearch, text: str = "happy", limit: int = 10, **options: Any) -> list[str]:
    return [hit.entry.entry_id for hit in search.search(UID, text, limit, **options)]


def shown(search: EntrySearch, text: str = "happy") -> list[str]:
    return [hit.passage for hit in search.search(UID, text, 10)]


# -- the sentence that is shown -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "passage",
    [
        ("Happy rain.",),
        ("Happy rain.", "The train."),
        ("The train.", "Happy rain."),
        ("The train.", "Happy rain.", "Sad table."),
        ("The train.", "Sad table.", "Happy rain."),
    ],
)
def test_the_most_similar_sentence_of_a_passage_is_shown(
    search: EntrySearch, shelf: Shelf, passage: tuple[str, ...]
) -> None:
    shelf.add("e", passage)
    assert shown(search) == ["Happy rain."]


def test_each_hit_shows_a_sentence_of_its_own_passage(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add("one sentence", ("Happy.",))
    shelf.add("two", ("The rain.", "Happy glad train."))
    shelf.add("one more", ("Happy rain, sad train.",))
    shelf.add("three", ("The sad rain.", "Happy table.", "A sad, sad train."))
    assert found(search) == ["one sentence", "two", "one more", "three"]
    assert shown(search) == ["Happy.", "Happy glad train.", "Happy rain, sad train.", "Happy table."]


def test_only_sentences_of_the_matching_passage_are_shown(search: EntrySearch, shelf: Shelf) -> None:
    before, after = ("Sad rain, sad train.", "Glad."), ("Glad.", "Sad rain, sad train.")
    shelf.add("e", before, ("The happy rain.", "Happy train."), after)
    (hit,) = search.search(UID, "happy", 10)
    assert hit.passage == "Happy train."
    assert hit.similarity == pytest.approx(2 / 7**0.5), "of the whole passage"


def test_the_segments_of_a_spoken_transcript_are_shown_as_they_are(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add_unembedded("e", spoken("The train was sad. And", "happy we were", "in the rain."))
    search.backfill(10)
    assert shown(search) == ["happy we were"]


def test_a_transcript_without_segments_is_split_into_sentences(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add_unembedded("e", Transcript(text="The train was sad. We were happy. It was the rain."))
    search.backfill(10)
    assert shown(search) == ["We were happy."]


def test_an_entry_edited_while_it_is_read_is_shown_without_a_sentence(
    search: EntrySearch, shelf: Shelf, client: Client, meanwhile: Meanwhile
) -> None:
    entry = shelf.add("e", ("Happy.", "Sad."))
    meanwhile("get_many", lambda: client.edit(entry.key, "Rain."))
    assert shown(search) == [""]


# -- which entries are found --------------------------------------------------------------------------


def test_the_most_similar_entries_come_first_and_no_more_than_asked_for(
    search: EntrySearch, shelf: Shelf
) -> None:
    shelf.add("third", ("Happy sad rain.",))
    shelf.add("first", ("Happy.",))
    shelf.add("fourth", ("Sad.",))
    shelf.add("second", ("Happy rain.",), ("Happy train.",))
    assert [found(search, limit=limit) for limit in (1, 2, 3)] == [
        ["first"],
        ["first", "second"],
        ["first", "second", "third"],
    ]
    assert found(search) == ["first", "second", "third", "fourth"]


def test_no_more_than_asked_for_are_found_if_some_of_the_best_are_filtered_out(
    search: EntrySearch, shelf: Shelf
) -> None:
    shelf.add("new", ("Happy.",))
    for number in range(5):
        shelf.add(f"old {number}", ("Happy rain.",), recorded_at=LONG_AGO)
    assert len(found(search, limit=2, where=OLD)) == 2


def test_entries_of_a_batch_are_not_found(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add("part", ("Happy.",), job_id="job")
    assert found(search) == []


def test_an_entry_deleted_during_the_search_is_not_found(
    search: EntrySearch, shelf: Shelf, client: Client, meanwhile: Meanwhile
) -> None:
    entry = shelf.add("e", ("Happy.",))
    meanwhile("find_nearest", lambda: client.delete(entry.key))
    assert found(search) == []


def test_an_entry_edited_during_the_search_is_not_found_by_its_old_text(
    search: EntrySearch, shelf: Shelf, client: Client, meanwhile: Meanwhile
) -> None:
    entry = shelf.add("e", ("Happy.",))
    meanwhile("find_nearest", lambda: client.edit(entry.key, "Sad."))
    assert found(search) == []


def test_an_entry_of_an_account_deleted_during_the_search_is_not_found(
    search: EntrySearch, shelf: Shelf, laptop: Laptop, meanwhile: Meanwhile
) -> None:
    entry = shelf.add("e", ("Happy.",))
    meanwhile("find_nearest", lambda: laptop.store.purge(entry.key))
    assert found(search) == []


# -- how much is considered ---------------------------------------------------------------------------


def test_passages_are_considered_until_enough_entries_pass_the_filter(
    search: EntrySearch, shelf: Shelf, considered: list[int], fetched: list[str]
) -> None:
    for number in range(30):
        shelf.add(f"new {number}", ("Happy.",))
    shelf.add("old", ("Happy rain.",), recorded_at=LONG_AGO)
    shelf.add("far", *[("Sad.",)] * 300)

    assert found(search, limit=1, where=OLD) == ["old"]

    assert considered == sorted(set(considered)), "more each time"
    assert sum(limit > 30 for limit in considered) == 1, "no more once it is found"
    assert len(fetched) == len(set(fetched)), "no entry is read twice"


def test_nothing_more_is_considered_if_the_best_entries_pass(
    search: EntrySearch, shelf: Shelf, considered: list[int], fetched: list[str]
) -> None:
    for number in range(20):
        shelf.add(f"e{number}", ("Happy.",))
    assert len(found(search, limit=3)) == 3
    assert len(considered) == 1
    assert len(fetched) == 3


def test_nothing_more_is_considered_once_all_passages_are_known(
    search: EntrySearch, shelf: Shelf, considered: list[int]
) -> None:
    for number in range(3):
        shelf.add(f"e{number}", ("Happy.",), ("Sad.",))
    assert len(found(search, limit=5)) == 3
    assert len(considered) == 1


@pytest.mark.parametrize(("nearer", "names"), [(999, ["long", "other"]), (1000, ["long"])])
def test_a_thousand_passages_are_considered_at_most(
    search: EntrySearch, shelf: Shelf, considered: list[int], nearer: int, names: list[str]
) -> None:
    shelf.add("long", *[("Happy.",)] * nearer)
    shelf.add("other", ("Happy rain.",))
    assert found(search, limit=2) == names
    assert max(considered) == 1000, "the most that Firestore accepts"


# -- similar entries ----------------------------------------------------------------------------------


def test_similar_entries_are_others_and_show_what_is_similar(search: EntrySearch, shelf: Shelf) -> None:
    entry = shelf.add("e", ("Happy.",), ("Rain.",))
    shelf.add("near", ("Sad train.", "Happy rain.", "The table."))
    shelf.add("far", ("Sad.",))
    assert [(hit.entry.entry_id, hit.passage) for hit in search.similar(entry, 2)] == [
        ("near", "Happy rain."),
        ("far", "Sad."),
    ]
    assert [hit.entry.entry_id for hit in search.similar(entry, 1)] == ["near"]


def test_an_entry_that_is_not_embedded_has_no_similar_entries(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add("other", ("Happy.",))
    assert search.similar(shelf.add_unembedded("e", spoken("Happy.")), 5) == []


def test_an_entry_embedded_by_another_model_has_no_similar_entries(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add("other", ("Happy.",))
    assert search.similar(shelf.add("e", ("Happy.",), model="older 1"), 5) == []


def test_an_entry_without_words_has_no_similar_entries(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add("other", ("Happy.",))
    assert search.similar(shelf.add("e"), 5) == []


# -- backfill -----------------------------------------------------------------------------------------


def test_backfill_embeds_what_is_missing_a_few_at_a_time(search: EntrySearch, shelf: Shelf) -> None:
    for name in ("a", "b", "c"):
        shelf.add_unembedded(name, spoken("Happy."))
    shelf.add("known", ("Happy.",))
    assert [search.backfill(2) for _ in range(3)] == [2, 1, 0]
    assert sorted(found(search)) == ["a", "b", "c", "known"]


def test_an_entry_without_a_transcript_is_embedded_only_once(search: EntrySearch, shelf: Shelf) -> None:
    shelf.add_unembedded("e")
    assert [search.backfill(2) for _ in range(2)] == [1, 0]
    assert found(search) == []


def test_backfill_is_logged_if_it_did_something(
    search: EntrySearch, shelf: Shelf, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("samo"), "propagate", True)
    shelf.add_unembedded("e", spoken("Happy."))
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            search.backfill(10)
    (record,) = caplog.records
    assert record.message == "embedded"
    assert vars(record)["facts"] == {"count": 1, "model": MODEL}


@pytest.mark.parametrize("read", ["get", "read"])
def test_an_entry_edited_while_it_is_embedded_does_not_get_the_old_embedding(
    search: EntrySearch, shelf: Shelf, laptop: Laptop, client: Client, meanwhile: Meanwhile, read: str
) -> None:
    key = shelf.add_unembedded("e", spoken("Happy.")).key
    meanwhile(read, lambda: client.edit(key, "Sad."))
    search.backfill(10)
    entry = laptop.store.get(key)
    assert entry is not None
    assert (entry.revision, entry.embedding_model) == (2, None)
    assert laptop.store.read(key, 2, Embedding) is None
    assert found(search) == []


@pytest.mark.parametrize("read", ["list_unembedded", "get", "read"])
def test_nothing_is_stored_for_an_entry_deleted_while_it_is_embedded(
    search: EntrySearch, shelf: Shelf, laptop: Laptop, client: Client, meanwhile: Meanwhile, read: str
) -> None:
    key = shelf.add_unembedded("e", spoken("Happy.")).key
    meanwhile(read, lambda: client.delete(key))
    search.backfill(10)
    entry = laptop.store.get(key)
    assert entry is not None
    assert entry.embedding_model is None
    assert laptop.store.read(key, entry.revision, Embedding) is None


@pytest.mark.parametrize("read", ["list_unembedded", "get", "read"])
def test_nothing_is_stored_for_an_account_deleted_while_its_entry_is_embedded(
    search: EntrySearch, shelf: Shelf, laptop: Laptop, meanwhile: Meanwhile, read: str
) -> None:
    key = shelf.add_unembedded("e", spoken("Happy.")).key
    meanwhile(read, lambda: laptop.store.purge(key))
    search.backfill(10)
    assert laptop.store.get(key) is None
    assert laptop.store.read(key, 1, Embedding) is None


# -- other languages ------------------------------------------------------------------------------

GERMAN = spoken("Der Garten war voller Äpfel.", "Oma lachte.")


def stored_before_words(laptop: Laptop, shelf: Shelf) -> Entry:
    """An entry in German as it was stored before segments had a language and search knew their words."""
    entry = shelf.add_unembedded(
        "garten", GERMAN, empty_reason=EmptyReason.UNSUPPORTED_LANGUAGE, language="de", embedding_model=MODEL
    )
    with closing(sqlite3.connect(laptop.folder / "journal.db")) as db, db:
        db.execute("PRAGMA user_version = 2")
    return entry


def test_entries_from_before_are_found_by_word_once_the_journal_was_opened(
    laptop: Laptop, shelf: Shelf, settings: Settings
) -> None:
    entry = stored_before_words(laptop, shelf)
    english = shelf.add("train", ("the train was there",))
    reopened = Laptop(laptop.folder, Clock())
    search = EntrySearch(reopened.ports, settings)
    assert search.search(UID, "apfel", 5) == search.search(UID, "apfel", 5, EntryFilter())
    assert search.backfill(10) == 1
    (hit, *_) = search.search(UID, "apfel", 5)
    assert (hit.entry.entry_id, hit.by_words, hit.passage) == (entry.entry_id, True, GERMAN.segments[0].text)
    assert hit.entry.opening == GERMAN.text
    assert reopened.store.read(entry.key, 1, Embedding) == Embedding(model=MODEL)
    assert reopened.store.get(english.key) == english


def test_a_new_model_does_not_read_other_languages(shelf: Shelf, search: EntrySearch, laptop: Laptop) -> None:
    segments = (Segment(text="the train was there"), Segment(text="Der Zug war da.", language="de"))
    transcript = Transcript(text="the train was there Der Zug war da.", segments=segments)
    entry = shelf.add_unembedded("mixed", transcript)
    search.backfill(10)
    embedding = laptop.store.read(entry.key, 1, Embedding)
    assert embedding is not None
    assert [(passage.first, passage.last) for passage in embedding.passages] == [(0, 0)]
    assert [hit.entry.entry_id for hit in search.search(UID, "zug", 5) if hit.by_words] == ["mixed"]


def test_words_of_other_users_and_of_deleted_entries_are_not_found(
    shelf: Shelf, search: EntrySearch, client: Client
) -> None:
    shelf.add("garten", ("Der Garten.",), words=("der", "garten"))
    assert [hit.by_words for hit in search.search(UID, "Garten", 5)] == [True]
    assert search.search("eve", "Garten", 5) == []
    client.delete(EntryKey(UID, "garten"))
    assert search.search(UID, "Garten", 5) == []
