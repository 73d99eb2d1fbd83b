"""PyPI's storage emulator, made to keep Cloud Storage's word where it matters here.

On its own it ignores every precondition, answers one request at a time, writes all its metadata with
each upload, gives a resumable upload its generation when it begins, and knows no notifications. This
wraps its storage and its handlers rather than changing them; run it as a process of its own:

    PUBSUB_EMULATOR_HOST=127.0.0.1:8085 python -m tests.support.storage_emulator 9023
"""

from __future__ import annotations

import base64
import json
import logging
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlparse

from gcp_storage_emulator import server
from gcp_storage_emulator.exceptions import BadRequest, NotFound
from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.storage import Storage

Handler = Callable[..., None]
Resource = dict[str, Any]

_lock = threading.RLock()
_request = threading.local()
_BUCKET = r"(?P<bucket_name>[-.\w]+)"


class PreconditionFailed(Exception):
    """HTTP 412."""


class PreciseStorage(Storage):  # type: ignore[misc]
    """Objects in memory, created and deleted only under the conditions of the request at hand."""

    def __init__(self) -> None:
        super().__init__(use_memory_fs=True)
        self.notifications: dict[str, list[Resource]] = {}
        self.sessions: dict[str, Session] = {}
        self.notifier = Notifier()

    def create_resumable_upload(self, bucket: str, name: str, resource: Resource) -> str:
        upload_id: str = super().create_resumable_upload(bucket, name, resource)
        self.sessions[upload_id] = Session(resource["size"], _header("Origin"))
        return upload_id

    def create_file(
        self, bucket: str, name: str, content: bytes, resource: Resource, file_id: str | None = None
    ) -> None:
        standing = self.objects.get(bucket, {}).get(name)
        require(standing)
        if file_id is not None:
            self.sessions[file_id].check(content)
        generation = time.time_ns()
        resource["generation"] = str(generation)
        resource["id"] = f"{bucket}/{name}/{generation}"
        super().create_file(bucket, name, content, resource, file_id)
        for config in self.notifications.get(bucket, []):
            self.notifier.finalized(config, resource, standing)

    def _write_config_to_file(self) -> None:
        """Nothing outlives this process."""

    def _bucket_soft_delete_retention_seconds(self, bucket_name: str) -> int:
        """Our bucket has no soft delete."""
        return 0


class Session:
    """What a resumable upload was announced with."""

    def __init__(self, size: str | None, origin: str | None) -> None:
        self._size = size
        self.origin = origin

    def check(self, content: bytes) -> None:
        if self._size is not None and int(self._size) != len(content):
            raise BadRequest("the upload has another length than its session declared")


