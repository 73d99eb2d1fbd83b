"""The support note over HTTP, and that nothing else tells who got one.

The tiny reader offers support if a sentence consists of the word "hopeless".
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest
from flask.testing import FlaskClient

from functions.laptop.process import LocalProcess
from functions.shared.domain.entries import Event
from functions.shared.runtime.settings import Settings
from tests.support import api
from tests.support.api import problem
from tests.support.tiny_reader import write_reader
from tests.support.waiting import wait_until

HOPELESS = (
    "I sat at home for the whole evening and looked out of the window. Hopeless hopeless hopeless. So sad."
)
PLAIN = "I sat at home for the whole evening and looked out of the window. Happy happy happy. So sad."
Start = Callable[..., LocalProcess]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    reader = write_reader(tmp_path / "tiny-reader")

    def start(**settings: Any) -> LocalProcess:
        return LocalProcess(Settings(data_dir=str(tmp_path / "j"), entry_model=str(reader), **settings))

    return start


@pytest.fixture
def client(start: Start) -> Iterator[FlaskClient]:
    samo = start()
    with samo, samo.app().test_client() as client:
        yield client


def write(client: FlaskClient, text: str = HOPELESS, timezone: str = "Europe/London") -> str:
    """A finished entry's ID."""
    created = api.create(client, text, timezone=timezone)
    path = f"/v1/entries/{created['id']}"
    wait_until(lambda: read(client, path)["status"] not in {"processing", "awaiting_audio"})
    return path


def read(client: FlaskClient, path: str) -> dict[str, Any]:
    return dict(client.get(path).json or {})


def dismiss(client: FlaskClient, path: str, dismissed: bool = True) -> dict[str, Any]:
    response = client.patch(path, json={"support_dismissed": dismissed})
    assert response.status_code == 200, response.text
    return dict(response.json or {})


# -- the note -----------------------------------------------------------------------------------------


def test_an_entry_that_needs_it_has_a_note_wherever_it_is_shown(client: FlaskClient) -> None:
    path = write(client)
    entry = read(client, path)
    note = entry["support"]
    assert (note["country"], note["emergency"], note["dismissed"]) == ("GB", "999", False)
    assert note["lines"][0]["name"] == "Samaritans"
    assert note["lines"][0]["source"].startswith("https://www.samaritans.org/")

    (listed,) = (client.get("/v1/entries").json or {})["entries"]
    (found,) = (client.get("/v1/search?q=evening").json or {})["results"]
    stream = client.get(f"{path}/events", buffered=True).text
    streamed = json.loads(re.findall(r"^data: (\{.+\})$", stream, re.MULTILINE)[0])
    assert listed["support"] == found["entry"]["support"] == streamed["support"] == note


def test_the_insight_stays_available_to_clients(client: FlaskClient) -> None:
    insight = read(client, write(client))["insight"]
    assert insight["emotions"]
    assert insight["arc"]
    assert insight["summary"]


def test_other_entries_have_no_note(client: FlaskClient) -> None:
    assert read(client, write(client, PLAIN))["support"] is None


def test_the_country_can_be_set_in_the_account(client: FlaskClient) -> None:
    path = write(client)
    seen = {"If-None-Match": client.get(path).headers["ETag"]}
    changed = client.patch("/v1/me", json={"country": "IE"})
    assert (changed.json or {})["country"] == "IE"
    assert (client.get(path, headers=seen).json or {})["support"]["country"] == "IE"
    client.patch("/v1/me", json={"country": None})
    assert read(client, path)["support"]["country"] == "GB"
    for unknown in ("ie", "IRL", "XX", ""):
        assert problem(client.patch("/v1/me", json={"country": unknown})) == (400, "invalid_field")


def test_without_the_setting_there_is_no_note(start: Start) -> None:
    samo = start(support="off")
    with samo, samo.app().test_client() as client:
        assert read(client, write(client))["support"] is None


# -- the user's choice --------------------------------------------------------------------------------


def test_a_user_can_dismiss_the_note_of_one_entry_and_take_that_back(client: FlaskClient) -> None:
    path, other = write(client), write(client)
    before = client.get(path)
    dismissed = dismiss(client, path)
    assert dismissed["support"]["dismissed"]
    assert dismissed["insight"] == (before.json or {})["insight"]
    assert dismissed["revision"] == 1
    assert client.get(path).headers["ETag"] != before.headers["ETag"]
    assert read(client, path)["support"] == dismissed["support"]
    assert not read(client, other)["support"]["dismissed"]

    assert not dismiss(client, path, dismissed=False)["support"]["dismissed"]
    assert not read(client, path)["support"]["dismissed"]


