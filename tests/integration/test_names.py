"""The personal dictionary over HTTP, and where its names go."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from functions.dictation.names import HttpNames, Speaker
from functions.journal.assembly import Assembly
from functions.shared.access.authorization import allow_identified
from functions.shared.access.identity import LOCAL_USER, local_user
from functions.shared.backends.connect import connect
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain.content import Segment, Transcript
from functions.shared.domain.entries import EntryKey, EventType, Stage
from functions.shared.domain.events import make_event
from functions.shared.domain.names import MAX_NAMES, MAX_SUGGESTIONS
from functions.shared.domain.stage_work import EntryFindings, StageInput, StageResult
from functions.shared.errors import Forbidden, TemporaryError
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from tests.support.api import create, problem, wav
from tests.support.cloud import Cloud
from tests.support.fake_stages import FakeStage, no_op
from tests.support.listener import listening


class Journal:
    """The journal's API, and transcription that hears what it is told."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self.heard = ""
        self.expected: Sequence[str] = ()
        self.assembly = Assembly(ports, settings)
        stage = FakeStage(Stage.TRANSCRIPTION, self._transcribe, no_op)
        self._pipeline = Pipeline(ports, settings, {Stage.TRANSCRIPTION: lambda: stage})
        app = create_app(self.assembly.routes(), Settings(), allow_identified(local_user))
        self.client: FlaskClient = app.test_client()

    def change(self, **changes: Sequence[str]) -> dict[str, Any]:
        response = self.client.patch("/v1/names", json=changes)
        assert response.status_code == 200, response.text
        return dict(response.get_json())

    def names(self) -> dict[str, Any]:
        return dict(self.client.get("/v1/names").get_json())

    def record(self, heard: str) -> str:
        """A recording that is transcribed as `heard`; returns the entry's ID."""
        self.heard = heard
        response = self.client.post("/v1/entries", data=wav(), content_type="audio/wav")
        entry_id = str(response.get_json()["id"])
        self._pipeline.handle(make_event(EventType.UPLOADED, EntryKey(LOCAL_USER, entry_id), 1))
        return entry_id

    def edit(self, entry_id: str, text: str) -> None:
        assert self.client.patch(f"/v1/entries/{entry_id}", json={"text": text}).status_code == 200

    def _transcribe(self, work: StageInput) -> StageResult:
        self.expected = work.names
        transcript = Transcript(text=self.heard, segments=(Segment(text=self.heard, start=0.0, end=1.0),))
        return StageResult(
            engine="toy", model_version="1", findings=EntryFindings(language="en"), pieces=(transcript,)
        )


@pytest.fixture(params=["local", pytest.param("gcp", marks=pytest.mark.emulators)])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    if request.param == "local":
        settings = Settings(data_dir=str(tmp_path))
        yield Journal(LocalBackend(settings).ports, settings)
        return
    cloud: Cloud = request.getfixturevalue("cloud")
    cloud.enter()
    cloud.set_up()
    yield Journal(connect(cloud.settings()), cloud.settings())


def test_names_are_normalized_and_kept(journal: Journal) -> None:
    assert journal.names()["names"] == []
    journal.change(add=["  Zorvath ", "Zoe\u0308\u2019s   dog", "melindrel"])
    assert journal.names()["names"] == ["Zorvath", "Zoë's dog", "melindrel"]
    assert journal.change(add=["Melindrel"])["names"] == ["Zorvath", "Zoë's dog", "Melindrel"]
    assert journal.change(remove=["ZORVATH", "Nobody"])["names"] == ["Zoë's dog", "Melindrel"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name"),
        ("   ", "invalid_name"),
        ("1984", "invalid_name"),
        ("Anna, Bo", "invalid_name"),
        ("Anna\u0000", "invalid_name"),
        ("\u202eanna", "invalid_name"),
        ("x" * 41, "name_too_long"),
    ],
)
def test_what_is_no_name_is_refused_and_not_repeated(journal: Journal, name: str, code: str) -> None:
    response = journal.client.patch("/v1/names", json={"add": ["Bo", name]})
    assert problem(response) == (400, code)
    assert journal.names()["names"] == []


def test_a_dictionary_is_limited(journal: Journal) -> None:
    letters = "abcdefghijklmnop"
    names = [f"N{one}{two}" for one in letters for two in letters][: MAX_NAMES + 1]
    assert problem(journal.client.patch("/v1/names", json={"add": names})) == (409, "too_many_names")
    assert len(journal.change(add=names[:-1])["names"]) == MAX_NAMES
    assert len(journal.change(remove=names[:1], add=names[-1:])["names"]) == MAX_NAMES


