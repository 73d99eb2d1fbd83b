"""The `samo` command, run in a process of its own."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.models

SAMO = [sys.executable, "-m", "functions.cli"]


def samo(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SAMO, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=300,
        check=False,
    )


def test_demo_shows_the_insight_of_a_recording(recordings: Path) -> None:
    process = samo("demo", str(recordings / "beckett.wav"))
    assert process.returncode == 0, process.stderr
    assert "fail" in process.stdout.lower()
    caption, summary = process.stdout.split("╭", 1)[1].split("\n", 1)
    assert "Summary" in caption
    assert "Ever tried" in summary


def test_demo_prints_json(recordings: Path) -> None:
    entry = json.loads(samo("--json", "demo", str(recordings / "beckett.wav")).stdout)
    assert entry["status"] == "ready"
    assert entry["insight"]["summary"]["quotes"]


def test_demo_reads_a_sample_note_and_transcribes_a_sample_recording() -> None:
    process = samo("demo")
    assert process.returncode == 0, process.stderr
    assert "Noor fell asleep on my shoulder" in process.stdout
    assert re.search(r"gratitude +[●○]{3} +(strongly|somewhat|a little) +sentences? .*14", process.stdout)
    assert "Ever tried" in process.stdout.split("beckett.wav, transcribed")[1]


def test_run_shows_the_demo_and_keeps_it_out_of_the_journal(tmp_path: Path) -> None:
    temporary, journal = tmp_path / "temporary", tmp_path / "journal"
    temporary.mkdir()
    with served(journal, "--demo", TMPDIR=str(temporary)) as (process, client):
        assert client.get("/v1/entries").json()["entries"] == []
        entry = client.post("/v1/entries", json={"text": "My own first entry."}).json()
        assert follow(client, entry["id"])[-1]["status"] == "ready"
        assert [listed["id"] for listed in client.get("/v1/entries").json()["entries"]] == [entry["id"]]
        assert list(temporary.glob("samo-demo-*")) == []
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 0


@pytest.mark.parametrize(
    ("format_", "begins"), [("srt", "1\n00:00:"), ("vtt", "WEBVTT"), ("json", "{"), ("txt", "")]
)
def test_transcribe_writes_every_format(recordings: Path, tmp_path: Path, format_: str, begins: str) -> None:
    process = samo(
        "transcribe", str(recordings / "beckett.wav"), "--format", format_, "--output", str(tmp_path)
    )
    assert process.returncode == 0, process.stderr
    text = (tmp_path / f"beckett.{format_}").read_text()
    assert text.startswith(begins)
    assert "fail" in text.lower()


def test_transcribe_reports_an_unsupported_file_and_transcribes_the_others(
    recordings: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.wav"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 64)
    process = samo("transcribe", str(picture), str(recordings / "beckett.wav"))
    assert process.returncode == 3
    assert "undecodable_audio" in process.stderr
    assert "fail" in process.stdout.lower()


def test_predict_reads_arguments_or_lines() -> None:
    process = samo("--json", "predict", "I am so happy and grateful!")
    piped = samo("--json", "predict", stdin="I am so happy and grateful!\n")
    assert process.returncode == 0, process.stderr
    assert process.stdout == piped.stdout
    assert "gratitude" in {score["emotion"] for score in json.loads(process.stdout)["emotions"]}


def test_predict_explains_an_empty_prediction() -> None:
    assert json.loads(samo("--json", "predict", "😀").stdout)["empty_reason"] == "no_words"
    assert samo("predict", "").returncode == 3


def test_summarize_quotes_its_input() -> None:
    text = "I walked home. I was so sad that he had left! It rained a little. Nothing else happened today."
    process = samo("--json", "summarize", "--max-sentences", "1", stdin=text)
    (quote,) = json.loads(process.stdout)["summary"]["quotes"]
    assert quote["text"] in text


def test_backfill_imports_each_file_once(recordings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    shutil.copy(recordings / "beckett.wav", folder / "note.wav")
    (folder / "day.txt").write_text("I had a wonderful day with my sister.")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 64)
    journal = str(tmp_path / "journal")
    first = samo("--json", "--data", journal, "backfill", str(folder))
    assert first.returncode == 3, "one file was rejected"
    report = json.loads(first.stdout)
    assert report["outcomes"] == {"new": 2, "refused": 1}
    assert report["statuses"] == {"ready": 2}
    again = json.loads(samo("--json", "--data", journal, "backfill", str(folder)).stdout)
    assert again["outcomes"] == {"known": 2, "refused": 1}


def test_verify_names_the_command_that_fetches_a_missing_model(models: Path, tmp_path: Path) -> None:
    assert samo("models", "verify").returncode == 0
    shutil.copy(models / "manifest.json", tmp_path)
    missing = samo("models", "verify", SAMO_MODELS_DIR=str(tmp_path))
    assert missing.returncode == 4
    assert "samo models fetch" in missing.stderr
    listed = samo("models", "list")
    assert "moonshine-tiny-en" in listed.stdout


def test_an_invalid_setting_and_a_host_that_is_not_loopback_are_usage_errors(tmp_path: Path) -> None:
    assert samo("demo", SAMO_THREADS="many").returncode == 2
    exposed = samo("--data", str(tmp_path), "run", "--host", "0.0.0.0")
    assert exposed.returncode == 2
    assert "loopback" in exposed.stderr


@contextmanager
def served(
    journal: Path, *options: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A running `samo run` and a client for it. The process is killed at the end if it still runs."""
    command = [*SAMO, "--data", str(journal), "run", *options]
    environ = {**os.environ, **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1, env=environ) as process:
        try:
            assert process.stdout is not None
            address = next(filter(None, (re.search(r"http://[\d.:]+/", line) for line in process.stdout)))[0]
            with httpx.Client(base_url=address, timeout=120) as client:
                yield process, client
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("environment", "access"),
    [
        ({}, "this machine only, without sign-in"),
        (
            {"SAMO_AUTH_ISSUER": "https://issuer.example.org", "SAMO_AUTH_AUDIENCE": "journal"},
            "accounts of https://issuer.example.org",
        ),
    ],
    ids=["without accounts", "with accounts"],
)
def test_run_prints_who_has_access(tmp_path: Path, environment: dict[str, str], access: str) -> None:
    with served(tmp_path, **environment) as (process, _):
        assert process.stdout is not None
        (line,) = [line for line in itertools.islice(process.stdout, 3) if line.startswith("Access:")]
    assert line.removeprefix("Access:").strip() == access


