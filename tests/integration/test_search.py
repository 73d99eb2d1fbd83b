"""Search over one's own words: by meaning, among one's own entries alone, on both backends alike."""

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
from tests.support.cloud import Cloud
from tests.support.waiting import until

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
    """The notes, embedded by backfill; ids by name."""
    journal = assembly.journals(uid)
    made = {name: journal.create_text_entry(text).entry_id for name, text in NOTES.items()}
    for entry_id in made.values():
        finish(assembly.ports, EntryKey(uid, entry_id))
    while assembly.backfill():
        pass
    return made


def finish(ports: Ports, key: EntryKey) -> None:
    """As the stages would leave it, without their findings."""

    def change(entry: Entry | None, _: datetime) -> tuple[Write, None]:
        assert entry is not None
        return Write(entry=replace(entry, status="ready", pending_events=(), wake_at=None)), None

    ports.store.transact(key, change)


def test_an_entry_is_found_in_other_words_once_it_is_ready(client: FlaskClient) -> None:
    made = {
        name: (client.post("/v1/entries", json={"text": text}).json or {})["id"]
        for name, text in NOTES.items()
    }
    until(lambda: all(e["status"] == "ready" for e in (client.get("/v1/entries").json or {})["entries"]))
    answer = client.get("/v1/search", query_string={"q": "an injured animal", "limit": 2})
    assert answer.status_code == 200, answer.text
    found = (answer.json or {})["results"]
    assert found[0]["entry"]["id"] == made["dog"]
    assert found[0]["passage"] in NOTES["dog"]
    assert 0.0 < found[1]["score"] <= found[0]["score"] <= 1.0
    assert (answer.json or {})["model"].startswith("text-encoder ")
    assert found[0]["entry"]["transcript"] is None


def test_an_edited_entry_is_found_by_its_new_words_only(client: FlaskClient) -> None:
    entry = client.post("/v1/entries", json={"text": NOTES["sea"]}, headers={"Prefer": "wait=30"}).json or {}
    path = f"/v1/entries/{entry['id']}"
    client.patch(path, json={"text": NOTES["work"]})
    until(lambda: (client.get(path).json or {})["status"] == "ready")
    (found,) = (client.get("/v1/search?q=a quarrel at the office").json or {})["results"]
    assert found["passage"] in NOTES["work"]
    client.delete(path)
    assert (client.get("/v1/search?q=a quarrel at the office").json or {})["results"] == []


def test_entries_like_this_one_are_others(samo: LocalProcess, client: FlaskClient) -> None:
    made = fill(samo.assembly)
    found = (client.get(f"/v1/entries/{made['dog']}/similar?limit=3").json or {})["results"]
    assert {each["entry"]["id"] for each in found} == set(made.values()) - {made["dog"]}
    assert client.get("/v1/entries/none/similar").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%20", "q=x&limit=0", "q=x&limit=51", "q=" + "x" * 501, "q=%00"]
)
def test_a_search_for_nothing_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/v1/search?{query}")
    assert answer.status_code == 400
    assert (answer.json or {})["code"] in ("invalid_parameter", "empty_text", "null_bytes")


def test_nobody_finds_anothers_words(samo: LocalProcess) -> None:
    fill(samo.assembly, "ada")
    assert samo.assembly.search.search("grace", "an injured animal", 5) == []


def test_a_search_may_be_among_some_entries_only(samo: LocalProcess) -> None:
    made = fill(samo.assembly)
    memory, store = samo.assembly.search, samo.backend.store
    old = store.get(EntryKey("me", made["sea"]))
    assert old is not None
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    moved = replace(old, recorded_at=long_ago)
    store.transact(old.key, lambda _, __: (Write(entry=moved), None))
    among = EntryFilter(until=long_ago + timedelta(days=1))
    found = memory.search("me", "an injured animal", 3, among)
    assert [each.entry.entry_id for each in found] == [made["sea"]]


def test_a_new_model_learns_every_entry_and_does_not_compare_with_the_old(samo: LocalProcess) -> None:
    made = fill(samo.assembly)
    store, memory = samo.backend.store, samo.assembly.search
    stale = store.get(EntryKey("me", made["dog"]))
    assert stale is not None
    known = store.read(stale.key, 1, Embedding)
    assert known is not None
    older = Write(entry=replace(stale, embedding_model="older 1"), pieces=(replace(known, model="older 1"),))
    store.transact(stale.key, lambda _, __: (older, None))
    assert made["dog"] not in {each.entry.entry_id for each in memory.search("me", "an injured animal", 5)}
    assert samo.assembly.backfill() == 1
    assert samo.assembly.backfill() == 0
    assert memory.search("me", "an injured animal", 1)[0].entry.entry_id == made["dog"]


@pytest.mark.emulators
def test_both_backends_find_the_same(samo: LocalProcess, cloud: Cloud) -> None:
    cloud.enter()
    cloud.set_up()
    settings = replace(cloud.settings(), models_dir=samo.settings.models_dir)
    assemblies = samo.assembly, Assembly(connect(settings), settings)
    names = [{entry_id: name for name, entry_id in fill(each).items()} for each in assemblies]
    for query in ("an injured animal", "a holiday", "somebody was angry", "I made it at last"):
        found = [_named(each.search, query, known) for each, known in zip(assemblies, names, strict=True)]
        assert [name for name, _, _ in found[0]] == [name for name, _, _ in found[1]]
        assert [passage for _, passage, _ in found[0]] == [passage for _, passage, _ in found[1]]
        assert [one for *_, one in found[0]] == pytest.approx([one for *_, one in found[1]], abs=1e-5)


def _named(memory: EntrySearch, query: str, names: dict[str, str]) -> list[tuple[str, str, float]]:
    found = memory.search("me", query, 4)
    return [(names[each.entry.entry_id], each.passage, each.similarity) for each in found]
