"""Correcting words of a spoken entry keeps its sentences linked to the recording."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.laptop.process import LocalProcess
from functions.shared.runtime.settings import Settings
from tests.support.api import problem
from tests.support.waiting import wait_until

pytestmark = pytest.mark.models


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    samo = LocalProcess(Settings(data_dir=str(tmp_path / "journal"), max_text_chars=500))
    with samo, samo.app().test_client() as client:
        yield client


@pytest.fixture
def spoken(client: FlaskClient, recordings: Path) -> dict[str, Any]:
    sound = (recordings / "two_cities.wav").read_bytes()
    return final(client, client.post("/v1/entries", data=sound, content_type="audio/wav").get_json()["id"])


def final(client: FlaskClient, entry_id: str, revision: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def is_final() -> bool:
        found.update(client.get(f"/v1/entries/{entry_id}").get_json())
        return (found["status"], found["revision"]) == ("ready", revision)

    wait_until(is_final)
    return found


def edit(client: FlaskClient, entry: dict[str, Any], text: str) -> dict[str, Any]:
    changed = client.patch(f"/v1/entries/{entry['id']}", json={"text": text})
    assert changed.status_code == 200, changed.text
    return final(client, entry["id"], entry["revision"] + 1)


def test_a_corrected_word_leaves_times_arc_corrections_and_subtitles(
    client: FlaskClient, spoken: dict[str, Any]
) -> None:
    path = f"/v1/entries/{spoken['id']}"
    segments, arc = spoken["transcript"]["segments"], spoken["insight"]["arc"]
    stated = {"segments": [{"segment": 2, "emotions": ["pride"]}]}
    assert client.patch(f"{path}/corrections", json=stated).status_code == 200
    before = client.get(f"{path}/transcript?format=srt").text.split("\n\n")

    first, _, rest = segments[1]["text"].partition(" ")
    changed = f"{first} surely {rest}"
    edited = edit(client, spoken, spoken["transcript"]["text"].replace(segments[1]["text"], changed))
    after = edited["transcript"]["segments"]
    assert [after[i] for i in range(len(after)) if i != 1] == [s for i, s in enumerate(segments) if i != 1]
    assert (after[1]["text"], after[1]["start"], after[1]["end"]) == (
        changed,
        segments[1]["start"],
        segments[1]["end"],
    )
    points = edited["insight"]["arc"]
    assert [point["start"] for point in points] == [point["start"] for point in arc]
    unchanged = [i for i in range(len(arc)) if i not in {1, 2}]
    assert [points[i] for i in unchanged] == [arc[i] for i in unchanged]
    assert [score["emotion"] for score in points[2]["emotions"]] == ["pride"]
    for kind in ("srt", "vtt"):
        cues = client.get(f"{path}/transcript?format={kind}").text.split("\n\n")
        assert sum("-->" in cue for cue in cues) == len(segments)
    subtitles = client.get(f"{path}/transcript?format=srt").text.split("\n\n")
    assert [cue for i, cue in enumerate(subtitles) if i != 1] == [c for i, c in enumerate(before) if i != 1]


def test_a_recording_without_text_is_not_possible(client: FlaskClient, spoken: dict[str, Any]) -> None:
    assert problem(client.patch(f"/v1/entries/{spoken['id']}", json={"text": " "})) == (400, "empty_text")


def test_a_long_recording_can_be_corrected_beyond_the_limit_for_typed_text(
    client: FlaskClient, spoken: dict[str, Any]
) -> None:
    path, said = f"/v1/entries/{spoken['id']}", spoken["transcript"]["text"]
    assert len(said) > 500
    edited = edit(client, spoken, said + " That was it.")
    assert edited["transcript"]["segments"][-1]["start"] >= spoken["transcript"]["segments"][-1]["end"]
    assert problem(client.patch(path, json={"text": said * 9})) == (413, "text_too_long")
    typed = client.post("/v1/entries", json={"text": "I am glad."}).get_json()["id"]
    assert problem(client.patch(f"/v1/entries/{typed}", json={"text": said})) == (413, "text_too_long")
