"""Account deletion in the cloud: removes all of a user's data from every store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore import Client

from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.region import SCHEDULER_S, USUAL, Region, region
from tests.support.emulators import Emulators

pytestmark = [pytest.mark.emulators, pytest.mark.models]
ADA, BOB = "ada-1815", "bob-1912"
SECRET = "marzipan"
TEXT = f"I hid the {SECRET} from everybody, and I am so ashamed and yet happy about it."
SPOKEN = "fail better"
TAP = "copy"
TAPPED = ("entries.uploaded", "entries.transcribed", "entries.summarized")
ENDING_S = 120


@pytest.fixture(scope="module")
def samo(emulators: Emulators) -> Iterator[Region]:
    with region(emulators, USUAL) as deployment:
        for topic in TAPPED:
            deployment.cloud.subscribe(f"{TAP}-{topic}", topic)
        yield deployment


def test_deleting_an_account_removes_its_data_from_every_store(samo: Region, recordings: Path) -> None:
    with Phone(samo, ADA) as ada, Phone(samo, BOB) as bob:
        other = bob.finished(bob.write("Bob stays, and is glad of it."))
        session, recording = _create_data(samo, ada, (recordings / "beckett.wav").read_bytes())
        for word in (ADA, SECRET, SPOKEN):
            assert word in _documents(samo), "the search works"
        assert ADA in _objects(samo)

        assert ada.http.delete("/v1/me").status_code == 202
        assert ada.http.get("/v1/entries").status_code == 403
        _await_gone(samo)

        assert ada.upload(session, recording) in {404, 410, 499}, "its upload session is closed"
        assert ada.http.post("/v1/entries", json={"text": TEXT}).status_code == 403
        assert bob.read(other["id"])["status"] == "ready"
    for place in (_documents, _objects, _dead_letters, _logs):
        assert not [word for word in (ADA, SECRET, SPOKEN) if word in place(samo)], place.__name__
    assert BOB in _documents(samo)
    in_queues = _published(samo)
    assert ADA in in_queues, "an event names its user until it is delivered"
    assert not [word for word in (SECRET, SPOKEN) if word in in_queues]


def test_deleting_an_entry_closes_its_upload_session(samo: Region) -> None:
    with Phone(samo, BOB) as bob:
        key = {"Idempotency-Key": "once"}
        session = bob.open_upload(b"RIFF", **key)
        assert bob.open_upload(b"RIFF", **key) == session, "a repeated request returns the same session"
        bob.delete(session["entry"]["id"])
        assert bob.upload(session, b"RIFF") in {404, 410, 499}


def _create_data(samo: Region, ada: Phone, speech: bytes) -> tuple[dict[str, Any], bytes]:
    """Creates data in every store; returns an open upload session and the recording it expects."""
    written = ada.finished(ada.write(TEXT))
    ada.finished(ada.record(speech))
    ada.finished(ada.edit(written["id"], f"{TEXT} Edited."))
    ada.delete(ada.write(TEXT)["id"])
    _ask(ada, "POST", "/v1/entries", json={"text": TEXT}, headers={"Idempotency-Key": "once"})
    feedback = {"emotion": "joy", "verdict": "agree"}
    _ask(ada, "PUT", f"/v1/entries/{written['id']}/feedback", json=feedback)
    _ask(ada, "PATCH", "/v1/me", json={"timezone": "Europe/London"})
    _ask(ada, "POST", "/v1/keys", json={"name": "mine", "scopes": ["entries:read"]})
    _ask(ada, "GET", "/v1/search", params={"q": SECRET})
    export = _ask(ada, "POST", "/v1/exports")
    while _ask(ada, "GET", f"/v1/jobs/{export['id']}")["state"] != "done":
        samo.chores()
    return ada.open_upload(speech), speech


def _ask(phone: Phone, method: str, path: str, **request: Any) -> dict[str, Any]:
    response = phone.http.request(method, path, **request)
    response.raise_for_status()
    body: dict[str, Any] = response.json()
    return body


def _await_gone(samo: Region) -> None:
    """Runs the chores until the account's data is gone, once per turn of the scheduler."""
    for turn in range(int(ENDING_S / SCHEDULER_S)):
        samo.chores()
        if ADA not in _documents(samo):
            return
        samo.records.await_lines(lambda lines, at=turn: _turns(lines) > at)  # type: ignore[misc]
    raise TimeoutError("the account was not removed")


def _turns(lines: list[Any]) -> int:
    return sum(line.says("reconciled") for line in lines)


def _documents(samo: Region) -> str:
    """Every document of the project with its path."""
    samo.cloud.enter()
    documents: list[str] = []

    def walk(collections: Any) -> None:
        for collection in collections:
            for document in collection.list_documents():
                documents.append(f"{document.path} {document.get().to_dict()}")
                walk(document.collections())

    walk(Client(project=samo.cloud.project).collections())
    return "\n".join(documents)


def _objects(samo: Region) -> str:
    bucket = samo.cloud.storage.bucket(samo.cloud.bucket)
    blobs = [(blob.name, blob.metadata) for blob in bucket.list_blobs()]
    return "\n".join(f"{name} {facts} {bucket.blob(name).download_as_bytes()!r}" for name, facts in blobs)


def _dead_letters(samo: Region) -> str:
    return _messages(samo, "dead-letters-inspection")


def _published(samo: Region) -> str:
    """Every message that was published."""
    return _messages(samo, *(f"{TAP}-{topic}" for topic in TAPPED))


def _messages(samo: Region, *subscriptions: str) -> str:
    messages = [item.message for name in subscriptions for item in samo.cloud.pull(name, 1000)]
    return "\n".join(f"{message.data!r} {dict(message.attributes)}" for message in messages)


def _logs(samo: Region) -> str:
    return "\n".join(line.raw for line in samo.records.all())
