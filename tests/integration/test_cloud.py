"""The whole pipeline on the emulators: every function in its own process, behind push subscriptions."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import HTTPStatusError

from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.records import Line
from tests.support.cloudrun.region import USUAL, Region, region
from tests.support.emulators import Emulators

pytestmark = [pytest.mark.emulators, pytest.mark.models]
STAGES = ("transcription", "emotion", "summarization")
TEXT = "I was afraid of the exam all week. I passed, and I am so happy and grateful now!"
TRACE_FIELD = "logging.googleapis.com/trace"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def samo(emulators: Emulators) -> Iterator[Region]:
    with region(emulators, USUAL) as deployment:
        yield deployment


@pytest.fixture
def ada(samo: Region) -> Iterator[Phone]:
    with Phone(samo, "ada") as phone:
        yield phone


@pytest.fixture
def speech(recordings: Path) -> bytes:
    return (recordings / "beckett.wav").read_bytes()


def test_a_voice_note_uploaded_through_a_session_becomes_an_insight_and_a_webhook(
    samo: Region, ada: Phone, speech: bytes
) -> None:
    entry = ada.record(speech)
    assert entry["status"] == "awaiting_audio"
    finished = ada.finished(entry)
    assert finished["status"] == "ready"
    assert "fail better" in finished["transcript"]["text"]
    assert finished["insight"]["summary"]["quotes"][0]["end"] > 0
    assert [stage["state"] for stage in finished["stages"]] == ["done"] * 3
    traces = _traces(samo, entry)  # also waits for the webhook
    webhooks = [
        message["data"]
        for message in samo.integrator.messages.values()
        if message["data"]["entry_id"] == entry["id"]
    ]
    assert webhooks == [{"uid": "ada", "entry_id": entry["id"], "revision": 1, "status": "ready"}]
    assert samo.integrator.refused == 0, "every signature was valid"
    beginnings = ("POST /uploads", "POST /reconcile")
    begun = {line.fields[TRACE_FIELD] for at in beginnings for line in samo.records.find("request", route=at)}
    assert traces <= begun, "the stages keep the trace of the notification or of the reconciler"


def test_another_users_token_finds_no_such_entry(samo: Region, ada: Phone) -> None:
    entry = ada.write(TEXT)
    with Phone(samo, "mallory") as mallory, pytest.raises(HTTPStatusError) as raised:
        mallory.read(entry["id"])
    assert raised.value.response.status_code == 404
    assert ada.read(entry["id"])["transcript"]["text"] == TEXT


def test_a_text_entry_keeps_the_clients_trace_through_every_service(samo: Region, ada: Phone) -> None:
    ada.http.headers["traceparent"] = f"00-{TRACE}-b7ad6b7169203331-01"
    entry = ada.write(TEXT)
    finished = ada.finished(entry)
    assert (finished["status"], finished["stages"][0]["state"]) == ("ready", "skipped")
    assert _traces(samo, entry) == {f"projects/{samo.cloud.project}/traces/{TRACE}"}


def test_a_long_recording_is_transcribed_in_chunks(samo: Region, ada: Phone, speech: bytes) -> None:
    entry = ada.record(_spoken_each_minute(speech, minutes=11))
    finished = ada.finished(entry, seconds=180)
    assert finished["status"] == "ready"
    starts = [segment["start"] for segment in finished["transcript"]["segments"]]
    assert starts == sorted(starts)
    assert {int(start // 60) for start in starts} == set(range(11))
    done = samo.records.find("delivery", entry=entry["id"], stage="transcription", verdict="done")
    chunks = [line.fields["chunk"] for line in done if line.fields["chunk"] is not None]
    assert sorted(chunks) == list(range(len(chunks)))
    assert len(chunks) >= 3


def test_a_deleted_entry_leaves_no_recording_behind(samo: Region, ada: Phone, speech: bytes) -> None:
    entry = ada.finished(ada.record(speech))
    ada.delete(entry["id"])
    with pytest.raises(HTTPStatusError):
        ada.read(entry["id"])
    assert not list(samo.cloud.storage.list_blobs(samo.cloud.bucket, prefix=f"audio/ada/{entry['id']}"))


def test_files_in_the_inbox_become_entries_and_are_removed(samo: Region, speech: bytes) -> None:
    _put(samo, "inbox/grace/walk.wav", speech)
    _put(samo, "inbox/grace/letters/note.md", TEXT.encode())
    samo.records.await_lines(lambda lines: sum(line.says("import", outcome="new") for line in lines) == 2)
    with Phone(samo, "grace") as grace:
        entries = grace.http.get("/v1/entries").json()["entries"]
        finished = [grace.finished(entry) for entry in entries]
    assert {entry["source"] for entry in finished} == {"voice", "text"}
    assert {entry["status"] for entry in finished} == {"ready"}
    assert not list(samo.cloud.storage.list_blobs(samo.cloud.bucket, prefix="inbox/grace/"))


def test_an_invalid_file_stays_in_the_inbox_with_a_reason(samo: Region) -> None:
    _put(samo, "inbox/edsger/broken.wav", b"this is no recording")
    trace = samo.records.await_message("import", outcome="refused").fields[TRACE_FIELD]
    samo.records.await_message("request", route="POST /uploads", status=204, **{TRACE_FIELD: trace})
    (blob,) = samo.cloud.storage.list_blobs(samo.cloud.bucket, prefix="inbox/edsger/")
    blob.reload()
    assert blob.metadata == {"samo-refused": "undecodable_audio"}


def _put(samo: Region, name: str, data: bytes) -> None:
    samo.cloud.storage.bucket(samo.cloud.bucket).blob(name).upload_from_string(data)


def _traces(samo: Region, entry: dict[str, Any]) -> set[str]:
    """The traces of an entry's stages and webhook."""
    ran = STAGES if entry["source"] == "voice" else STAGES[1:]
    traces = {_trace(samo, f"{stage}-events", "delivery", entry["id"]) for stage in ran}
    return traces | {_trace(samo, "journal-events", "webhook", entry["id"])}


def _trace(samo: Region, service: str, message: str, entry_id: str) -> str:
    """The trace of a service's log line about an entry, once the line is there."""

    def matches(line: Line) -> bool:
        done = line.fields.get("verdict", "done") == "done"
        return done and line.service == service and line.says(message, entry=entry_id)

    lines = samo.records.await_lines(lambda lines: any(map(matches, lines)))
    return str(next(filter(matches, lines)).fields[TRACE_FIELD])


def _spoken_each_minute(speech: bytes, minutes: int) -> bytes:
    """The same words at the beginning of each minute, followed by silence."""
    with wave.open(io.BytesIO(speech)) as file:
        samples, rate = file.readframes(file.getnframes()), file.getframerate()
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setframerate(rate)
        file.setnchannels(1)
        file.setsampwidth(2)
        file.writeframes(samples.ljust(60 * rate * 2, b"\0") * minutes)
    return buffer.getvalue()
