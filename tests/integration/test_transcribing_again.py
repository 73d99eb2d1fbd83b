"""A recording without words outlives them, and is transcribed again on request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from functions.laptop.process import LocalProcess
from functions.shared.runtime.settings import Settings
from tests.support.api import create, problem
from tests.support.waiting import wait_until
from tests.unit.transcription.media import KINDS, encode

pytestmark = pytest.mark.models


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    settings = Settings(data_dir=str(tmp_path / "journal"), audio_retention="until_transcribed")
    samo = LocalProcess(settings)
    with samo, samo.app().test_client() as client:
        yield client


def final(client: FlaskClient, entry_id: str, revision: int) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def is_final() -> bool:
        found.update(client.get(f"/v1/entries/{entry_id}").get_json())
        return (found["status"], found["revision"]) == ("ready", revision)

    wait_until(is_final)
    return found


def has_recording(client: FlaskClient, entry_id: str) -> bool:
    with client.get(f"/v1/entries/{entry_id}/audio") as response:
        return response.status_code == 200


def test_a_note_that_is_not_understood_keeps_its_recording(client: FlaskClient, tmp_path: Path) -> None:
    silence = encode(np.zeros(32_000, np.float32), tmp_path / "note", KINDS["wav"]).read_bytes()
    response = client.post("/v1/entries", data=silence, content_type="audio/wav")
    entry_id = response.get_json()["id"]
    entry = final(client, entry_id, 1)
    assert entry["insight"]["empty_reason"] == "no_speech"
    assert entry["audio"]["delete_after"] is not None
    assert has_recording(client, entry_id)

    again = client.post(f"/v1/entries/{entry_id}/transcription", json={})
    assert (again.status_code, again.get_json()["status"]) == (202, "processing")
    assert final(client, entry_id, 2)["insight"]["empty_reason"] == "no_speech"
    assert has_recording(client, entry_id)


def test_only_what_lacks_words_is_transcribed_again(client: FlaskClient) -> None:
    path = f"/v1/entries/{create(client, 'I am happy today.')['id']}/transcription"
    assert problem(client.post(path, json={})) == (409, "audio_gone")
    assert problem(client.post(path, json={"engine": "whisper"})) == (400, "engine_unavailable")
    assert problem(client.post("/v1/entries/unknown/transcription", json={})) == (404, "entry_not_found")
