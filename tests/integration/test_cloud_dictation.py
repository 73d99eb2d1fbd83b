"""Live dictation as in the cloud: a separate process that knows only the journal's address."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from functions.shared.audio import decoding
from tests.support.cloudrun.instance import ROOT
from tests.support.cloudrun.phone import Phone
from tests.support.cloudrun.region import CLIENTS, Region, public, region
from tests.support.dictation import Client, Refused, Samples
from tests.support.emulators import Emulators
from tests.support.network import free_port

pytestmark = [pytest.mark.emulators, pytest.mark.models]
COMMAND = (sys.executable, "-m", "functions.dictation.main")
SEPARATE = {"SAMO_DATABASE": "journals", "SAMO_ACCESS_DATABASE": "access"}
START_S = 120


@pytest.fixture(scope="module")
def samo(emulators: Emulators) -> Iterator[Region]:
    with region(emulators, (public("journal"),), settings=SEPARATE) as region_:
        yield region_


@contextmanager
def dictating(samo: Region) -> Iterator[str]:
    """Runs the service; yields its WebSocket address and terminates it at the end.

    It gets a database without any journal, as it has no access to the journals' one.
    """
    port = free_port()
    own = {"PORT": str(port), "SAMO_DATABASE": "none", "SAMO_JOURNAL_URL": f"{samo.address}/journal"}
    process = subprocess.Popen(COMMAND, cwd=ROOT, env={**samo.environment, **own}, stderr=subprocess.DEVNULL)
    try:
        await_health(f"http://127.0.0.1:{port}/health", process)
        yield f"ws://127.0.0.1:{port}/v1/dictation"
    finally:
        process.terminate()
        process.wait(120)


def await_health(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(address).raise_for_status()
            return
        except httpx.ConnectError:
            time.sleep(0.1)
    pytest.fail("the service does not start")


@pytest.fixture(scope="module")
def speech(recordings: Path) -> Samples:
    return (decoding.decode(recordings / "beckett.wav") * 32767).astype(np.int16)


def test_a_dictation_with_an_api_key_belongs_to_the_keys_owner(samo: Region, speech: Samples) -> None:
    with Phone(samo, "ada") as ada, dictating(samo) as url:
        key = ada.http.post("/v1/keys", json={"name": "pen", "scopes": ["entries:write"]}).json()
        with Client(url, token=key["secret"]) as client:
            client.send(speech)
            ended = client.stop()
        entry = ada.read(ended["entry_id"])
        assert ada.http.get(f"/v1/entries/{entry['id']}/audio").content[4:8] == b"ftyp"
    assert entry["source"] == "voice"
    assert "fail" in client.words()


def test_a_process_that_is_terminated_delivers_its_dictations(samo: Region, speech: Samples) -> None:
    with Phone(samo, "bob") as bob:
        with dictating(samo) as url, Client(url, token=samo.issuer.token(CLIENTS, sub="bob")) as client:
            client.send(speech, to_s=3.0)
            client.vanish()
        assert [entry["source"] for entry in bob.http.get("/v1/entries").json()["entries"]] == ["voice"]


def test_a_deleted_account_is_rejected_by_the_journal(samo: Region, speech: Samples) -> None:
    samo.issuer.sign_up("eve")
    with Phone(samo, "eve") as eve:
        assert eve.http.delete("/v1/me").status_code == 202
    with dictating(samo) as url, Client(url, token=samo.issuer.token(CLIENTS, sub="eve")) as client:
        client.send(speech, to_s=1.0)
        with pytest.raises(Refused) as raised:
            client.stop()
    assert (raised.value.code, raised.value.closed) == ("account_deleted", 4403)
