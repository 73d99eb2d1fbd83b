"""Semantic search: it finds only the user's own entries, and works the same on both backends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from functions.journal.assembly import Assembly
from functions.journal.search import EntrySearch
from functions.laptop.process import LocalProcess
from functions.shared.backends.connect import connect
from functions.shared.domain.changes import Write
from functions.shared.domain.content import Embedding
from functions.shared.domain.entries import Entry, EntryKey
from functions.shared.ports import EntryFilter, Ports
from functions.shared.runtime.settings import Settings
from functions.shared.text.embedding import embed_query
from functions.shared.text.encoder import ENCODER, load_encoder
from tests.support.cloud import Cloud
from tests.support.waiting import wait_until

NOTES = {
    "dog": "The vet says the puppy's leg is broken. We carried her home in a blanket.",
    "work": "My boss shouted at me in the meeting, in front of the whole office.",
    "sea": "We swam in the bay until our fingers were blue, and ate mussels on the sand.",
    "exam": "I passed the driving test at the third attempt and cried in the car park.",
}


@pytest.fixture
def samo(tmp_path: Path) -> LocalProcess:
    return LocalProcess(Settings(data_dir=str(tmp_path / "journal")))


@pytest.fixture
def client(samo: LocalProcess) -> Iterator[FlaskClient]:
    with samo, samo.app().test_client() as client:
        yield client


def fill(assembly: Assembly, uid: str = "me") -> dict[str, str]:
    """Create the notes and embed them by backfill; returns ids by name."""
    journal = assembly.journals(uid)
    ids = {name: journal.create_text_entry(text).entry.entry_id for name, text in NOTES.items()}
    for entry_id in ids.values():
        finish(assembly.ports, EntryKey(uid, entry_id))
    while assembly.backfill():
        pass
    return ids


def finish(ports: Ports, key: EntryKey) -> None:
    """Finish an entry without running its stages."""

    def change(entry: Entry | None, _: datetime) -> tuple[Write, None]:
        assert entry is not None
        return Write(entry=replace(entry, status="ready", pending_events=(), wake_at=None)), None

    ports.store.transact(key, change)


def test_a_finished_entry_is_found_in_other_words(client: FlaskClient) -> None:
    ids = {
        name: (client.post("/v1/entries", json={"text": text}).json or {})["id"]
        for name, text in NOTES.items()
    }
    wait_until(lambda: all(e["status"] == "ready" for e in (client.get("/v1/entries").json or {})["entries"]))
    response = client.get("/v1/search", query_string={"q": "an injured animal", "limit": 2})
    assert response.status_code == 200, response.text
    hits = (response.json or {})["results"]
    assert hits[0]["entry"]["id"] == ids["dog"]
    assert hits[0]["passage"] in NOTES["dog"]
    assert 0.0 < hits[1]["score"] <= hits[0]["score"] <= 1.0
    assert (response.json or {})["model"].startswith("text-encoder ")
    assert hits[0]["entry"]["transcript"] is None


def test_an_edited_entry_is_found_only_by_its_new_text(client: FlaskClient) -> None:
    entry = client.post("/v1/entries", json={"text": NOTES["sea"]}, headers={"Prefer": "wait=30"}).json or {}
    path = f"/v1/entries/{entry['id']}"
    client.patch(path, json={"text": NOTES["work"]})
    wait_until(lambda: (client.get(path).json or {})["status"] == "ready")
    (hit,) = (client.get("/v1/search?q=a quarrel at the office").json or {})["results"]
    assert hit["passage"] in NOTES["work"]
    client.delete(path)
    assert (client.get("/v1/search?q=a quarrel at the office").json or {})["results"] == []


def test_similar_entries_exclude_the_entry_itself(samo: LocalProcess, client: FlaskClient) -> None:
    ids = fill(samo.assembly)
    hits = (client.get(f"/v1/entries/{ids['dog']}/similar?limit=3").json or {})["results"]
    assert {hit["entry"]["id"] for hit in hits} == set(ids.values()) - {ids["dog"]}
    assert client.get("/v1/entries/none/similar").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%20", "q=x&limit=0", "q=x&limit=51", "q=" + "x" * 501, "q=%00"]
)
def test_invalid_searches_are_rejected(client: FlaskClient, query: str) -> None:
    response = client.get(f"/v1/search?{query}")
    assert response.status_code == 400
    assert (response.json or {})["code"] in ("invalid_parameter", "empty_text", "null_bytes")


def test_users_find_only_their_own_entries(samo: LocalProcess) -> None:
    fill(samo.assembly, "ada")
    assert samo.assembly.search.search("grace", "an injured animal", 5) == []


def test_a_search_can_be_filtered(samo: LocalProcess) -> None:
    ids = fill(samo.assembly)
    search, store = samo.assembly.search, samo.backend.store
    old = store.get(EntryKey("me", ids["sea"]))
    assert old is not None
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    moved = replace(old, recorded_at=long_ago)
    store.transact(old.key, lambda _, __: (Write(entry=moved), None))
    before = EntryFilter(until=long_ago + timedelta(days=1))
    hits = search.search("me", "an injured animal", 3, before)
    assert [hit.entry.entry_id for hit in hits] == [ids["sea"]]


def test_a_search_considers_more_passages_if_too_few_entries_match(samo: LocalProcess) -> None:
    journal, store = samo.assembly.journals("me"), samo.backend.store
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    old = journal.create_text_entry(NOTES["exam"], recorded_at=long_ago).entry
    recent = [
        journal.create_text_entry(f"The vet treated an injured animal, number {number}.").entry
        for number in range(6)
    ]
    for entry in (old, *recent):
        finish(samo.assembly.ports, entry.key)
    assert samo.assembly.backfill() == 7
    vector = embed_query(load_encoder(samo.settings.models_path / ENCODER), "an injured animal")
    nearest = store.find_nearest("me", samo.assembly.search.model, vector, 4)
    assert old.key not in {match.key for match in nearest}, "it is beyond the passages considered first"

    before = EntryFilter(until=long_ago + timedelta(days=1))
    hits = samo.assembly.search.search("me", "an injured animal", 1, before)

    assert [hit.entry.entry_id for hit in hits] == [old.entry_id]


def test_a_search_considers_more_passages_if_few_entries_have_the_best_ones(samo: LocalProcess) -> None:
    journal = samo.assembly.journals("me")
    sentence = "The vet treated an injured animal, and we carried it home in a blanket through the rain. "
    long = journal.create_text_entry(sentence * 200).entry
    other = journal.create_text_entry(NOTES["exam"]).entry
    for entry in (long, other):
        finish(samo.assembly.ports, entry.key)
    assert samo.assembly.backfill() == 2
    embedding = samo.backend.store.read(long.key, 1, Embedding)
    assert embedding is not None
    assert len(embedding.passages) > 2 * 4, "more than are considered first"

    hits = samo.assembly.search.search("me", "an injured animal", 2)

    assert [hit.entry.entry_id for hit in hits] == [long.entry_id, other.entry_id]


def test_a_new_model_reembeds_every_entry_and_ignores_old_embeddings(samo: LocalProcess) -> None:
    ids = fill(samo.assembly)
    store, search = samo.backend.store, samo.assembly.search
    stale = store.get(EntryKey("me", ids["dog"]))
    assert stale is not None
    known = store.read(stale.key, 1, Embedding)
    assert known is not None
    older = Write(entry=replace(stale, embedding_model="older 1"), pieces=(replace(known, model="older 1"),))
    store.transact(stale.key, lambda _, __: (older, None))
    assert ids["dog"] not in {hit.entry.entry_id for hit in search.search("me", "an injured animal", 5)}
    assert samo.assembly.backfill() == 1
    assert samo.assembly.backfill() == 0
    assert search.search("me", "an injured animal", 1)[0].entry.entry_id == ids["dog"]


@pytest.mark.emulators
def test_both_backends_return_the_same_hits(samo: LocalProcess, cloud: Cloud) -> None:
    cloud.enter()
    cloud.set_up()
    settings = replace(cloud.settings(), models_dir=samo.settings.models_dir)
    assemblies = samo.assembly, Assembly(connect(settings), settings)
    names = [{entry_id: name for name, entry_id in fill(assembly).items()} for assembly in assemblies]
    for query in ("an injured animal", "a holiday", "somebody was angry", "I made it at last"):
        hits = [
            _named(assembly.search, query, known) for assembly, known in zip(assemblies, names, strict=True)
        ]
        assert [name for name, _, _ in hits[0]] == [name for name, _, _ in hits[1]]
        assert [passage for _, passage, _ in hits[0]] == [passage for _, passage, _ in hits[1]]
        assert [similarity for *_, similarity in hits[0]] == pytest.approx(
            [similarity for *_, similarity in hits[1]], abs=1e-5
        )


def _named(search: EntrySearch, query: str, names: dict[str, str]) -> list[tuple[str, str, float]]:
    hits = search.search("me", query, 4)
    return [(names[hit.entry.entry_id], hit.passage, hit.similarity) for hit in hits]
