"""All operations of the clients against a running journal."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from zipfile import ZipFile

import pytest

from samo_client import InvalidRequest, NotFound
from tests.clients.drivers import Client, step
from tests.clients.samples import wav

TEXT = "I was afraid of this day, and then it was lovely. Thank you all so much."
_days = count()


@pytest.fixture
def day() -> datetime:
    """A day for which no other test creates entries."""
    return datetime(2001, 1, 1, tzinfo=UTC) + timedelta(days=next(_days))


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.wav"
    path.write_bytes(wav(2))
    return path


@pytest.fixture
def entry_id(client: Client) -> str:
    """A finished entry."""
    entry = client("entries.create", TEXT, wait=30)
    assert entry["status"] == "ready"
    return str(entry["id"])


def test_an_entry_is_created_followed_read_edited_and_deleted(client: Client) -> None:
    created = client("entries.create", TEXT, timezone="Europe/Berlin")
    followed = client("entries.follow", created["id"])
    assert followed[-1]["status"] == "ready"
    assert followed[-1]["transcript"]["text"] == TEXT
    read = client("entries.get", created["id"])
    assert read == followed[-1]
    assert "gratitude" in [score["emotion"] for score in read["insight"]["emotions"]]
    assert client("entries.edit", created["id"], "Other words.")["revision"] == 2
    assert client("entries.wait", created["id"])["transcript"]["text"] == "Other words."
    client("entries.delete", created["id"])
    with pytest.raises(NotFound) as raised:
        client("entries.get", created["id"])
    assert (raised.value.code, raised.value.status) == ("entry_not_found", 404)
    assert raised.value.request_id


def test_a_list_covers_all_pages(client: Client, day: datetime) -> None:
    hours = [day + timedelta(hours=hour) for hour in range(5)]
    created = [client("entries.create", f"Hour {hour}.", recorded_at=hour)["id"] for hour in hours]
    listed = client("entries.list", since=hours[1], until=day + timedelta(days=1), limit=2)
    assert [entry["id"] for entry in listed] == created[:0:-1]
    assert client("entries.list", since=day, until=day + timedelta(days=1), topic="nowhere") == []


def test_the_same_idempotency_key_creates_one_entry(client: Client) -> None:
    key = os.urandom(8).hex()
    created = client.all(*[step("entries.create", TEXT, idempotency_key=key)] * 2)
    assert created[0]["id"] == created[1]["id"]


def test_errors_carry_their_codes(client: Client) -> None:
    with pytest.raises(InvalidRequest) as raised:
        client("entries.create", " ")
    assert (raised.value.code, raised.value.status) == ("empty_text", 400)


def test_feedback_and_transcript(client: Client, entry_id: str) -> None:
    feedback = client(
        "entries.feedback", entry_id, emotion="fear", verdict="correct", correction="nervousness"
    )
    assert feedback["feedback"][0]["correction"] == "nervousness"
    assert client("entries.transcript", entry_id)["text"] == TEXT
    assert client("entries.transcript", entry_id, "txt").splitlines()[0].startswith("I was afraid")


def test_corrections_are_made_and_taken_back(client: Client, entry_id: str) -> None:
    found = client("entries.get", entry_id)["insight"]
    corrected = client("corrections.set", entry_id, emotions=["pride"], title=None, mood=0.5)["insight"]
    assert [score["emotion"] for score in corrected["emotions"]] == ["pride"]
    assert (corrected["title"], corrected["sentiment"]) == (None, 0.5)
    assert list(corrected["corrected"]) == ["emotions", "title", "mood"]
    titled = client("corrections.take_back", entry_id, part="title")["insight"]
    assert titled["title"] == found["title"]
    assert client("corrections.take_back", entry_id)["insight"] == found


@pytest.mark.models
def test_a_recording_is_sent_and_downloaded(client: Client, note: Path) -> None:
    progress: list[tuple[int, int]] = []
    created = client("entries.create", audio=note, wait=30, progress=lambda *sent: progress.append(sent))
    assert created["source"] == "voice"
    assert created["insight"]["empty_reason"] == "no_speech"
    assert progress[-1] == (note.stat().st_size, note.stat().st_size)
    assert client("entries.audio", created["id"]) == note.read_bytes()


@pytest.mark.models
def test_a_large_recording_uses_an_upload_session(client: Client, tmp_path: Path) -> None:
    large = tmp_path / "large.wav"
    large.write_bytes(wav(300))
    progress: list[tuple[int, int]] = []
    created = client("entries.create", audio=large, progress=lambda *sent: progress.append(sent))
    assert created["audio"]["size"] == large.stat().st_size
    assert progress[-1] == (created["audio"]["size"], created["audio"]["size"])
    client("entries.delete", created["id"])


@pytest.mark.models
def test_recordings_are_transcribed_synchronously_or_as_a_job(client: Client, note: Path) -> None:
    assert client("transcribe", note)["empty_reason"] == "no_speech"
    assert client("transcribe", note, format="vtt") == "WEBVTT\n"
    job = client("transcribe_batch", [note, note])
    assert client("jobs.wait", job["id"])["state"] == "done"
    results = client("jobs.result", job["id"])["recordings"]
    assert [item["name"] for item in results] == ["note.wav", "note.wav"]


def test_texts_are_analyzed_synchronously(client: Client) -> None:
    alone = client("predict", "I passed! Thank you!")
    together = client("predict_batch", ["I passed! Thank you!", "The train left at nine."])["results"]
    assert "gratitude" in [score["emotion"] for score in alone["emotions"]]
    assert together[0]["emotions"] == alone["emotions"]
    assert client("summarize", TEXT, max_sentences=1)["summary"]["text"]


def test_entries_are_found_by_meaning(client: Client, day: datetime) -> None:
    exam, garden = (
        client("entries.create", text, wait=30, recorded_at=day)["id"]
        for text in ("I passed the exam at last.", "The roses in the garden are in bloom.")
    )
    period = {"since": day, "until": day + timedelta(days=1)}
    results = client("search", "doing well in a test", limit=2, **period)["results"]
    assert [item["entry"]["id"] for item in results] == [exam, garden]
    assert "exam" in results[0]["passage"]
    assert results[0]["score"] > results[1]["score"]
    similar = [item["entry"]["id"] for item in client("entries.similar", exam, limit=50)["results"]]
    assert garden in similar
    assert exam not in similar


def test_the_journal_can_be_exported(client: Client, entry_id: str, tmp_path: Path) -> None:
    path = tmp_path / "journal.zip"
    progress: list[tuple[int, int]] = []
    client("exports.download", path, progress=lambda *sent: progress.append(sent))
    with ZipFile(path) as exported:
        assert any(entry_id in name for name in exported.namelist())
    assert progress[-1] == (path.stat().st_size, path.stat().st_size)
    assert [item.name for item in tmp_path.iterdir()] == ["journal.zip"]


def test_dictation_has_an_address(client: Client) -> None:
    assert client("dictation.address")["url"].startswith("ws")


def test_jobs_are_listed_and_cancelled(client: Client) -> None:
    job = client("exports.create")
    assert job["id"] in [item["id"] for item in client("jobs.list")]
    assert client("jobs.get", job["id"])["kind"] == "export"
    assert client("jobs.cancel", job["id"])["state"] in ("cancelled", "done")
