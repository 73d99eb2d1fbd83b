"""What clients ask of a journal beside making and reading entries, over HTTP, with the workers running."""

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
from tests.support.waiting import until

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
    """The same with its workers."""
    with samo, samo.app().test_client() as client:
        yield client


def create(client: FlaskClient, text: str = TEXT, **fields: str) -> dict[str, Any]:
    return api.create(client, text, **fields)


def ids(answer: Any) -> list[str]:
    return [entry["id"] for entry in answer.json["entries"]]


# -- lists ----------------------------------------------------------------------------------------


def test_a_list_may_be_of_a_span_of_time(client: FlaskClient) -> None:
    made = [create(client, recorded_at=f"2026-01-0{day}T08:00:00Z")["id"] for day in range(1, 6)]
    span = {"from": "2026-01-02T08:00:00Z", "to": "2026-01-04T08:00:00Z"}
    assert ids(client.get("/v1/entries", query_string=span)) == [made[2], made[1]]
    assert problem(client.get("/v1/entries?from=yesterday")) == (400, "invalid_parameter")


def test_a_list_may_be_of_what_was_felt(working: FlaskClient) -> None:
    thanks = create(working, "Thank you so much, I am deeply grateful to you all.")["id"]
    create(working, "The train left at nine and arrived at ten.")
    until(lambda: all(e["status"] == "ready" for e in (working.get("/v1/entries").json or {})["entries"]))
    assert ids(working.get("/v1/entries?emotion=gratitude")) == [thanks]
    assert ids(working.get("/v1/entries?emotion=gratitude&emotion=joy&topic=nowhere")) == []


# -- once, and in time ----------------------------------------------------------------------------