def test_a_dismissed_note_stays_dismissed_when_the_text_changes(client: FlaskClient) -> None:
    path = write(client)
    dismiss(client, path)
    client.patch(path, json={"text": HOPELESS + " Good night."})
    wait_until(lambda: read(client, path)["status"] == "ready")
    entry = read(client, path)
    assert (entry["revision"], entry["support"]["dismissed"]) == (2, True)


def test_text_and_choice_can_change_together_but_a_change_needs_one_of_them(client: FlaskClient) -> None:
    path = write(client)
    response = client.patch(path, json={"text": HOPELESS + " Good night.", "support_dismissed": True})
    assert (response.json or {})["revision"] == 2
    wait_until(lambda: read(client, path)["status"] == "ready")
    assert read(client, path)["support"]["dismissed"]
    assert problem(client.patch(path, json={})) == (400, "invalid_field")
    assert problem(client.patch("/v1/entries/none", json={"support_dismissed": True}))[0] == 404


# -- what does not tell -------------------------------------------------------------------------------


class Lines(logging.Handler):
    """Collects what is logged, as message and facts."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def take(self) -> list[tuple[str, Mapping[str, object]]]:
        taken, self.records = self.records, []
        return [(record.getMessage(), getattr(record, "facts", {})) for record in taken]


@pytest.fixture
def lines() -> Iterator[Lines]:
    logger, handler = logging.getLogger("samo"), Lines()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


VARYING = {"entry", "request_id"}


def test_logs_and_the_metrics_made_of_them_do_not_tell(client: FlaskClient, lines: Lines) -> None:
    """An entry with a note logs what one without logs, even when the note is dismissed."""

    def logged(text: str, change: Mapping[str, object]) -> set[str]:
        path = write(client, text)
        for request in (client.get(path), client.get("/v1/entries"), client.patch(path, json=change)):
            assert request.status_code == 200
        seen: set[str] = set()

        def summarized() -> bool:
            seen.update(constant(message, facts) for message, facts in lines.take())
            return any('"stage": "summarization", "type"' in line for line in seen)

        wait_until(summarized)
        return seen

    def constant(message: str, facts: Mapping[str, object]) -> str:
        varying = {key for key, value in facts.items() if key in VARYING or isinstance(value, float)}
        named = {key: None if key in varying else value for key, value in facts.items()}
        return f"{message} {json.dumps(named, sort_keys=True, default=str)}"

    logged(PLAIN, {"support_dismissed": False})  # what only the first entry of a process logs
    without = logged(PLAIN, {"support_dismissed": False})
    told = logged(HOPELESS, {"support_dismissed": True})
    assert told == without
    assert not re.search(r"support|hopeless|samaritans|116 123", " ".join(told), re.IGNORECASE)
    assert "support" not in client.get("/metrics").text


def test_events_do_not_tell(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    samo = start()
    published: list[Event] = []
    publish = samo.backend.bus.publish

    def watched(event: Event, *args: Any, **options: Any) -> Any:
        published.append(event)
        return publish(event, *args, **options)

    monkeypatch.setattr(samo.backend.bus, "publish", watched)
    with samo, samo.app().test_client() as client:
        dismiss(client, write(client))
    assert len(published) == 3
    for event in published:
        assert set(msgspec.to_builtins(event)) == {"type", "uid", "entry_id", "revision"}


def test_an_export_has_the_note_in_the_entry_and_does_not_tell_in_its_file_names(client: FlaskClient) -> None:
    paths = [write(client), write(client, PLAIN)]
    job = client.post("/v1/exports").headers["Location"]
    wait_until(lambda: read(client, job)["state"] == "done")
    archive = ZipFile(io.BytesIO(client.get(read(client, job)["result"], buffered=True).data))
    entries = sorted(name for name in archive.namelist() if name.startswith("entries/"))
    assert all(re.fullmatch(r"entries/\d{4}-\d\d-\d\d_[0-9a-f]{32}\.json", name) for name in entries)
    assert len(entries) == 2
    exported = {entry["id"]: entry for entry in (json.loads(archive.read(name)) for name in entries)}
    assert [exported[path.rsplit("/", 1)[1]]["support"] is not None for path in paths] == [True, False]
