"""Who leaves leaves nothing, in any store of Google's."""

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
TAP = "tap"
TAPPED = ("entries.uploaded", "entries.transcribed", "entries.summarized")
ENDING_S = 120


@pytest.fixture(scope="module")
def samo(emulators: Emulators) -> Iterator[Region]:
    with region(emulators, USUAL) as made:
        for topic in TAPPED:
            made.cloud.subscribe(f"{TAP}-{topic}", topic)
        yield made


def test_who_leaves_leaves_nothing_in_any_store(samo: Region, recordings: Path) -> None:
    with Phone(samo, ADA) as ada, Phone(samo, BOB) as bob:
        stays = bob.finished(bob.write("Bob stays, and is glad of it."))
        session, waiting = _live(samo, ada, (recordings / "beckett.wav").read_bytes())
        for told in (ADA, SECRET, SPOKEN):
            assert told in _documents(samo), "this finds what is there"
        assert ADA in _objects(samo)

        assert ada.http.delete("/v1/me").status_code == 202
        assert ada.http.get("/v1/entries").status_code == 403
        _await_gone(samo)

        assert ada.upload(session, waiting) in {404, 410, 499}, "its upload session is closed"
        assert ada.http.post("/v1/entries", json={"text": TEXT}).status_code == 403
        assert bob.read(stays["id"])["status"] == "ready"
    for place in (_documents, _objects, _dead_letters, _logs):
        assert not [word for word in (ADA, SECRET, SPOKEN) if word in place(samo)], place.__name__
    assert BOB in _documents(samo)
    in_queues = _published(samo)
    assert ADA in in_queues, "an event names its user until it is delivered"
    assert not [word for word in (SECRET, SPOKEN) if word in in_queues]


def test_an_upload_session_closes_with_its_entry(samo: Region) -> None:
    with Phone(samo, BOB) as bob:
        key = {"Idempotency-Key": "once"}
        session = bob.open_upload(b"RIFF", **key)
        assert bob.open_upload(b"RIFF", **key) == session, (
            "sent again, a request is answered with its session"
        )
        bob.delete(session["entry"]["id"])
        assert bob.upload(session, b"RIFF") in {404, 410, 499}


def _live(samo: Region, ada: Phone, speech: bytes) -> tuple[dict[str, Any], bytes]:
    """Leave traces wherever one can; answers an upload session that is still open, and what it waits for."""
    written = ada.finished(ada.write(TEXT))
    ada.finished(ada.record(speech))
    ada.finished(ada.edit(written["id"], f"{TEXT} Edited."))
    ada.delete(ada.write(TEXT)["id"])
    _ask(ada, "POST", "/v1/entries", json={"text": TEXT}, headers={"Idempotency-Key": "once"})
    said = {"emotion": "joy", "verdict": "agree"}
    _ask(ada, "PUT", f"/v1/entries/{written['id']}/feedback", json=said)
    _ask(ada, "PATCH", "/v1/me", json={"timezone": "Europe/London"})
    _ask(ada, "POST", "/v1/keys", json={"name": "mine", "scopes": ["entries:read"]})
    _ask(ada, "GET", "/v1/search", params={"q": SECRET})
    export = _ask(ada, "POST", "/v1/exports")
    while _ask(ada, "GET", f"/v1/jobs/{export['id']}")["state"] != "done":
        samo.chores()
    return ada.open_upload(speech), speech


def _ask(phone: Phone, method: str, path: str, **request: Any) -> dict[str, Any]:
    answer = phone.http.request(method, path, **request)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _await_gone(samo: Region) -> None:
    """Until the last sweep found nothing more, as many of the scheduler's turns as that may take."""
    for turn in range(int(ENDING_S / SCHEDULER_S)):
        samo.chores()
        if ADA not in _documents(samo):
            return
        samo.records.await_lines(lambda lines, at=turn: _turns(lines) > at)  # type: ignore[misc]
    raise TimeoutError("the account was never gone")


def _turns(lines: list[Any]) -> int:
    return sum(line.says("reconciled") for line in lines)


def _documents(samo: Region) -> str:
    """Every document of the project, its name and all."""
    samo.cloud.enter()
    found: list[str] = []

    def walk(collections: Any) -> None:
        for collection in collections:
            for document in collection.list_documents():
                found.append(f"{document.path} {document.get().to_dict()}")
                walk(document.collections())

    walk(Client(project=samo.cloud.project).collections())
    return "\n".join(found)


def _objects(samo: Region) -> str:
    bucket = samo.cloud.storage.bucket(samo.cloud.bucket)
    blobs = [(blob.name, blob.metadata) for blob in bucket.list_blobs()]
    return "\n".join(f"{name} {facts} {bucket.blob(name).download_as_bytes()!r}" for name, facts in blobs)


def _dead_letters(samo: Region) -> str:
    return _messages(samo, "dead-letters-inspection")


def _published(samo: Region) -> str:
    """Everything that was ever said in the queues."""
    return _messages(samo, *(f"{TAP}-{topic}" for topic in TAPPED))


def _messages(samo: Region, *subscriptions: str) -> str:
    found = [each.message for name in subscriptions for each in samo.cloud.pull(name, 1000)]
    return "\n".join(f"{message.data!r} {dict(message.attributes)}" for message in found)


def _logs(samo: Region) -> str:
    return "\n".join(line.raw for line in samo.records.all())
