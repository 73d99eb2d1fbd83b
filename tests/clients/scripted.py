"""HTTP servers controlled by tests: one responds from a script, one stores a resumable upload."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Response(NamedTuple):
    """A response; `broken` drops the connection within the body or, with status 0, before any response."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
    broken: bool = False


class RecordedRequest(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


NO_RESPONSE = Response(0, broken=True)


def json_response(value: Any, status: int = 200, **headers: str) -> Response:
    """A JSON response."""
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, json.dumps(value).encode(), {"Content-Type": "application/json", **extra})


def problem(status: int, code: str, **headers: str) -> Response:
    return json_response(
        {"title": code, "status": status, "code": code, "request_id": "r-1"}, status, **headers
    )


def stream(*events: str, broken: bool = False) -> Response:
    """A stream of server-sent events."""
    body = "retry: 2000\n\n" + "".join(events)
    return Response(200, body.encode(), {"Content-Type": "text/event-stream"}, broken)


class Handler(BaseHTTPRequestHandler):
    """Reads a request and sends the response that its server chooses."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def respond(self) -> None:
        body = self.read_body()
        request = RecordedRequest(self.command, self.path, dict(self.headers.items()), body)
        self.send(self.server.next_response(request))  # type: ignore[attr-defined]

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815

    def read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def send(self, response: Response) -> None:
        if response.status:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            if response.status not in (204, 304):
                self.send_header("Content-Length", str(len(response.body) + response.broken))
            self.end_headers()
            self.wfile.write(response.body)
        if response.broken:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Silent."""


class Scripted(ThreadingHTTPServer):
    """Sends the responses of `script` in order, and records the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: deque[Response] = deque()
        self.requests: list[RecordedRequest] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_response(self, request: RecordedRequest) -> Response:
        self.requests.append(request)
        return self.script.popleft() if self.script else problem(500, "script_over")


class StorageHandler(Handler):
    """https://cloud.google.com/storage/docs/performing-resumable-uploads"""

    def respond(self) -> None:
        storage: Storage = self.server  # type: ignore[assignment]
        span = self.headers["Content-Range"]
        storage.requests.append(
            RecordedRequest(self.command, self.path, dict(self.headers.items()), span.encode())
        )
        match = re.fullmatch(r"bytes (?:\*|(\d+)-(\d+))/(\d+)", span)
        assert match is not None
        if match[1] is not None:
            assert int(match[1]) == len(storage.kept), "the upload resumes at the stored length"
            length = int(self.headers["Content-Length"])
            if storage.breaks:
                storage.kept += self.rfile.read(storage.breaks.popleft())
                self.send(NO_RESPONSE)
                return
            storage.kept += self.rfile.read(length)
        if len(storage.kept) == int(match[3]):
            self.send(Response(200, b"{}"))
        else:
            stored_range = {"Range": f"bytes=0-{len(storage.kept) - 1}"} if storage.kept else {}
            self.send(Response(308, b"", stored_range))

    do_PUT = respond  # noqa: N815


class Storage(ThreadingHTTPServer):
    """Stores one upload; `breaks`: after how many bytes of each next request the connection drops."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), StorageHandler)
        self.kept = b""
        self.breaks: deque[int] = deque()
        self.requests: list[RecordedRequest] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Runs the server for the duration of the context."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
