"""The `samo` command with the cloud backend: listing and replaying dead letters, importing a bucket."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloud import Policy
from tests.support.cloudrun.front import Faults, Forward, Request, Response
from tests.support.cloudrun.instance import ROOT
from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.region import Region, region
from tests.support.emulators import Emulators

pytestmark = [pytest.mark.emulators, pytest.mark.models]
TEXT = "We walked along the river. It was the calmest evening in months."


class BrokenService(Faults):
    """The service named `broken` responds with 500."""

    def __init__(self) -> None:
        self.broken = ""

    def deliver(self, request: Request, forward: Forward) -> Response:
        if request.service == self.broken:
            return Response(500)
        return super().deliver(request, forward)


@pytest.fixture(scope="module")
def faults() -> BrokenService:
    return BrokenService()


@pytest.fixture(scope="module")
def samo(emulators: Emulators, faults: BrokenService) -> Iterator[Region]:
    policy = Policy(backoff=None, max_attempts=5, ack_deadline=60)
    with region(emulators, faults=faults, policy=policy, settings={"SAMO_RING_AGAIN_S": "600"}) as deployment:
        yield deployment


def command(samo: Region, *arguments: str) -> Any:
    """The result of `samo --json …`."""
    ended = subprocess.run(
        [sys.executable, "-m", "functions.cli", "--json", *arguments],
        cwd=ROOT,
        env=dict(samo.environment),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_an_event_that_fails_every_attempt_is_marked_listed_and_replayed(
    samo: Region, faults: BrokenService
) -> None:
    faults.broken = "emotion-events"
    with Phone(samo, "ada") as ada:
        entry = ada.write(TEXT)
        given_up = ada.finished(entry)
        assert given_up["status"] == "partial"
        assert given_up["stages"][1]["error"]["code"] == "retries_exhausted"
        assert given_up["insight"]["summary"] is not None, "a summary is made without emotions"

        (letter,) = command(samo, "dead-letters", "list")
        assert (letter["entry_id"], letter["type"]) == (entry["id"], "samo.entry.transcribed.v1")
        assert TEXT not in json.dumps(letter)

        faults.broken = ""
        (replayed,) = command(samo, "dead-letters", "replay", letter["id"])
        assert replayed["outcome"] == "tried again"
        ada.http.get(f"/v1/entries/{entry['id']}/events").raise_for_status()
        healed = ada.read(entry["id"])
        assert healed["status"] == "ready"
        assert healed["insight"]["emotions"]
    assert command(samo, "dead-letters", "list") == []


def test_a_bucket_is_imported_into_a_users_journal_once(samo: Region, recordings: Path) -> None:
    bucket = samo.cloud.storage.bucket(samo.cloud.bucket)
    bucket.blob("archive/2019/walk.txt").upload_from_string(TEXT)
    bucket.blob("archive/beckett.wav").upload_from_filename(str(recordings / "beckett.wav"))
    source = f"gs://{samo.cloud.bucket}/archive/"
    first = command(samo, "backfill", source, "--user", "grace")
    assert (first["outcomes"], first["statuses"]) == ({"new": 2}, {"ready": 2})
    again = command(samo, "backfill", source, "--user", "grace")
    assert (again["outcomes"], again["statuses"]) == ({"known": 2}, {"ready": 2})
    with Phone(samo, "grace") as grace:
        assert len(grace.http.get("/v1/entries").json()["entries"]) == 2
    assert bucket.blob("archive/beckett.wav").exists(), "a backfill leaves the bucket unchanged"
