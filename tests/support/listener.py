"""An HTTP server on loopback that records requests and returns configured statuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec


class Received(msgspec.Struct, frozen=True):
    path: str
    headers: Mapping[str, str]
    body: bytes


class Listener:
    """`answers`: the statuses of the next responses; all others are 204."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.received: list[Received] = []
        self.answers: list[int] = []

    def take(self, received: Received) -> int:
        self.received.append(received)
        return self.answers.pop(0) if self.answers else 204


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener on a free port for the duration of the context."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = listener.take(Received(self.path, headers, body))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{listener.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Listener(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
