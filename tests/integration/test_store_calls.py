"""How many store calls common requests need. In the cloud, each one is a round trip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from functions.journal.assembly import Assembly
from functions.shared.access.authorization import allow_identified
from functions.shared.access.identity import client_identity
from functions.shared.backends.connect import connect
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain.changes import Write
from functions.shared.domain.entries import Entry, EntryKey, Event, EventType, Status
from functions.shared.domain.events import make_event
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from functions.shared.text.encoder import TextEncoder
from functions.shared.web.app import create_app
from tests.support import fake_stages
from tests.support.api import wav
from tests.support.cloud import Cloud
from tests.support.counted import count_calls

FEELINGS = (
    "glad",
    "sad",
    "calm",
    "tired",
    "proud",
    "angry",
    "bored",
    "shy",
    "hopeful",
    "lonely",
    "busy",
    "ill",
)


class Journal:
    """The journal's API over counted ports."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self.ports = ports
        counted, self.calls = count_calls(ports)
        self.assembly = Assembly(counted, settings)
        self.pipeline = Pipeline(counted, settings, fake_stages.fake_stages())
        identify = client_identity(Settings(), lambda: pytest.fail("no keys locally"))
        app = create_app(self.assembly.routes(), Settings(), allow_identified(identify))
        self.client: FlaskClient = app.test_client()

    def calls_of(self, request: Callable[[], Any]) -> list[str]:
        """The calls made during one request."""
        self.calls.clear()
        request()
        return list(self.calls)


@pytest.fixture(params=["local", pytest.param("gcp", marks=pytest.mark.emulators)])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    if request.param == "local":
        settings = Settings(data_dir=str(tmp_path))
        yield Journal(LocalBackend(settings).ports, settings)
        return
    cloud: Cloud = request.getfixturevalue("cloud")
    cloud.enter()
    cloud.set_up()
    yield Journal(connect(cloud.settings()), cloud.settings())


def create(journal: Journal, text: str = "I passed the exam.", **headers: str) -> dict[str, Any]:
    response = journal.client.post("/v1/entries", json={"text": text}, headers=headers)
    assert response.status_code == 201, response.text
    return dict(response.json or {})


def test_a_text_entry_takes_four_calls(journal: Journal) -> None:
    calls = journal.calls_of(lambda: create(journal))
    assert calls == ["records.get", "store.transact", "bus.publish", "store.transact"]


def test_the_response_to_a_new_text_entry_has_its_transcript(journal: Journal) -> None:
    created = create(journal, "It rained. I stayed in.")
    assert [segment["text"] for segment in created["transcript"]["segments"]] == [
        "It rained.",
        "I stayed in.",
    ]
    assert created["insight"]["arc"] is None
    stored = journal.client.get(f"/v1/entries/{created['id']}").json or {}
    assert stored["transcript"] == created["transcript"]


def test_an_idempotency_key_costs_one_more_call(journal: Journal) -> None:
    key = {"Idempotency-Key": "first"}
    calls = journal.calls_of(lambda: create(journal, **key))
    assert calls == ["records.transact", "records.get", "store.transact", "bus.publish", "store.transact"]


def test_a_repeated_request_takes_five_calls(journal: Journal) -> None:
    key = {"Idempotency-Key": "first"}
    first = create(journal, **key)
    responses = []
    calls = journal.calls_of(lambda: responses.append(create(journal, **key)))
    assert calls == ["records.transact", "records.get", "store.transact", "store.get", "store.read"]
    assert (responses[0]["id"], responses[0]["transcript"]) == (first["id"], first["transcript"])


def test_a_recording_takes_six_calls(journal: Journal) -> None:
    def post() -> None:
        response = journal.client.post("/v1/entries", data=wav(), content_type="audio/wav")
        assert response.status_code == 201, response.text

    assert journal.calls_of(post) == [
        "records.get",
        "store.transact",
        "audio.put",
        "store.transact",
        "bus.publish",
        "store.transact",
    ]


def test_an_edit_takes_three_calls(journal: Journal) -> None:
    path = f"/v1/entries/{create(journal)['id']}"
    calls = journal.calls_of(lambda: journal.client.patch(path, json={"text": "New words."}))
    assert calls == ["store.transact", "bus.publish", "store.transact"]


def test_emotion_detection_reads_only_the_transcript(journal: Journal) -> None:
    event = transcribed(journal, create(journal)["id"])
    assert journal.calls_of(lambda: journal.pipeline.handle(event)) == [
        "store.transact",
        "store.read",
        "store.transact",
        "bus.publish",
        "store.transact",
    ]


def test_a_summary_reads_the_transcript_and_the_arc(journal: Journal) -> None:
    event = transcribed(journal, create(journal)["id"])
    journal.pipeline.handle(event)
    event = replace(event, type=EventType.EMOTIONS_DETECTED)
    calls = Counter(journal.calls_of(lambda: journal.pipeline.handle(event)))
    assert calls == {"store.transact": 3, "store.read": 2, "bus.publish": 1}


def test_a_search_with_ten_hits_takes_four_calls_and_two_encoder_runs(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(journal)
    runs = []
    encode = TextEncoder.encode

    def counted(self: TextEncoder, texts: Any, **options: Any) -> Any:
        runs.append(len(texts))
        return encode(self, texts, **options)

    monkeypatch.setattr(TextEncoder, "encode", counted)
    found = []
    calls = journal.calls_of(lambda: found.append(search(journal, "a good day", 10)))
    assert len(found[0]) == 10
    assert calls == ["store.list_entries", "store.find_nearest", "store.get_many", "store.read_many"]
    assert runs == [1, 20], "the query, then two sentences of each hit together"


def test_filtered_out_entries_cost_one_more_call(journal: Journal) -> None:
    ids = fill(journal)
    first = search(journal, "a good day", 1)[0]["entry"]["id"]
    calls = journal.calls_of(lambda: journal.client.get(f"/v1/entries/{first}/similar?limit=10"))
    assert calls == [
        "store.get",
        "store.read",
        "store.find_nearest",
        "store.get_many",
        "store.get_many",
        "store.read_many",
    ]
    assert len(ids) == 12


def transcribed(journal: Journal, entry_id: str) -> Event:
    (key,) = journal.ports.store.list_keys("me", 10)
    assert key.entry_id == entry_id
    return make_event(EventType.TRANSCRIBED, key, 1)


def fill(journal: Journal) -> list[str]:
    """Twelve entries of two sentences, finished and embedded."""

    def finish(entry: Entry | None, _: Any) -> tuple[Write, None]:
        assert entry is not None
        return Write(entry=replace(entry, status=Status.READY, pending_events=(), wake_at=None)), None

    ids = [create(journal, f"I felt {feeling} today. It was a long day.")["id"] for feeling in FEELINGS]
    for entry_id in ids:
        journal.ports.store.transact(EntryKey("me", entry_id), finish)
    assert journal.assembly.backfill() == len(ids)
    return ids


def search(journal: Journal, query: str, limit: int) -> list[dict[str, Any]]:
    response = journal.client.get("/v1/search", query_string={"q": query, "limit": limit})
    assert response.status_code == 200, response.text
    return list((response.json or {})["results"])