class Notifier:
    """Publishes to Pub/Sub in the background, until each notification is accepted."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def finalized(self, config: Resource, resource: Resource, overwritten: Resource | None) -> None:
        attributes = {
            "notificationConfig": f"projects/_/{config['selfLink']}",
            "eventType": "OBJECT_FINALIZE",
            "payloadFormat": "JSON_API_V1",
            "bucketId": resource["bucket"],
            "objectId": resource["name"],
            "objectGeneration": resource["generation"],
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        if overwritten is not None:
            attributes["overwroteGeneration"] = overwritten["generation"]
        data = base64.b64encode(json.dumps(resource).encode()).decode()
        body = json.dumps({"messages": [{"data": data, "attributes": attributes}]}).encode()
        self._queue.put((config["topic"].removeprefix("//pubsub.googleapis.com/"), body))

    def _run(self) -> None:
        while True:
            topic, body = self._queue.get()
            url = f"http://{os.environ['PUBSUB_EMULATOR_HOST']}/v1/{topic}:publish"
            try:
                headers = {"Content-Type": "application/json"}
                urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10).close()
            except urllib.error.HTTPError as refused:
                print(f"notification refused: {refused.code} {topic}", file=sys.stderr)
            except OSError:
                self._queue.put((topic, body))
                time.sleep(0.2)


def require(standing: Resource | None) -> None:
    """The conditions of the request at hand, on the object as it stands."""
    generation = 0 if standing is None else int(standing["generation"])
    query: Mapping[str, list[str]] = _request.query
    if "ifGenerationMatch" in query and int(query["ifGenerationMatch"][0]) != generation:
        raise PreconditionFailed
    if "ifGenerationNotMatch" in query and int(query["ifGenerationNotMatch"][0]) == generation:
        raise PreconditionFailed


def of_a_generation(handler: Handler) -> Handler:
    """Reading, changing or deleting one object: of the generation asked for, under its conditions."""

    def handle(request: Any, response: Any, storage: PreciseStorage) -> None:
        names = request.params
        standing = storage.objects.get(names["bucket_name"], {}).get(names["object_id"])
        wanted = request.query.get("generation")
        if standing is None or (wanted and wanted[0] != standing["generation"]):
            raise NotFound
        require(standing)
        handler(request, response, storage)

    return handle


def insert_notification(request: Any, response: Any, storage: PreciseStorage) -> None:
    bucket = request.params["bucket_name"]
    if bucket not in storage.buckets:
        raise NotFound
    configs = storage.notifications.setdefault(bucket, [])
    own = {"kind": "storage#notification", "id": str(len(configs) + 1)}
    config = {**request.data, **own, "selfLink": f"buckets/{bucket}/notificationConfigs/{own['id']}"}
    configs.append(config)
    response.json(config)


def cancel_upload(request: Any, response: Any, storage: PreciseStorage) -> None:
    (upload_id,) = request.query.get("upload_id", [""])
    storage.delete_resumable_file_obj(upload_id)
    del storage.sessions[upload_id]
    response.status = SimpleNamespace(value=499, phrase="Client Closed Request")


def list_notifications(request: Any, response: Any, storage: PreciseStorage) -> None:
    configs = storage.notifications.get(request.params["bucket_name"], [])
    response.json({"kind": "storage#notifications", "items": configs})


def guarded(handler: Handler) -> Handler:
    """One request at a time, its body read before; what goes wrong is said as Cloud Storage says it."""

    def handle(request: Any, response: Any, storage: PreciseStorage) -> None:
        _ = request.data
        with _lock:
            _request.query, _request.header = request.query, request.get_header
            try:
                handler(request, response, storage)
            except PreconditionFailed:
                _refuse(response, 412, "At least one of the pre-conditions you specified did not hold.")
            except NotFound:
                response.status = HTTPStatus.NOT_FOUND
        if response.status == HTTPStatus.NOT_FOUND:
            _refuse(response, 404, _missing(request.params, storage))
        _allow_origin(request, response, storage)

    return handle


def _missing(names: Mapping[str, str], storage: PreciseStorage) -> str:
    bucket = names.get("bucket_name", "")
    if bucket not in storage.buckets:
        return "The specified bucket does not exist."
    return f"No such object: {bucket}/{names.get('object_id', '')}"


def _refuse(response: Any, code: int, message: str) -> None:
    response.status = HTTPStatus(code)
    response.json({"error": {"code": code, "message": message, "errors": [{"message": message}]}})


def _header(name: str) -> str | None:
    value: str | None = _request.header(name)
    return value


def _allow_origin(request: Any, response: Any, storage: PreciseStorage) -> None:
    session = storage.sessions.get(request.query.get("upload_id", [""])[0])
    if session and session.origin and session.origin == request.get_header("Origin"):
        response["Access-Control-Allow-Origin"] = session.origin


class RequestHandler(server.RequestHandler):  # type: ignore[misc]
    """Keeps connections open, sends each answer at once, and answers a browser's preflight."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_OPTIONS(self) -> None:  # noqa: N802
        query = parse_qs(urlparse(self.path).query)
        session = self.storage.sessions.get(query.get("upload_id", [""])[0])
        self.send_response(HTTPStatus.OK)
        if session and session.origin and session.origin == self.headers.get("Origin"):
            self.send_header("Access-Control-Allow-Origin", session.origin)
            self.send_header("Access-Control-Allow-Methods", "PUT, POST, GET, OPTIONS")
            self.send_header("Access-Control-Allow-Headers", "Content-Type, Content-Range")
        self.send_header("Content-Length", "0")
        self.end_headers()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _routes() -> tuple[tuple[str, Mapping[str, Handler]], ...]:
    uploads = {"POST": objects.insert, "PUT": objects.upload_partial}
    one = {objects.get, objects.download, objects.delete, objects.patch}
    added = (
        (
            rf"^/storage/v1/b/{_BUCKET}/notificationConfigs$",
            {"POST": insert_notification, "GET": list_notifications},
        ),
        (rf"^/upload/storage/v1/b/{_BUCKET}/o$", {"DELETE": cancel_upload, **uploads}),
    )
    return tuple(
        (
            route,
            {
                method: guarded(of_a_generation(handler) if handler in one else handler)
                for method, handler in methods.items()
            },
        )
        for route, methods in (*added, *server.HANDLERS)
    )


def main() -> None:
    logging.disable()
    server.HANDLERS = _routes()
    Server(("127.0.0.1", int(sys.argv[1])), partial(RequestHandler, PreciseStorage())).serve_forever()


if __name__ == "__main__":
    main()
