"""Filters, idempotency, feedback, streams, uploads and jobs, over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from functions.laptop.process import MAX_STREAMS, LocalProcess
from functions.shared.runtime.settings import Settings
from tests.support import api
from tests.support.api import form, problem, wav
from tests.support.waiting import wait_until

TEXT = "I was afraid of this day, and then it was lovely. Thank you all so much."


@pytest.fixture
def samo(tmp_path: Path) -> LocalProcess:
    return LocalProcess(Settings(data_dir=str(tmp_path / "journal"), max_pending_uploads=2))


@pytest.fixture
def client(samo: LocalProcess) -> Iterator[FlaskClient]:
    with samo.app().test_client() as client:
        yield client


@pytest.fixture
def working(samo: LocalProcess) -> Iterator[FlaskClient]:
    """A client of the same application while its workers run."""
    with samo, samo.app().test_client() as client:
        yield client


def create(client: FlaskClient, text: str = TEXT, **fields: str) -> dict[str, Any]:
    return api.create(client, text, **fields)


def ids(response: Any) -> list[str]:
    return [entry["id"] for entry in response.json["entries"]]


# -- lists ----------------------------------------------------------------------------------------


def test_lists_can_be_filtered_by_time(client: FlaskClient) -> None:
    created = [create(client, recorded_at=f"2026-01-0{day}T08:00:00Z")["id"] for day in range(1, 6)]
    span = {"from": "2026-01-02T08:00:00Z", "to": "2026-01-04T08:00:00Z"}
    assert ids(client.get("/v1/entries", query_string=span)) == [created[2], created[1]]
    assert problem(client.get("/v1/entries?from=yesterday")) == (400, "invalid_parameter")


def test_lists_can_be_filtered_by_emotion(working: FlaskClient) -> None:
    thanks = create(working, "Thank you so much, I am deeply grateful to you all.")["id"]
    create(working, "The train left at nine and arrived at ten.")
    wait_until(
        lambda: all(e["status"] == "ready" for e in (working.get("/v1/entries").json or {})["entries"])
    )
    assert ids(working.get("/v1/entries?emotion=gratitude")) == [thanks]
    assert ids(working.get("/v1/entries?emotion=gratitude&emotion=joy&topic=nowhere")) == []


# -- idempotency and waiting ----------------------------------------------------------------------------


def test_a_request_repeated_with_its_key_creates_one_entry(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first = client.post("/v1/entries", json={"text": TEXT}, headers=headers)
    again = client.post("/v1/entries", json={"text": TEXT}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json or {})["id"] == (again.json or {})["id"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(ids(client.get("/v1/entries"))) == 1


def test_a_recording_repeated_with_its_key_creates_one_entry_in_any_encoding(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "note-1"}
    for _ in range(2):
        response = client.post("/v1/entries", **form(("note.wav", wav())), headers=headers)
        assert response.status_code == 201, response.text
    raw = client.post("/v1/entries", data=wav(), content_type="audio/wav", headers=headers)
    assert raw.status_code == 201
    assert len(ids(client.get("/v1/entries"))) == 1


def test_an_upload_session_is_created_once_per_key(client: FlaskClient) -> None:
    headers, new = {"Idempotency-Key": "note-2"}, {"size": len(wav()), "content_type": "audio/wav"}
    first, again = (client.post("/v1/uploads", json=new, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    opened = first.json or {}
    assert client.put(opened["url"], data=wav(), headers=opened["headers"]).status_code == 200
    late = client.post("/v1/uploads", json=new, headers=headers).json or {}
    assert (late["entry"]["id"], late["entry"]["status"]) == (opened["entry"]["id"], "processing")
    client.delete(f"/v1/entries/{opened['entry']['id']}")
    assert problem(client.post("/v1/uploads", json=new, headers=headers)) == (409, "entry_deleted")


def test_reused_and_malformed_idempotency_keys_are_rejected(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "one"}
    client.post("/v1/entries", json={"text": TEXT}, headers=headers)
    other = client.post("/v1/entries", json={"text": "Other words."}, headers=headers)
    assert problem(other) == (422, "idempotency_key_reused")
    none = client.post("/v1/entries", json={"text": TEXT}, headers={"Idempotency-Key": "x" * 256})
    assert problem(none) == (400, "invalid_parameter")


def test_prefer_wait_returns_the_insight(working: FlaskClient) -> None:
    response = working.post("/v1/entries", json={"text": TEXT}, headers={"Prefer": "wait=30"})
    entry = response.json or {}
    assert response.headers["Preference-Applied"] == "wait=30"
    assert entry["status"] == "ready"
    assert entry["insight"]["summary"]["text"]


def test_prefer_wait_returns_after_its_time_without_an_insight(client: FlaskClient) -> None:
    response = client.post("/v1/entries", json={"text": TEXT}, headers={"Prefer": "wait=1"})
    assert (response.json or {})["status"] == "processing"


# -- feedback -------------------------------------------------------------------------------------


def test_feedback_replaces_earlier_feedback_and_survives_edits(client: FlaskClient) -> None:
    path = f"/v1/entries/{create(client)['id']}"
    agreed = {"emotion": "fear", "verdict": "agree"}
    assert client.put(f"{path}/feedback", json=agreed).status_code == 200
    corrected = {"emotion": "fear", "verdict": "correct", "correction": "nervousness"}
    client.put(f"{path}/feedback", json=corrected)
    client.put(f"{path}/feedback", json={"emotion": "joy", "verdict": "disagree", "segment": 1})
    client.patch(path, json={"text": "Other words."})
    feedback = (client.get(path).json or {})["feedback"]
    assert [(item["emotion"], item["verdict"], item["revision"]) for item in feedback] == [
        ("fear", "correct", 1),
        ("joy", "disagree", 1),
    ]
    assert feedback[0]["correction"] == "nervousness"


@pytest.mark.parametrize(
    "feedback",
    [
        {"emotion": "fear", "verdict": "maybe"},
        {"emotion": "fear", "verdict": "correct"},
        {"emotion": "fear", "verdict": "agree", "correction": "joy"},
        {"emotion": "", "verdict": "agree"},
        {"emotion": "fear", "verdict": "agree", "segment": -1},
    ],
    ids=str,
)
def test_invalid_feedback_is_rejected(client: FlaskClient, feedback: dict[str, Any]) -> None:
    path = f"/v1/entries/{create(client)['id']}/feedback"
    assert problem(client.put(path, json=feedback)) == (400, "invalid_field")


def test_feedback_is_deleted_with_its_entry(client: FlaskClient, samo: LocalProcess) -> None:
    path = f"/v1/entries/{create(client)['id']}"
    client.put(f"{path}/feedback", json={"emotion": "fear", "verdict": "agree"})
    client.delete(path)
    assert problem(client.put(f"{path}/feedback", json={"emotion": "fear", "verdict": "agree"})) == (
        404,
        "entry_not_found",
    )
    (key,) = samo.backend.store.list_keys("me", 10)
    tombstone = samo.backend.store.get(key)
    assert tombstone is not None
    assert tombstone.feedback == ()


# -- streams --------------------------------------------------------------------------------------


def events(response: Any) -> list[str]:
    return [line.removeprefix("event: ") for line in response.text.splitlines() if line.startswith("event: ")]


def test_a_stream_resumes_after_the_last_event_id(working: FlaskClient) -> None:
    entry = working.post("/v1/entries", json={"text": TEXT}, headers={"Prefer": "wait=30"}).json or {}
    path = f"/v1/entries/{entry['id']}"
    whole = working.get(f"{path}/events")
    assert events(whole) == ["entry", "end"]
    seen = working.get(path).headers["ETag"].strip('"')
    assert events(working.get(f"{path}/events", headers={"Last-Event-ID": seen})) == ["end"]


def test_a_stream_is_cut_after_five_minutes(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.journal.api.progress_stream.MAX_STREAM_S", 0.0)
    path = f"/v1/entries/{create(client)['id']}/events"
    assert events(client.get(path)) == ["entry", "cut"]


def test_closing_a_stream_frees_its_slot(client: FlaskClient) -> None:
    path = f"/v1/entries/{create(client)['id']}/events"
    streams = [client.get(path) for _ in range(MAX_STREAMS)]
    assert {stream.status_code for stream in streams} == {200}
    assert problem(client.get(path)) == (503, "too_many_streams")
    for stream in streams:
        stream.close()
    for _ in range(MAX_STREAMS + 1):
        with client.get(path) as response:
            assert response.status_code == 200


# -- uploads --------------------------------------------------------------------------------------


def test_pending_uploads_are_limited(client: FlaskClient) -> None:
    new = {"size": 100, "content_type": "audio/wav"}
    opened = [client.post("/v1/uploads", json=new) for _ in range(3)]
    assert [response.status_code for response in opened] == [201, 201, 409]
    assert problem(opened[2]) == (409, "too_many_uploads")
    client.delete(f"/v1/entries/{(opened[0].json or {})['entry']['id']}")
    assert client.post("/v1/uploads", json=new).status_code == 201


# -- jobs -----------------------------------------------------------------------------------------


def finished(client: FlaskClient, response: Any) -> dict[str, Any]:
    """The job when it is final."""
    assert response.status_code == 202, response.text
    path = response.headers["Location"]
    wait_until(lambda: (client.get(path).json or {})["state"] not in ("queued", "running"))
    return dict(client.get(path).json or {})


def test_an_export_contains_everything_but_deleted_entries(working: FlaskClient) -> None:
    typed = create(working)
    spoken = working.post("/v1/entries", data=wav(), content_type="audio/wav").json or {}
    deleted = create(working, "A secret.")
    working.delete(f"/v1/entries/{deleted['id']}")
    job = finished(working, working.post("/v1/exports"))
    assert (job["state"], job["done"], job["total"]) == ("done", 2, 2)
    response = working.get(job["result"], buffered=True)
    assert response.mimetype == "application/zip"
    assert "attachment" in response.headers["Content-Disposition"]
    with ZipFile(io.BytesIO(response.data)) as archive:
        names = set(archive.namelist())
        entry = next(name for name in names if typed["id"] in name)
        assert json.loads(archive.read(entry))["transcript"]["text"] == TEXT
        assert archive.read(f"audio/{spoken['id']}.wav") == wav()
        assert {"README.txt", "account.json", "keys.json"} <= names
        assert not any(deleted["id"] in name for name in names)
        assert all(b"A secret." not in archive.read(name) for name in names)


def test_an_export_is_a_job(client: FlaskClient) -> None:
    response = client.post("/v1/exports")
    job = response.json or {}
    assert (job["state"], job["kind"], job["result"]) == ("queued", "export", None)
    assert problem(client.get(f"/v1/jobs/{job['id']}/result")) == (409, "job_not_done")
    cancelled = client.post(f"/v1/jobs/{job['id']}/cancel")
    assert (cancelled.json or {})["state"] == "cancelled"
    assert [job["state"] for job in (client.get("/v1/jobs").json or {})["jobs"]] == ["cancelled"]
    assert problem(client.get("/v1/jobs/none")) == (404, "job_not_found")


def test_concurrent_exports_are_limited(client: FlaskClient) -> None:
    responses = [client.post("/v1/exports") for _ in range(4)]
    assert [response.status_code for response in responses] == [202, 202, 202, 409]


@pytest.mark.models
def test_several_recordings_are_transcribed_in_a_batch(working: FlaskClient, recordings: Path) -> None:
    sent = form(("first.wav", (recordings / "beckett.wav").read_bytes()), ("silence.wav", wav(2.0)))
    job = finished(working, working.post("/transcribe/batch", **sent))
    assert (job["state"], job["done"], job["total"]) == ("done", 2, 2)
    first, second = (working.get(job["result"]).json or {})["recordings"]
    assert (first["name"], second["name"]) == ("first.wav", "silence.wav")
    assert "fail" in first["text"].lower()
    assert second["empty_reason"] == "no_speech"
    assert ids(working.get("/v1/entries")) == []


def test_a_batch_with_an_invalid_recording_is_rejected_as_a_whole(
    client: FlaskClient, samo: LocalProcess
) -> None:
    response = client.post("/transcribe/batch", **form(("a.wav", wav()), ("b.wav", b"words")))
    assert problem(response) == (415, "undecodable_audio")
    assert (client.get("/v1/jobs").json or {})["jobs"] == []
    tombstones = [samo.backend.store.get(key) for key in samo.backend.store.list_keys("me", 10)]
    assert all(tombstone is not None and tombstone.deleted_at is not None for tombstone in tombstones)


def test_a_cancelled_batch_leaves_no_recording(
    working: FlaskClient, samo: LocalProcess, recordings: Path
) -> None:
    audio = (recordings / "beckett.wav").read_bytes()
    response = working.post("/transcribe/batch", **form(*((f"{number}.wav", audio) for number in range(3))))
    working.post(f"{response.headers['Location']}/cancel")
    store = samo.backend.store
    wait_until(lambda: all((e := store.get(k)) is None or e.deleted_at for k in store.list_keys("me", 10)))