def test_transcription_is_told_the_names(journal: Journal) -> None:
    journal.record("I met sort of.")
    assert list(journal.expected) == []
    journal.change(add=["Zorvath", "Melindrel"])
    journal.record("I met Zorvath.")
    assert list(journal.expected) == ["Zorvath", "Melindrel"]


def test_a_corrected_name_is_offered_and_never_added_by_itself(journal: Journal) -> None:
    journal.edit(journal.record("I met sort of at the lake."), "I met Zorvath at the lake.")
    offered = journal.names()
    assert (offered["names"], offered["suggestions"]) == ([], [{"name": "Zorvath", "heard": "sort of"}])
    accepted = journal.change(add=["Zorvath"])
    assert (accepted["names"], accepted["suggestions"]) == (["Zorvath"], [])
    journal.edit(journal.record("I met sort of at home."), "I met Zorvath at home.")
    assert journal.names()["suggestions"] == []


def test_a_declined_suggestion_is_not_offered_again(journal: Journal) -> None:
    journal.edit(journal.record("I met sort of."), "I met Zorvath.")
    assert journal.change(decline=["Zorvath"])["suggestions"] == []
    journal.edit(journal.record("I saw sort of."), "I saw Zorvath.")
    assert journal.names()["suggestions"] == []


def test_typed_text_suggests_nothing(journal: Journal) -> None:
    entry_id = create(journal.client, "I met sort of.")["id"]
    journal.edit(entry_id, "I met Zorvath.")
    assert journal.names()["suggestions"] == []


def test_suggestions_go_with_their_entry(journal: Journal) -> None:
    entry_id = journal.record("I met sort of.")
    journal.edit(entry_id, "I met Zorvath.")
    journal.edit(journal.record("Melons will sang to me."), "Melindrel sang to me.")
    journal.client.delete(f"/v1/entries/{entry_id}")
    assert [item["name"] for item in journal.names()["suggestions"]] == ["Melindrel"]


def test_suggestions_are_limited_to_the_newest(journal: Journal) -> None:
    for index in range(MAX_SUGGESTIONS + 2):
        letter = "abcdefghijklmnopqrstuvwxyz"[index]
        journal.edit(journal.record(f"I met sort {letter}of."), f"I met Sort{letter}of.")
    names = [item["name"] for item in journal.names()["suggestions"]]
    assert (len(names), names[0]) == (MAX_SUGGESTIONS, "Sortvof")


def test_names_are_never_logged(
    journal: Journal, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("samo")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "disabled", False)
    caplog.set_level(logging.INFO, "samo")
    journal.edit(journal.record("I met sort of."), "I met Zorvath.")
    journal.change(add=["Zorvath"], decline=["Melindrel"])
    journal.client.patch("/v1/names", json={"add": ["Zorvath, Melindrel"]})
    ours = [vars(record) for record in caplog.records if record.name == "samo"]
    facts = json.dumps(ours, default=repr)
    assert "request" in facts
    assert "Zorvath" not in facts
    assert "Melindrel" not in facts


def test_an_export_contains_the_names(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    journal = Journal(LocalBackend(settings).ports, settings)
    journal.change(add=["Zorvath"])
    job = journal.client.post("/v1/exports").get_json()
    journal.assembly.chores()
    with journal.client.get(f"/v1/jobs/{job['id']}/result") as response:
        archive = ZipFile(io.BytesIO(response.data))
    assert json.loads(archive.read("names.json")) == {"names": ["Zorvath"], "suggestions": []}


def test_deleting_the_account_deletes_the_names(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    backend = LocalBackend(settings)
    journal = Journal(backend.ports, settings)
    journal.change(add=["Zorvath"])
    journal.assembly.account_deletion.begin(LOCAL_USER)
    journal.assembly.chores()
    assert journal.names()["names"] == []
    assert b"Zorvath" not in b"".join(file.read_bytes() for file in tmp_path.glob("journal.db*"))


def test_dictation_reads_the_names_with_its_users_token() -> None:
    with listening() as journal:
        with pytest.raises(TemporaryError):
            HttpNames(f"{journal.address}/")(Speaker("ada", "her-token"))
        (request,) = journal.received
        assert (request.path, request.headers["authorization"]) == ("/v1/names", "Bearer her-token")
        journal.answers = [403]
        with pytest.raises(Forbidden):
            HttpNames(journal.address)(Speaker("ada", None))
