"""Each function started by functions-framework, with real requests and events."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from functions.journal.journal import Journal
from functions.shared.access.identity import LOCAL_USER
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain.entries import Event, Stage, StageState, Status
from functions.shared.pipeline import cloud_events
from functions.shared.runtime.settings import Settings
from tests.support.network import free_port

ROOT = Path(__file__).parents[2]
TEXT = "I was afraid of the exam all week. I passed, and I am so happy and grateful now!"

pytestmark = pytest.mark.models


@contextmanager
def function(name: str, target: str, signature: str, data: Path) -> Iterator[httpx.Client]:
    """A client of one target of one function, served by functions-framework until the context ends."""
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--source", f"functions/{name}/main.py"]
    command += ["--target", target, "--signature-type", signature, "--port", str(port)]
    environment = {**os.environ, "SAMO_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            _await_port(port, process)
            yield client
    finally:
        process.terminate()
        process.communicate(timeout=120)


def _await_port(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the function exited: {process.stderr and process.stderr.read()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("the function does not listen")


def deliver(client: httpx.Client, event: Event) -> int:
    """Delivers an event as a binary CloudEvent, as a push subscription does; returns the status."""
    headers = cloud_events.attributes(event)
    return client.post("/", headers=headers, content=cloud_events.body(event)).status_code


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    return LocalBackend(Settings(data_dir=str(tmp_path)))


@pytest.fixture
def journal(backend: LocalBackend, tmp_path: Path) -> Journal:
    return Journal(backend.ports, Settings(data_dir=str(tmp_path)), LOCAL_USER)


def _next_event(backend: LocalBackend) -> Event:
    delivery = backend.bus.receive()
    assert delivery is not None
    backend.bus.acknowledge(delivery)
    return delivery.event


def test_events_carry_an_entry_through_all_three_stages(
    tmp_path: Path, backend: LocalBackend, journal: Journal, recordings: Path
) -> None:
    entry = journal.create_voice_entry(recordings / "beckett.wav")
    for name in ("transcription", "emotion", "summarization"):
        with function(name, "on_event", "cloudevent", tmp_path) as client:
            event = _next_event(backend)
            assert deliver(client, event) == 200
            assert deliver(client, event) == 200, "a repeated event is acknowledged"
    finished = journal.get(entry.entry_id)
    assert finished.status is Status.READY
    assert finished.summary is not None
    assert all(finished.stage(stage).attempt == 1 for stage in Stage)


def test_an_unknown_event_is_acknowledged_and_changes_nothing(tmp_path: Path, journal: Journal) -> None:
    entry = journal.create_text_entry(TEXT).entry
    foreign = {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-type": "com.example.other",
        "ce-source": "x",
        "content-type": "application/json",
    }
    with function("emotion", "on_event", "cloudevent", tmp_path) as client:
        assert client.post("/", headers=foreign, content=b'{"uid": 7}').status_code == 200
        assert client.post("/", json={"no": "event"}).status_code == 400
    assert journal.get(entry.entry_id).stage(Stage.EMOTION).state is StageState.PENDING


def _check_predict(client: httpx.Client, _: Path) -> None:
    response = client.post("/predict", json={"text": TEXT})
    assert response.status_code == 200
    prediction = response.json()
    assert set(prediction) == {"emotions", "feelings", "topics", "sentiment", "inference_time"}
    assert {"emotion", "confidence"} == set(prediction["emotions"][0])
    assert prediction["inference_time"].endswith("ms")
    assert client.post("/predict", json={"text": ""}).json()["code"] == "empty_text"


def _check_summarize(client: httpx.Client, _: Path) -> None:
    response = client.post("/summarize", json={"text": TEXT, "max_sentences": 1})
    assert response.json()["summary"]["quotes"][0]["text"] in TEXT


def _check_transcribe(client: httpx.Client, recordings: Path) -> None:
    response = client.post("/transcribe", files={"audio": (recordings / "beckett.wav").read_bytes()})
    assert response.status_code == 200, response.text
    assert "fail" in response.json()["text"].lower()
    subtitles = client.post(
        "/transcribe?format=vtt",
        content=(recordings / "beckett.wav").read_bytes(),
        headers={"Content-Type": "audio/wav"},
    )
    assert subtitles.text.startswith("WEBVTT")


def _check_journal(client: httpx.Client, _: Path) -> None:
    created = client.post("/v1/entries", json={"text": TEXT})
    assert created.status_code == 201
    assert client.get(created.headers["Location"]).json()["transcript"]["text"] == TEXT
    assert "<html" in client.get("/").text.lower()


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("emotion", _check_predict),
        ("summarization", _check_summarize),
        ("transcription", _check_transcribe),
        ("journal", _check_journal),
    ],
)
def test_each_function_serves_https_calls(
    name: str, check: Callable[[httpx.Client, Path], None], tmp_path: Path, recordings: Path
) -> None:
    with function(name, "serve", "http", tmp_path) as client:
        check(client, recordings)
        response = client.get("/", headers={"Host": "evil.example"})
        assert (response.status_code, response.json()["code"]) == (403, "forbidden_host")


def test_the_journal_does_not_start_with_wrong_help_lines(tmp_path: Path) -> None:
    lines = tmp_path / "lines.toml"
    lines.write_text("collected = 2026-11-30\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SAMO_SUPPORT_LINES": str(lines)}
    command = [sys.executable, "-c", "import functions.journal.main"]
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert f"help lines in {lines}: Object missing required field `countries`" in process.stderr
