"""Real HTTP servers that do what a test tells them: answer by a script, or keep a resumable upload."""

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


class Answer(NamedTuple):
    """One answer; `broken` ends the connection before the body is whole, or, without a status, before any."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}
    broken: bool = False


class Heard(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


NOTHING = Answer(0, broken=True)


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """JSON."""
    given = {name.replace("_", "-"): each for name, each in headers.items()}
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **given})


def problem(status: int, code: str, **headers: str) -> Answer:
    return answer({"title": code, "status": status, "code": code, "request_id": "r-1"}, status, **headers)


def stream(*events: str, broken: bool = False) -> Answer:
    """Server-sent events."""
    body = "retry: 2000\n\n" + "".join(events)
    return Answer(200, body.encode(), {"Content-Type": "text/event-stream"}, broken)


class Handler(BaseHTTPRequestHandler):
    """Hears a request and answers what its server says."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def respond(self) -> None:
        body = self.read_body()
        heard = Heard(self.command, self.path, dict(self.headers.items()), body)
        self.say(self.server.next_answer(heard))  # type: ignore[attr-defined]

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

    def say(self, said: Answer) -> None:
        if said.status:
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if said.status not in (204, 304):
                self.send_header("Content-Length", str(len(said.body) + said.broken))
            self.end_headers()
            self.wfile.write(said.body)
        if said.broken:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Nobody reads this."""


class Scripted(ThreadingHTTPServer):
    """Answers one after the other, and remembers what it heard."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: deque[Answer] = deque()
        self.heard: list[Heard] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_answer(self, heard: Heard) -> Answer:
        self.heard.append(heard)
        return self.script.popleft() if self.script else problem(500, "script_over")


class StorageHandler(Handler):
    """https://cloud.google.com/storage/docs/performing-resumable-uploads"""

    def respond(self) -> None:
        storage: Storage = self.server  # type: ignore[assignment]
        span = self.headers["Content-Range"]
        storage.heard.append(Heard(self.command, self.path, dict(self.headers.items()), span.encode()))
        found = re.fullmatch(r"bytes (?:\*|(\d+)-(\d+))/(\d+)", span)
        assert found is not None
        if found[1] is not None:
            assert int(found[1]) == len(storage.kept), "it goes on where it left off"
            left = int(self.headers["Content-Length"])
            if storage.breaks:
                storage.kept += self.rfile.read(storage.breaks.popleft())
                self.say(NOTHING)
                return
            storage.kept += self.rfile.read(left)
        if len(storage.kept) == int(found[3]):
            self.say(Answer(200, b"{}"))
        else:
            there = {"Range": f"bytes=0-{len(storage.kept) - 1}"} if storage.kept else {}
            self.say(Answer(308, b"", there))

    do_PUT = respond  # noqa: N815


class Storage(ThreadingHTTPServer):
    """Keeps one upload; `breaks`: after how many bytes of the next requests the connection ends."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), StorageHandler)
        self.kept = b""
        self.breaks: deque[int] = deque()
        self.heard: list[Heard] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """It answers, for as long as the context lasts."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
