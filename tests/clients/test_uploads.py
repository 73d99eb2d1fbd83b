"""Large uploads over connections that drop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from functions.journal.assembly import Assembly
from functions.shared.access.identity import LOCAL_USER
from functions.shared.backends.connect import connect
from functions.shared.domain.entries import EntryKey
from functions.shared.web.app import create_app
from samo_client import SamoError
from tests.clients.drivers import Client
from tests.clients.samples import entry, wav
from tests.clients.scripted import Scripted, Storage, json_response
from tests.support.cloud import Cloud

MIB = 1024 * 1024


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "note.wav"
    path.write_bytes(wav(300))
    return path


@pytest.fixture
def client(kind: type[Client], scripted: Scripted, storage: Storage) -> Client:
    """A client of a server that stores recordings elsewhere."""
    session = {
        "entry": entry("awaiting_audio", source="voice"),
        "url": f"{storage.address}/upload?upload_id=secret",
        "headers": {"Content-Type": "audio/wav"},
        "method": "PUT",
    }
    scripted.script.append(json_response(session, 201))
    return kind(scripted.address, "token-1")


def spans(storage: Storage) -> list[str]:
    return [request.headers["Content-Range"] for request in storage.requests]


def test_a_recording_is_sent_to_storage_in_chunks_without_the_token(
    client: Client, storage: Storage, recording: Path
) -> None:
    progress: list[tuple[int, int]] = []
    entry = client("entries.create", audio=recording, progress=lambda *sent: progress.append(sent))
    size = recording.stat().st_size
    assert entry["status"] == "awaiting_audio"
    assert storage.kept == recording.read_bytes()
    assert spans(storage) == [f"bytes 0-{8 * MIB - 1}/{size}", f"bytes {8 * MIB}-{size - 1}/{size}"]
    assert all("Authorization" not in request.headers for request in storage.requests)
    assert {request.headers["Content-Type"] for request in storage.requests} == {"audio/wav"}
    assert progress[-1] == (size, size)
    assert progress == sorted(progress)


def test_an_interrupted_upload_resumes(client: Client, storage: Storage, recording: Path) -> None:
    storage.breaks.extend([3 * MIB, 0, 1 * MIB])
    client("entries.create", audio=recording)
    assert storage.kept == recording.read_bytes()
    status_query = f"bytes */{recording.stat().st_size}"
    assert spans(storage).count(status_query) == 3


def test_an_upload_without_progress_fails(client: Client, storage: Storage, recording: Path) -> None:
    storage.breaks.extend([0] * 20)
    with pytest.raises(SamoError) as raised:
        client("entries.create", audio=recording)
    assert raised.value.code == "unreachable"
    assert storage.kept == b""


@pytest.mark.emulators
def test_a_bucket_takes_a_large_recording(kind: type[Client], cloud: Cloud, recording: Path) -> None:
    cloud.set_up()
    settings = cloud.settings()
    app = create_app(Assembly(connect(settings), settings).routes(), settings)
    with running(make_server("127.0.0.1", 0, app, threaded=True)) as address:
        progress: list[tuple[int, int]] = []
        entry = kind(address)("entries.create", audio=recording, progress=lambda *sent: progress.append(sent))
    assert entry["source"] == "voice"
    assert progress[-1] == (recording.stat().st_size, recording.stat().st_size)
    stored = connect(settings).audio.find(EntryKey(LOCAL_USER, entry["id"]))
    assert stored is not None
    assert stored.content_type == "audio/wav"
    with connect(settings).audio.fetch(stored) as file:
        assert file.read_bytes() == recording.read_bytes()


@contextmanager
def running(server: BaseWSGIServer) -> Iterator[str]:
    """Runs a server for the duration of the context; yields its address."""
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
