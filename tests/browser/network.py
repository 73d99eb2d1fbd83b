"""A proxy that simulates network failures: silent event streams and interrupted uploads."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.clients.scripted import Storage, serving

UPLOAD = "/bucket/upload"
_REQUEST = re.compile(rb"[A-Z]+ (\S+) HTTP/1\.1\r\n")


class Proxy:
    """Forwards a browser's requests to a journal on this machine, and those for `UPLOAD` to a storage server.

    Attributes:
        storage: stands in for Cloud Storage, at the page's own origin.
        streams: how many event streams were requested.
        fail_storage_after: the storage becomes unreachable after this many bytes; None: never.
    """

    def __init__(self, port: int, storage: Storage) -> None:
        self.storage = storage
        self.streams = 0
        self.fail_storage_after: int | None = None
        self._journal_port = port
        self._storage_port = int(storage.server_address[1])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = {self._listener}
        self._streaming: set[socket.socket] = set()
        self._silenced: set[socket.socket] = set()

    def silence_streams(self) -> None:
        """Stop forwarding data from the open event streams, and keep their connections open."""
        self._silenced |= self._streaming

    def run(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                self._open.add(browser)
                threading.Thread(target=self._forward, args=(browser,)).start()

    def close(self) -> None:
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _forward(self, browser: socket.socket) -> None:
        """Forward each request of a connection to its server."""
        server, connected_to = None, 0
        with suppress(OSError):
            while data := browser.recv(65536):
                if request := _REQUEST.match(data):
                    path = request[1].decode()
                    port = self._storage_port if path == UPLOAD else self._journal_port
                    if path.endswith("/events"):
                        self.streams += 1
                        self._streaming.add(browser)
                    if port != connected_to:
                        server, connected_to = self._connect(port, browser), port
                assert server is not None
                if connected_to == self._storage_port and self._storage_fails(len(data)):
                    break
                server.sendall(data)
        browser.close()  # resets the connection if data is unread
        if server is not None:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()

    def _storage_fails(self, size: int) -> bool:
        if self.fail_storage_after is None:
            return False
        self.fail_storage_after -= size
        return self.fail_storage_after < 0

    def _connect(self, port: int, browser: socket.socket) -> socket.socket:
        server = socket.create_connection(("127.0.0.1", port))
        self._open.add(server)
        threading.Thread(target=self._forward_responses, args=(server, browser)).start()
        return server

    def _forward_responses(self, server: socket.socket, browser: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if browser not in self._silenced:
                    browser.sendall(data)
        if browser not in self._silenced:
            with suppress(OSError):
                browser.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(port: int) -> Iterator[Proxy]:
    with serving(storage := Storage()):
        proxy = Proxy(port, storage)
        thread = threading.Thread(target=proxy.run)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.close()
            thread.join()
