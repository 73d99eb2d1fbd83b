"""Live dictation, which runs in transcription's image with another command."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from functions.shared.audio import decoding
from tests.containers import machine
from tests.containers.machine import Image
from tests.support.dictation import Client
from tests.support.network import free_port

pytestmark = [pytest.mark.containers, pytest.mark.models]
COMMAND = ("python", "-m", "functions.dictation.main")


@contextmanager
def dictation_service(image: Image) -> Iterator[str]:
    """Run a container; gives the URL of its WebSocket."""
    port = free_port()
    settings = {"PORT": str(port), "SAMO_DATA_DIR": "/tmp/journal", "SAMO_JOURNAL_URL": "http://127.0.0.1:1"}
    with machine.running(image, COMMAND, settings=settings) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            try:
                httpx.get(f"http://localhost:{port}/health").raise_for_status()
            except httpx.ConnectError:
                continue
            yield f"ws://localhost:{port}/v1/dictation"
            return
        pytest.fail(f"not listening: {process.stdout.read() if process.poll() and process.stdout else ''}")


@pytest.mark.parametrize("image", ["transcription"], indirect=True)
def test_transcribes_and_classifies_with_only_tmp_writable(image: Image, recordings: Path) -> None:
    recording = (decoding.decode(recordings / "two_cities.wav", 0, 6) * 32767).astype(np.int16)
    with dictation_service(image) as url, Client(url) as client:
        client.send(recording)
        client.send(np.concatenate([recording, np.zeros(16_000, np.int16)]))
        frame = client.await_frame("final")
        client.say({"type": "discard"})
        assert client.await_frame("ended")["entry_id"] is None
    assert frame["segment"]["text"] == "It was the best of times."
    assert frame["emotions"]


@pytest.mark.parametrize("image", ["transcription"], indirect=True)
def test_does_not_start_without_a_journal_url(image: Image) -> None:
    status, printed = machine.output(image, *COMMAND)
    assert status != 0
    assert "SAMO_JOURNAL_URL" in printed