def follow(client: httpx.Client, entry_id: str) -> list[dict[str, Any]]:
    """Every state of an entry until it is final, from its event stream."""
    with client.stream("GET", f"/v1/entries/{entry_id}/events") as stream:
        lines = [line for line in stream.iter_lines() if line.startswith("data:")]
    states = [json.loads(line.removeprefix("data:")) for line in lines]
    assert states.pop() == {}, "the last event is empty"
    return states


def test_run_serves_until_it_is_interrupted_and_locks_its_journal(tmp_path: Path) -> None:
    with served(tmp_path) as (process, client):
        entry = client.post("/v1/entries", json={"text": "I am glad that it works."}).json()
        assert follow(client, entry["id"])[-1]["status"] == "ready"
        second = samo("--data", str(tmp_path), "run")
        assert (second.returncode, "data_in_use" in second.stderr) == (2, True)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 0


def test_a_killed_server_processes_accepted_entries_at_its_next_start(
    recordings: Path, tmp_path: Path
) -> None:
    with served(tmp_path) as (process, client):
        recording = {"audio": (recordings / "two_cities.wav").read_bytes()}
        spoken = client.post("/v1/entries", files=recording).json()["id"]
        written = client.post("/v1/entries", json={"text": "I am glad that it works."}).json()["id"]
        deleted = client.post("/v1/entries", files=recording).json()["id"]
        assert client.delete(f"/v1/entries/{deleted}").status_code == 204
        process.kill()
    with served(tmp_path) as (_, client):
        assert follow(client, spoken)[-1]["status"] == "ready"
        assert follow(client, written)[-1]["status"] == "ready"
        listed = {entry["id"] for entry in client.get("/v1/entries").json()["entries"]}
        assert listed == {spoken, written}


def test_an_interrupt_during_transcription_stops_at_once_and_loses_nothing(
    recordings: Path, tmp_path: Path
) -> None:
    with served(tmp_path) as (process, client):
        recording = {"audio": (recordings / "two_cities.wav").read_bytes()}
        entry = client.post("/v1/entries", files=recording).json()["id"]
        with client.stream("GET", f"/v1/entries/{entry}/events") as stream:
            next(line for line in stream.iter_lines() if '"state":"running"' in line)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=120) == 0
    with served(tmp_path) as (_, client):
        assert follow(client, entry)[-1]["status"] == "ready"
