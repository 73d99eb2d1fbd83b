"""Corrections over HTTP: everywhere an insight is shown, and back."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from flask.testing import FlaskClient

from functions.journal.jobs.training_examples import training_examples
from functions.laptop.process import LocalProcess
from functions.shared.domain.entries import Status
from functions.shared.runtime.settings import Settings
from tests.support.api import create, problem
from tests.support.waiting import wait_until

pytestmark = pytest.mark.models

TEXT = "I was afraid of the exam. Then I passed it, and I am so happy! My friends brought cake."
STATED = {
    "emotions": ["pride", "relief"],
    "feelings": ["proud"],
    "topics": ["school", "friends"],
    "title": "I passed",
    "mood": 0.9,
    "segments": [{"segment": 0, "emotions": ["nervousness"]}],
}


@pytest.fixture
def samo(tmp_path: Path) -> LocalProcess:
    return LocalProcess(Settings(data_dir=str(tmp_path / "journal")))


@pytest.fixture
def client(samo: LocalProcess) -> Iterator[FlaskClient]:
    """A client of the journal while its workers run."""
    with samo, samo.app().test_client() as client:
        yield client


@pytest.fixture
def path(samo: LocalProcess, client: FlaskClient) -> str:
    """The path of an entry that is ready and whose events, which change its ETag, are published."""
    entry_id = create(client, TEXT)["id"]

    def is_settled() -> bool:
        entry = samo.journal.get(entry_id)
        return entry.status is Status.READY and not entry.pending_events

    wait_until(is_settled)
    return f"/v1/entries/{entry_id}"


def read(client: FlaskClient, path: str) -> dict[str, Any]:
    return dict(client.get(path).json or {})


def insight(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return dict(response.json["insight"])


def emotions(insight: dict[str, Any]) -> list[str]:
    return [score["emotion"] for score in insight["emotions"]]


def labels(scores: list[dict[str, Any]]) -> list[str]:
    return [score["label"] for score in scores]


def listed(client: FlaskClient, **query: str) -> list[str]:
    return [entry["id"] for entry in (client.get("/v1/entries", query_string=query).json or {})["entries"]]


def test_corrections_are_shown_wherever_the_entry_is(client: FlaskClient, path: str) -> None:
    corrected = insight(client.patch(f"{path}/corrections", json=STATED))
    assert emotions(corrected) == ["pride", "relief"]
    assert labels(corrected["feelings"]) == ["proud"]
    assert labels(corrected["topics"]) == ["school", "friends"]
    assert (corrected["title"], corrected["summary"]["title"], corrected["sentiment"]) == (
        "I passed",
        "I passed",
        0.9,
    )
    assert corrected["corrected"] == ["emotions", "feelings", "topics", "title", "mood"]
    first = corrected["arc"][0]
    assert (first["emotions"][0]["emotion"], first["sentiment"], first["corrected"]) == (
        "nervousness",
        -1.0,
        True,
    )
    assert not corrected["arc"][1]["corrected"]
    assert insight(client.get(path)) == corrected
    listed = {**corrected, "arc": None, "claims": None}
    assert (client.get("/v1/entries").json or {})["entries"][0]["insight"] == listed
    found = client.get("/v1/search", query_string={"q": "an exam", "emotion": "pride"}).json or {}
    assert found["results"][0]["entry"]["insight"] == listed


def test_filters_follow_corrections(client: FlaskClient, path: str) -> None:
    assert listed(client, emotion="joy") != []
    client.patch(f"{path}/corrections", json=STATED)
    assert listed(client, emotion="joy") == []
    assert listed(client, emotion="pride", topic="friends", feeling="proud") == [path.split("/")[-1]]


def test_an_export_has_the_corrections(client: FlaskClient, path: str) -> None:
    client.patch(f"{path}/corrections", json=STATED)
    job = (client.post("/v1/exports").json or {})["id"]
    wait_until(lambda: (client.get(f"/v1/jobs/{job}").json or {})["state"] == "done")
    with (
        client.get(f"/v1/jobs/{job}/result") as result,
        ZipFile(io.BytesIO(result.data)) as exported,
    ):
        (name,) = (name for name in exported.namelist() if name.startswith("entries/"))
        entry = json.loads(exported.read(name))
    assert entry["insight"] == read(client, path)["insight"]


def test_corrections_can_be_taken_back(client: FlaskClient, path: str) -> None:
    found = read(client, path)["insight"]
    client.patch(f"{path}/corrections", json=STATED)
    without_title = insight(client.delete(f"{path}/corrections?part=title"))
    assert without_title["title"] == found["title"]
    assert without_title["corrected"] == ["emotions", "feelings", "topics", "mood"]
    without_sentence = insight(client.delete(f"{path}/corrections?segment=0"))
    assert without_sentence["arc"] == found["arc"]
    assert insight(client.delete(f"{path}/corrections")) == found
    assert insight(client.delete(f"{path}/corrections")) == found
    assert listed(client, emotion="joy") != []


def test_title_and_mood_can_be_removed(client: FlaskClient, path: str) -> None:
    removed = insight(client.patch(f"{path}/corrections", json={"title": None, "mood": None}))
    assert (removed["title"], removed["sentiment"]) == (None, None)
    assert removed["corrected"] == ["title", "mood"]


def test_an_edit_keeps_what_still_holds(client: FlaskClient, path: str) -> None:
    client.patch(f"{path}/corrections", json=STATED)
    client.patch(path, json={"text": TEXT.replace("cake", "a cake")})
    wait_until(lambda: read(client, path)["status"] == "ready")
    kept = read(client, path)["insight"]
    assert emotions(kept) == ["pride", "relief"]
    assert kept["arc"][0]["corrected"]
    client.patch(path, json={"text": "Today we cleaned the garage. Nobody said a word."})
    wait_until(lambda: read(client, path)["status"] == "ready")
    new = read(client, path)["insight"]
    assert (new["corrected"], new["title"]) == (["title"], "I passed")
    assert not any(point["corrected"] for point in new["arc"])


def with_relief_for_joy(names: list[str]) -> list[str]:
    """The names with joy replaced, and none twice."""
    return list(dict.fromkeys("relief" if name == "joy" else name for name in names))


def test_feedback_corrects_the_insight(client: FlaskClient, path: str) -> None:
    before = emotions(read(client, path)["insight"])
    assert "joy" in before
    wrong = {"emotion": "joy", "verdict": "correct", "correction": "relief"}
    corrected = insight(client.put(f"{path}/feedback", json=wrong))
    assert emotions(corrected) == with_relief_for_joy(before)
    assert emotions(insight(client.delete(f"{path}/corrections?part=emotions"))) == before
    assert read(client, path)["feedback"] == []


def test_a_correction_of_another_version_is_refused(client: FlaskClient, path: str) -> None:
    seen = client.get(path).headers["ETag"]
    first = client.patch(f"{path}/corrections", json={"mood": 0.1}, headers={"If-Match": seen})
    assert first.status_code == 200
    stale = client.patch(f"{path}/corrections", json={"mood": 0.2}, headers={"If-Match": seen})
    assert problem(stale) == (412, "entry_changed")
    assert problem(client.delete(f"{path}/corrections", headers={"If-Match": seen})) == (412, "entry_changed")
    latest = first.headers["ETag"]
    assert latest == client.get(path).headers["ETag"]
    again = client.patch(f"{path}/corrections", json={"mood": 0.1}, headers={"If-Match": latest})
    assert (again.status_code, again.headers["ETag"]) == (200, latest)
    client.patch(path, json={"text": "Other words. And more."})
    old = {"revision": 1, "segments": [{"segment": 0, "emotions": ["joy"]}]}
    assert problem(client.patch(f"{path}/corrections", json=old)) == (409, "entry_edited")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"emotions": ["happiness"]}, "unknown_label"),
        ({"feelings": ["joy"]}, "unknown_label"),
        ({"topics": ["weather"]}, "unknown_label"),
        ({"segments": [{"segment": 0, "emotions": ["happy"]}]}, "unknown_label"),
        ({"segments": [{"segment": 3, "emotions": ["joy"]}]}, "unknown_segment"),
        ({"segments": [{"segment": -1, "emotions": []}]}, "invalid_field"),
        ({"emotions": None}, "invalid_field"),
        ({"emotions": "joy"}, "invalid_field"),
        ({"mood": 1.1}, "invalid_field"),
        ({"mood": "good"}, "invalid_field"),
        ({"title": ""}, "invalid_field"),
        ({"title": " \n "}, "empty_text"),
        ({"title": "a\x00b"}, "null_bytes"),
        ({"title": "x" * 101}, "invalid_field"),
        ({"revision": 0}, "invalid_field"),
    ],
    ids=str,
)
def test_invalid_corrections_are_rejected(
    client: FlaskClient, path: str, changes: dict[str, Any], code: str
) -> None:
    assert problem(client.patch(f"{path}/corrections", json=changes)) == (400, code)
    assert read(client, path)["insight"]["corrected"] == []


@pytest.mark.parametrize("query", ["part=summary", "part=title&segment=0", "segment=x"])
def test_only_known_parts_can_be_taken_back(client: FlaskClient, path: str, query: str) -> None:
    assert problem(client.delete(f"{path}/corrections?{query}")) == (400, "invalid_parameter")


def test_corrections_of_a_deleted_entry_are_gone(client: FlaskClient, samo: LocalProcess, path: str) -> None:
    client.patch(f"{path}/corrections", json=STATED)
    client.delete(path)
    assert problem(client.patch(f"{path}/corrections", json={"mood": 0})) == (404, "entry_not_found")
    assert problem(client.delete(f"{path}/corrections")) == (404, "entry_not_found")
    (key,) = samo.backend.store.list_keys("me", 10)
    assert b"I passed" not in json.dumps(str(samo.backend.store.get(key))).encode()


# -- training data ------------------------------------------------------------------------------


def share(client: FlaskClient, share: bool | None) -> bool:
    account = client.patch("/v1/me", json={"share_corrections": share}).json or {}
    return bool(account["share_corrections"])


def test_corrections_are_no_training_data_unless_the_user_agrees(
    client: FlaskClient, samo: LocalProcess, path: str
) -> None:
    client.patch(f"{path}/corrections", json=STATED)
    create(client, "An entry that nobody corrected.")
    assert not (client.get("/v1/me").json or {})["share_corrections"]
    assert training_examples(samo.backend.ports) == []
    assert share(client, True)
    assert len(training_examples(samo.backend.ports)) == 1
    assert not share(client, None)
    assert training_examples(samo.backend.ports) == []


def test_training_data_has_sentences_and_corrections_without_identities(
    client: FlaskClient, samo: LocalProcess, path: str
) -> None:
    share(client, True)
    before = [score["emotion"] for score in read(client, path)["insight"]["arc"][1]["emotions"]]
    assert "joy" in before
    wrong = {"emotion": "joy", "verdict": "correct", "correction": "relief", "segment": 1}
    client.put(f"{path}/feedback", json=wrong)
    client.patch(f"{path}/corrections", json={"feelings": ["proud"], "title": None})
    (example,) = training_examples(samo.backend.ports)
    assert json.loads(msgspec.json.encode(example)) == {
        "sentences": [sentence["text"] for sentence in read(client, path)["transcript"]["segments"]],
        "corrections": {
            "feelings": ["proud"],
            "title": None,
            "segments": [{"segment": 1, "emotions": with_relief_for_joy(before)}],
        },
    }


def test_training_data_has_nothing_of_deleted_entries_and_accounts(
    client: FlaskClient, samo: LocalProcess, path: str
) -> None:
    share(client, True)
    client.patch(f"{path}/corrections", json=STATED)
    other = f"/v1/entries/{create(client, TEXT)['id']}"
    client.patch(f"{other}/corrections", json={"mood": 0.5})
    assert len(training_examples(samo.backend.ports)) == 2
    client.delete(other)
    assert len(training_examples(samo.backend.ports)) == 1
    client.delete("/v1/me")
    assert training_examples(samo.backend.ports) == []


def test_an_operator_exports_training_data(client: FlaskClient, tmp_path: Path, path: str) -> None:
    share(client, True)
    client.patch(f"{path}/corrections", json={"mood": -0.5})
    file = tmp_path / "examples.jsonl"
    command = [sys.executable, "-m", "functions.cli", "--data", str(tmp_path / "journal"), "-v"]

    def export() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "corrections", "export", str(file)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    exported = export()
    assert (exported.returncode, exported.stdout) == (0, "1 corrected entries\n"), exported.stderr
    assert "exam" not in exported.stderr
    assert json.loads(file.read_text())["corrections"] == {"mood": -0.5}
    assert file.stat().st_mode & 0o777 == 0o600
    assert export().returncode == 2