def test_a_request_with_a_key_counts_once(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
    first = client.post("/v1/entries", json={"text": TEXT}, headers=headers)
    again = client.post("/v1/entries", json={"text": TEXT}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json or {})["id"] == (again.json or {})["id"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(ids(client.get("/v1/entries"))) == 1


def test_a_recording_with_a_key_counts_once_however_it_is_wrapped(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "note-1"}
    for _ in range(2):
        made = client.post("/v1/entries", **form(("note.wav", wav())), headers=headers)
        assert made.status_code == 201, made.text
    raw = client.post("/v1/entries", data=wav(), content_type="audio/wav", headers=headers)
    assert raw.status_code == 201
    assert len(ids(client.get("/v1/entries"))) == 1


def test_an_upload_session_with_a_key_is_opened_once(client: FlaskClient) -> None:
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


def test_a_key_of_another_request_and_one_that_is_none_are_refused(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "one"}
    client.post("/v1/entries", json={"text": TEXT}, headers=headers)
    other = client.post("/v1/entries", json={"text": "Other words."}, headers=headers)
    assert problem(other) == (422, "idempotency_key_reused")
    none = client.post("/v1/entries", json={"text": TEXT}, headers={"Idempotency-Key": "x" * 256})
    assert problem(none) == (400, "invalid_parameter")


def test_who_prefers_to_wait_is_answered_with_the_insight(working: FlaskClient) -> None:
    answer = working.post("/v1/entries", json={"text": TEXT}, headers={"Prefer": "wait=30"})
    entry = answer.json or {}
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert entry["status"] == "ready"
    assert entry["insight"]["summary"]["text"]


def test_who_waits_without_an_insight_coming_is_answered_all_the_same(client: FlaskClient) -> None:
    answer = client.post("/v1/entries", json={"text": TEXT}, headers={"Prefer": "wait=1"})
    assert (answer.json or {})["status"] == "processing"


# -- feedback -------------------------------------------------------------------------------------


def test_feedback_replaces_what_was_said_and_outlives_an_edit(client: FlaskClient) -> None:
    path = f"/v1/entries/{create(client)['id']}"
    said = {"emotion": "fear", "verdict": "agree"}
    assert client.put(f"{path}/feedback", json=said).status_code == 200
    corrected = {"emotion": "fear", "verdict": "correct", "correction": "nervousness"}
    client.put(f"{path}/feedback", json=corrected)
    client.put(f"{path}/feedback", json={"emotion": "joy", "verdict": "disagree", "segment": 1})
    client.patch(path, json={"text": "Other words."})
    kept = (client.get(path).json or {})["feedback"]
    assert [(one["emotion"], one["verdict"], one["revision"]) for one in kept] == [
        ("fear", "correct", 1),
        ("joy", "disagree", 1),
    ]
    assert kept[0]["correction"] == "nervousness"


@pytest.mark.parametrize(
    "said",
    [
        {"emotion": "fear", "verdict": "maybe"},
        {"emotion": "fear", "verdict": "correct"},
        {"emotion": "fear", "verdict": "agree", "correction": "joy"},
        {"emotion": "", "verdict": "agree"},
        {"emotion": "fear", "verdict": "agree", "segment": -1},
    ],
    ids=str,
)
def test_feedback_that_says_nothing_clear_is_refused(client: FlaskClient, said: dict[str, Any]) -> None:
    path = f"/v1/entries/{create(client)['id']}/feedback"
    assert problem(client.put(path, json=said)) == (400, "invalid_field")


def test_feedback_goes_with_its_entry(client: FlaskClient, samo: LocalProcess) -> None:
    path = f"/v1/entries/{create(client)['id']}"
    client.put(f"{path}/feedback", json={"emotion": "fear", "verdict": "agree"})
    client.delete(path)
    assert problem(client.put(f"{path}/feedback", json={"emotion": "fear", "verdict": "agree"})) == (
        404,
        "entry_not_found",
    )
    (key,) = samo.backend.store.list_keys("me", 10)
    stone = samo.backend.store.get(key)
    assert stone is not None
    assert stone.feedback == ()


# -- streams --------------------------------------------------------------------------------------


def events(answer: Any) -> list[str]:
    return [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]


def test_a_stream_that_was_cut_goes_on_after_what_was_seen(working: FlaskClient) -> None:
    entry = working.post("/v1/entries", json={"text": TEXT}, headers={"Prefer": "wait=30"}).json or {}
    path = f"/v1/entries/{entry['id']}"
    whole = working.get(f"{path}/events")
    assert events(whole) == ["entry", "end"]
    seen = working.get(path).headers["ETag"].strip('"')
    assert events(working.get(f"{path}/events", headers={"Last-Event-ID": seen})) == ["end"]


def test_a_stream_is_cut_after_its_time(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_only_so_many_recordings_are_waited_for(client: FlaskClient) -> None:
    new = {"size": 100, "content_type": "audio/wav"}
    opened = [client.post("/v1/uploads", json=new) for _ in range(3)]
    assert [answer.status_code for answer in opened] == [201, 201, 409]
    assert problem(opened[2]) == (409, "too_many_uploads")
    client.delete(f"/v1/entries/{(opened[0].json or {})['entry']['id']}")
    assert client.post("/v1/uploads", json=new).status_code == 201


# -- jobs -----------------------------------------------------------------------------------------


def finished(client: FlaskClient, answer: Any) -> dict[str, Any]:
    """A job once it is over."""
    assert answer.status_code == 202, answer.text
    path = answer.headers["Location"]
    until(lambda: (client.get(path).json or {})["state"] not in ("queued", "running"))
    return dict(client.get(path).json or {})


def test_everything_can_be_taken_along(working: FlaskClient) -> None:
    typed = create(working)
    spoken = working.post("/v1/entries", data=wav(), content_type="audio/wav").json or {}
    gone = create(working, "A secret.")
    working.delete(f"/v1/entries/{gone['id']}")
    job = finished(working, working.post("/v1/exports"))
    assert (job["state"], job["done"], job["total"]) == ("done", 2, 2)
    answer = working.get(job["result"], buffered=True)
    assert answer.mimetype == "application/zip"
    assert "attachment" in answer.headers["Content-Disposition"]
    with ZipFile(io.BytesIO(answer.data)) as archive:
        names = set(archive.namelist())
        entry = next(name for name in names if typed["id"] in name)
        assert json.loads(archive.read(entry))["transcript"]["text"] == TEXT
        assert archive.read(f"audio/{spoken['id']}.wav") == wav()
        assert {"README.txt", "account.json", "keys.json"} <= names
        assert not any(gone["id"] in name for name in names)
        assert all(b"A secret." not in archive.read(name) for name in names)


def test_an_export_is_told_as_a_job(client: FlaskClient) -> None:
    asked = client.post("/v1/exports")
    job = asked.json or {}
    assert (job["state"], job["kind"], job["result"]) == ("queued", "export", None)
    assert problem(client.get(f"/v1/jobs/{job['id']}/result")) == (409, "job_not_done")
    cancelled = client.post(f"/v1/jobs/{job['id']}/cancel")
    assert (cancelled.json or {})["state"] == "cancelled"
    assert [each["state"] for each in (client.get("/v1/jobs").json or {})["jobs"]] == ["cancelled"]
    assert problem(client.get("/v1/jobs/none")) == (404, "job_not_found")


def test_only_so_many_exports_are_made_at_once(client: FlaskClient) -> None:
    answers = [client.post("/v1/exports") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 409]


@pytest.mark.models
def test_recordings_are_transcribed_by_the_dozen(working: FlaskClient, recordings: Path) -> None:
    sent = form(("first.wav", (recordings / "beckett.wav").read_bytes()), ("silence.wav", wav(2.0)))
    job = finished(working, working.post("/transcribe/batch", **sent))
    assert (job["state"], job["done"], job["total"]) == ("done", 2, 2)
    first, second = (working.get(job["result"]).json or {})["recordings"]
    assert (first["name"], second["name"]) == ("first.wav", "silence.wav")
    assert "fail" in first["text"].lower()
    assert second["empty_reason"] == "no_speech"
    assert ids(working.get("/v1/entries")) == []


def test_a_batch_with_something_else_in_it_is_refused_whole(client: FlaskClient, samo: LocalProcess) -> None:
    refused = client.post("/transcribe/batch", **form(("a.wav", wav()), ("b.wav", b"words")))
    assert problem(refused) == (415, "undecodable_audio")
    assert (client.get("/v1/jobs").json or {})["jobs"] == []
    stones = [samo.backend.store.get(key) for key in samo.backend.store.list_keys("me", 10)]
    assert all(stone is not None and stone.deleted_at is not None for stone in stones)


def test_a_cancelled_batch_leaves_no_recording(
    working: FlaskClient, samo: LocalProcess, recordings: Path
) -> None:
    audio = (recordings / "beckett.wav").read_bytes()
    asked = working.post("/transcribe/batch", **form(*((f"{number}.wav", audio) for number in range(3))))
    working.post(f"{asked.headers['Location']}/cancel")
    store = samo.backend.store
    until(lambda: all((e := store.get(k)) is None or e.deleted_at for k in store.list_keys("me", 10)))
