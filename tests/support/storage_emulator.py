"""Runs gcp-storage-emulator with the behaviour of Cloud Storage that it lacks.

The package ignores preconditions, handles one request at a time, writes all of its metadata with each
upload, assigns the generation of a resumable upload when it begins, and has no notifications. This module
wraps its storage and handlers; run it as a process of its own:

    PUBSUB_EMULATOR_HOST=127.0.0.1:8085 python -m tests.support.storage_emulator 9023
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlparse

from gcp_storage_emulator import server
from gcp_storage_emulator.exceptions import BadRequest, NotFound
from gcp_storage_emulator.handlers import objects
from gcp_storage_emulator.storage import Storage

from tests.support.bucket_notifications import Notifier

Handler = Callable[..., None]
Resource = dict[str, Any]

_lock = threading.RLock()
_request = threading.local()
_BUCKET = r"(?P<bucket_name>[-.\w]+)"


class PreconditionFailed(Exception):
    """HTTP 412."""


class PreciseStorage(Storage):  # type: ignore[misc]
    """Objects in memory, created and deleted only if the current request's preconditions hold."""

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
        stored = self.objects.get(bucket, {}).get(name)
        require(stored)
        if file_id is not None:
            self.sessions[file_id].check(content)
        generation = time.time_ns()
        resource["generation"] = str(generation)
        resource["id"] = f"{bucket}/{name}/{generation}"
        super().create_file(bucket, name, content, resource, file_id)
        for config in self.notifications.get(bucket, []):
            self.notifier.finalized(config, resource, stored)

    def _write_config_to_file(self) -> None:
        """Objects are kept in memory only."""

    def _bucket_soft_delete_retention_seconds(self, bucket_name: str) -> int:
        """Soft delete is off."""
        return 0


class Session:
    """The declared size and origin of a resumable upload."""

    def __init__(self, size: str | None, origin: str | None) -> None:
        self._size = size
        self.origin = origin

    def check(self, content: bytes) -> None:
        if self._size is not None and int(self._size) != len(content):
            raise BadRequest("the upload has another length than its session declared")


def require(stored: Resource | None) -> None:
    """Checks the current request's preconditions against the stored object."""
    generation = 0 if stored is None else int(stored["generation"])
    query: Mapping[str, list[str]] = _request.query
    if "ifGenerationMatch" in query and int(query["ifGenerationMatch"][0]) != generation:
        raise PreconditionFailed
    if "ifGenerationNotMatch" in query and int(query["ifGenerationNotMatch"][0]) == generation:
        raise PreconditionFailed


def checks_generation(handler: Handler) -> Handler:
    """Wraps a handler of one object: checks the requested generation and the preconditions."""

    def handle(request: Any, response: Any, storage: PreciseStorage) -> None:
        names = request.params
        stored = storage.objects.get(names["bucket_name"], {}).get(names["object_id"])
        wanted = request.query.get("generation")
        if stored is None or (wanted and wanted[0] != stored["generation"]):
            raise NotFound
        require(stored)
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


def serialized(handler: Handler) -> Handler:
    """Wraps a handler: one request at a time, body read first, errors in Cloud Storage's format."""

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
    """Keeps connections alive, sends responses at once, and answers CORS preflight requests."""

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
                method: serialized(checks_generation(handler) if handler in one else handler)
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
