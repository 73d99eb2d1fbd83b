"""Each recording is probed once, however it arrives."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from click.testing import CliRunner

from functions.cli import main
from functions.laptop.demo import wait_until_final
from functions.laptop.process import LocalProcess
from functions.shared.access.identity import LOCAL_USER
from functions.shared.audio import decoding
from functions.shared.audio.decoding import AudioInfo
from functions.shared.domain.changes import Write
from functions.shared.domain.content import PartialReason
from functions.shared.domain.creation import create_voice_entry
from functions.shared.domain.entries import Entry, EntryKey
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings

pytestmark = pytest.mark.models


@pytest.fixture
def samo(tmp_path: Path) -> Iterator[LocalProcess]:
    with LocalProcess(Settings(data_dir=str(tmp_path / "journal"))) as samo:
        yield samo


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[AudioInfo]:
    """The results of every call of `decoding.probe`."""
    results: list[AudioInfo] = []
    probe = decoding.probe

    def counted(path: Path, *, max_duration_s: float = decoding.MAX_DURATION_S) -> AudioInfo:
        results.append(probe(path, max_duration_s=max_duration_s))
        return results[-1]

    monkeypatch.setattr(decoding, "probe", counted)
    return results


def post(samo: LocalProcess, recording: bytes) -> Entry:
    """Create an entry over HTTP and wait for its insight."""
    client = samo.app().test_client()
    response = client.post("/v1/entries", data=recording, content_type="audio/wav")
    assert response.status_code == 201, response.text
    assert response.json is not None
    return wait_until_final(samo.journal, response.json["id"], lambda _: None)


def test_a_posted_recording_is_probed_once(
    samo: LocalProcess, probes: list[AudioInfo], recordings: Path
) -> None:
    entry = post(samo, (recordings / "beckett.wav").read_bytes())
    (info,) = probes
    assert entry.audio is not None
    assert (entry.audio.duration_s, entry.partial_audio) == (info.duration_s, False)
    assert info.duration_s == pytest.approx(9.96, abs=0.01)


def test_a_posted_recording_that_broke_off_is_probed_once_and_stays_partial(
    samo: LocalProcess, probes: list[AudioInfo], recordings: Path
) -> None:
    recording = (recordings / "beckett.wav").read_bytes()
    entry = post(samo, recording[: len(recording) * 2 // 3])
    (info,) = probes
    transcript, _ = samo.journal.load_content(entry)
    assert transcript is not None
    assert (info.partial, entry.partial_audio, transcript.partial) == (True, True, True)
    assert (entry.partial_reason, transcript.partial_reason) == (PartialReason.ENDS_EARLY,) * 2
    view = samo.app().test_client().get(f"/v1/entries/{entry.entry_id}").get_json()
    assert view["audio"]["partial_reason"] == "ends_early"


def test_a_recording_in_the_bucket_that_broke_off_says_so(samo: LocalProcess, recordings: Path) -> None:
    recording = (recordings / "beckett.wav").read_bytes()
    entry = arrive(samo, BytesIO(recording[: len(recording) * 2 // 3]))
    transcript, _ = samo.journal.load_content(entry)
    assert transcript is not None
    assert (entry.partial_audio, entry.partial_reason) == (True, PartialReason.ENDS_EARLY)
    assert transcript.partial_reason is PartialReason.ENDS_EARLY


def test_a_recording_sent_after_its_entry_is_probed_once(
    samo: LocalProcess, probes: list[AudioInfo], recordings: Path
) -> None:
    recording = (recordings / "beckett.wav").read_bytes()
    client = samo.app().test_client()
    upload = client.post("/v1/uploads", json={"size": len(recording), "content_type": "audio/wav"}).json
    assert upload is not None
    assert client.put(upload["url"], data=recording, headers=upload["headers"]).status_code == 200
    entry = wait_until_final(samo.journal, upload["entry"]["id"], lambda _: None)
    assert len(probes) == 1
    assert entry.audio is not None
    assert entry.audio.duration_s == probes[0].duration_s


def arrive(samo: LocalProcess, recording: BinaryIO) -> Entry:
    """An entry whose recording arrives as on Google Cloud, where the API never sees it."""
    key, ports = EntryKey(LOCAL_USER, "uploaded"), samo.backend.ports

    def create(_: Entry | None, now: datetime) -> tuple[Write, None]:
        return Write(entry=create_voice_entry(key, now, wait_for_audio=timedelta(hours=1))), None

    ports.store.transact(key, create)
    ports.audio.put(key, recording, "audio/wav")
    Pipeline(ports, samo.settings).recordings.adopt(key)
    return wait_until_final(samo.journal, "uploaded", lambda _: None)


def test_a_recording_that_arrives_in_the_bucket_is_probed_by_the_stage(
    samo: LocalProcess, probes: list[AudioInfo], recordings: Path
) -> None:
    with (recordings / "beckett.wav").open("rb") as data:
        entry = arrive(samo, data)
    assert len(probes) == 1
    assert entry.audio is not None
    assert entry.audio.duration_s == probes[0].duration_s


def test_synchronous_transcription_probes_once(
    samo: LocalProcess, probes: list[AudioInfo], recordings: Path
) -> None:
    recording = (recordings / "beckett.wav").read_bytes()
    response = samo.app().test_client().post("/transcribe", data=recording, content_type="audio/wav")
    assert response.status_code == 200, response.text
    assert len(probes) == 1


@pytest.fixture
def restored_logs() -> Iterator[None]:
    """The command configures logging for the whole process."""
    logger = logging.getLogger("samo")
    before = logger.handlers[:], logger.level, logger.propagate, logging.raiseExceptions
    yield
    logger.handlers[:], logger.level, logger.propagate, logging.raiseExceptions = before


@pytest.mark.usefixtures("restored_logs")
def test_the_transcribe_command_probes_once(probes: list[AudioInfo], recordings: Path) -> None:
    result = CliRunner().invoke(main, ["transcribe", str(recordings / "beckett.wav")])
    assert result.exit_code == 0, result.output
    assert "fail better" in result.output
    assert len(probes) == 1
