"""A scripted dictation service, and a proxy that drops connections."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.sync.server import Server, ServerConnection, serve

from functions.shared.audio.decoding import SAMPLE_RATE

AHEAD_S = 10.0
BYTES_S = 2 * SAMPLE_RATE


class Breaking(NamedTuple):
    """Drops the connection after `after_s` of audio; unprocessed audio of the last `lost_s` is lost."""

    after_s: float
    lost_s: float


class Live:
    """Processes audio at once and sends one sentence per second of it.

    Attributes:
        refusals: errors (code, status) that the next connections get.
        breaks: when connections drop.
        gone_after: how many connections are accepted; None: all.
        overdrawn: bytes received beyond the credit.
        sent_before: how many sentences had been sent when each connection dropped.
        confirms_close: whether it answers a close frame.
    """

    def __init__(self) -> None:
        self.url = ""
        self.audio = bytearray()
        self.frames: list[int] = []
        self.starts: list[dict[str, Any]] = []
        self.renewals: list[str] = []
        self.refusals: list[tuple[str, int]] = []
        self.breaks: list[Breaking] = []
        self.sent_before: list[int] = []
        self.resume_s = 120.0
        self.longest_s = 1800.0
        self.gone_after: int | None = None
        self.waits_for_renewal = False
        self.confirms_close = True
        self.overdrawn = self.stops = 0

    def hold(self, connection: ServerConnection) -> None:
        """Handles one connection."""
        if self.gone_after is not None and len(self.starts) >= self.gone_after:
            connection.close_socket()
            return
        self.starts.append(json.loads(connection.recv()))
        if self.refusals:
            code, status = self.refusals.pop(0)
            _send(connection, "error", code=code, message="because")
            connection.close(4000 + status, code)
            return
        with suppress(ConnectionClosed):
            self._serve(connection)

    def _serve(self, connection: ServerConnection) -> None:
        limits = {"dictation_s": self.longest_s, "resume_s": self.resume_s, "frame_s": 2.0, "idle_s": 60.0}
        received, until = len(self.audio) / BYTES_S, self._until()
        _send(
            connection, "ready", dictation_id="d1", received_s=received, until_s=until, limits=limits, more=1
        )
        _send(connection, "novelty", of="a type to come")
        sent = self.starts[-1]["after"]
        while True:
            message = connection.recv()
            if isinstance(message, bytes):
                self._take(message, until)
                if self._drop_connection(connection, sent):
                    return
            elif self._handle_control(connection, json.loads(message)):
                return
            while sent < len(self.audio) // BYTES_S:
                sent += 1
                _send(connection, "partial", text="so", start=0.0)
                segment = {"text": "So.", "start": sent - 1.0, "end": float(sent), "confidence": 0.9}
                _send(connection, "final", index=sent - 1, segment=segment, emotions=[])
            until = self._until()
            _send(connection, "credit", until_s=until)

    def _until(self) -> float:
        return min(len(self.audio) // BYTES_S + AHEAD_S, self.longest_s)

    def _take(self, frame: bytes, until: float) -> None:
        self.frames.append(len(frame))
        self.audio += frame
        self.overdrawn = max(self.overdrawn, len(self.audio) - round(until * BYTES_S))

    def _drop_connection(self, connection: ServerConnection, sent: int) -> bool:
        if not self.breaks or len(self.audio) < self.breaks[0].after_s * BYTES_S:
            return False
        lost = round(self.breaks.pop(0).lost_s * BYTES_S)
        kept = max(sent * BYTES_S, len(self.audio) - lost)
        del self.audio[kept:]
        self.sent_before.append(sent)
        connection.close_socket()
        return True

    def _handle_control(self, connection: ServerConnection, frame: dict[str, Any]) -> bool:
        if frame["type"] == "renew":
            self.renewals.append(frame["token"])
            if not (self.stops and self.waits_for_renewal):
                return False
        else:
            assert frame == {"type": "stop"}
            self.stops += 1
            if self.waits_for_renewal and not self.renewals:
                return False
        _send(connection, "ended", duration_s=len(self.audio) / BYTES_S, entry_id="e1", reason="stopped")
        return True


def _send(connection: ServerConnection, kind: str, **fields: Any) -> None:
    connection.send(json.dumps({"type": kind, **fields}))


@contextmanager
def dictations() -> Iterator[Live]:
    """Runs the service."""
    live = Live()
    server: Server

    class Connection(ServerConnection):
        def send_data(self) -> None:
            if live.confirms_close or self.protocol.state is not State.CLOSING:
                super().send_data()

    with serve(live.hold, "127.0.0.1", 0, compression=None, create_connection=Connection) as server:
        live.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1/dictation"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield live
        finally:
            server.shutdown()
            thread.join()


class Cutting:
    """A proxy that drops the n-th connection after `cuts[n]` bytes from the client."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._port = port
        self._cuts = [*cuts]
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0

    def run(self) -> None:
        """Accepts connections until closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.connections += 1
                server = socket.create_connection(("127.0.0.1", self._port))
                back = threading.Thread(target=_pass_on, args=(server, client, None))
                back.start()
                _pass_on(client, server, self._cuts.pop(0) if self._cuts else None)
                back.join()
                client.close()
                server.close()

    def close(self) -> None:
        """Stops accepting connections."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


def _pass_on(source: socket.socket, target: socket.socket, most: int | None) -> None:
    """Forwards up to `most` bytes (None: all), then shuts both sockets down."""
    with suppress(OSError):
        while (most is None or most > 0) and (data := source.recv(4096)):
            target.sendall(data)
            most = most - len(data) if most is not None else None
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting(port: int, cuts: list[int]) -> Iterator[Cutting]:
    """Runs a proxy that serves one connection at a time."""
    proxy = Cutting(port, cuts)
    thread = threading.Thread(target=proxy.run)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
