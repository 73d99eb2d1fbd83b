"""The emulated bucket behaves like Cloud Storage where SAMO relies on it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest
from google.api_core.exceptions import NotFound, PreconditionFailed

from functions.shared.backends.gcp.audio_store import CloudStorageAudio, key_of
from functions.shared.backends.gcp.event_bus import PubSubEventBus
from functions.shared.domain import events
from functions.shared.domain.entries import EntryKey, Event, EventType
from functions.shared.pipeline import cloud_events
from tests.support.cloud import Cloud, Push

pytestmark = pytest.mark.emulators

KEY = EntryKey("ada", "first")


@contextmanager
def listening() -> Iterator[tuple[str, Queue[tuple[dict[str, str], bytes]]]]:
    """A push endpoint, and the requests that arrive there."""
    arrived: Queue[tuple[dict[str, str], bytes]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()
            arrived.put(({name.lower(): value for name, value in self.headers.items()}, body))

        def log_message(self, *args: Any) -> None:
            """Discards the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", arrived
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_upload_sends_the_buckets_notification(cloud: Cloud) -> None:
    with listening() as (address, arrived):
        cloud.set_up({"uploads": Push(address)})
        stored = CloudStorageAudio(cloud.project, cloud.bucket).put(KEY, io.BytesIO(b"sound"), "audio/webm")
        headers, body = arrived.get(timeout=120)

    assert headers["eventtype"] == "OBJECT_FINALIZE"
    assert headers["payloadformat"] == "JSON_API_V1"
    assert headers["bucketid"] == cloud.bucket
    assert key_of(headers["objectid"]) == KEY
    assert headers["objectgeneration"] == str(stored.generation)
    resource = json.loads(body)
    assert resource["name"] == stored.object
    assert (resource["size"], resource["contentType"]) == ("5", "audio/webm")


def test_an_event_is_pushed_as_a_binary_cloudevent(cloud: Cloud) -> None:
    event = Event(type=EventType.TRANSCRIBED, uid="ada", entry_id="first", revision=1)
    with listening() as (address, arrived):
        cloud.set_up({"emotion": Push(address)})
        PubSubEventBus(cloud.project).publish(event)
        headers, body = arrived.get(timeout=120)

    assert headers["ce-id"] == events.event_id(event)
    assert headers["content-type"] == "application/json"
    assert headers["traceparent"].startswith("00-")
    assert cloud_events.parse(headers["ce-type"], body) == event


def test_overwriting_names_the_overwritten_generation(cloud: Cloud) -> None:
    cloud.set_up()
    blob = cloud.storage.bucket(cloud.bucket).blob("inbox/ada/note")
    blob.upload_from_string(b"old")
    old = blob.generation
    blob.upload_from_string(b"new")

    messages = [dict(received.message.attributes) for received in _pulled(cloud, 2)]
    assert {message.get("overwroteGeneration") for message in messages} == {None, str(old)}


def _pulled(cloud: Cloud, count: int) -> list[Any]:
    received: list[Any] = []
    while len(received) < count and (more := cloud.pull("uploads")):
        received += more
    return received


def test_generation_preconditions_are_enforced(cloud: Cloud) -> None:
    cloud.create_bucket()
    bucket = cloud.storage.bucket(cloud.bucket)
    blob = bucket.blob("thing")
    blob.upload_from_string(b"first")
    wrong = blob.generation + 1

    overwriting: list[Callable[[], Any]] = [
        lambda: bucket.blob("thing").upload_from_string(b"x", if_generation_match=0),
        lambda: bucket.blob("thing").upload_from_string(b"x", if_generation_match=wrong),
        lambda: bucket.blob("thing", chunk_size=2**18).upload_from_file(
            io.BytesIO(b"x" * 2**19), if_generation_match=0
        ),
        lambda: bucket.blob("thing").delete(if_generation_match=wrong),
        lambda: bucket.blob("thing").download_as_bytes(if_generation_match=wrong),
        lambda: bucket.copy_blob(blob, bucket, "thing", if_generation_match=0),
    ]
    for overwrite in overwriting:
        with pytest.raises(PreconditionFailed):
            overwrite()
    with pytest.raises(NotFound):
        bucket.blob("thing", generation=wrong).download_as_bytes()
    assert bucket.blob("thing", generation=blob.generation).download_as_bytes() == b"first"


def test_concurrent_uploads_are_all_stored_and_announced(cloud: Cloud) -> None:
    cloud.set_up()
    audio = CloudStorageAudio(cloud.project, cloud.bucket)
    keys = [EntryKey("ada", f"e{number}") for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda key: audio.put(key, io.BytesIO(b"s" * 1000), "audio/webm"), keys))

    messages = _pulled(cloud, len(keys))
    assert {key_of(received.message.attributes["objectId"]) for received in messages} == set(keys)
    assert {int(received.message.attributes["objectGeneration"]) for received in messages} == {
        recording.generation for recording in stored
    }
