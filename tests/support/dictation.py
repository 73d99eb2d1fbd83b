"""A minimal client of live dictation: one connection, read only when needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

CHUNK_S = 0.1
PATIENCE_S = 60.0

Frame = dict[str, Any]
Samples = NDArray[np.int16]


class Refused(Exception):
    """The server's `error`, and the close code of the connection."""

    def __init__(self, code: str, closed: int) -> None:
        super().__init__(code, closed)
        self.code = code
        self.closed = closed


class Client:
    """One connection.

    Attributes:
        ready: the server's first message.
        frames: every message received.
        sent: samples sent since the start of the dictation.
    """

    def __init__(
        self,
        url: str,
        *,
        rate: int = 16_000,
        token: str | None = None,
        dictation_id: str | None = None,
        after: int = 0,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        connector = connect(url, additional_headers=headers, compression=None)
        self.socket: ClientConnection = connector.__enter__()
        self.frames: list[Frame] = []
        self.rate = rate
        start = {"type": "start", "token": token, "dictation_id": dictation_id, "after": after, **more}
        self.say({"format": {"encoding": "pcm_s16le", "rate": rate, "channels": 1}, **start})
        self.ready = self.next()
        assert self.ready["type"] == "ready", self.ready
        self.until_s: float = self.ready["until_s"]
        self.sent = round(self.ready["received_s"] * rate)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.vanish()

    def say(self, frame: Frame) -> None:
        self.socket.send(json.dumps(frame))

    def next(self) -> Frame:
        """The next message. Raises Refused if it is an error, once the connection is closed."""
        frame: Frame = json.loads(self.socket.recv(timeout=PATIENCE_S))
        self.frames.append(frame)
        if frame["type"] == "error":
            try:
                self.socket.recv(timeout=PATIENCE_S)
            except ConnectionClosed as closed:
                raise Refused(frame["code"], closed.rcvd.code if closed.rcvd else 0) from None
            raise AssertionError("a message followed an error")
        if frame["type"] in ("ready", "credit"):
            self.until_s = frame["until_s"]
        return frame

    def send(self, recording: Samples, to_s: float | None = None) -> None:
        """Send the rest of a recording, at the client's rate, as fast as credit allows."""
        end = len(recording) if to_s is None else round(to_s * self.rate)
        while self.sent < end:
            chunk = recording[self.sent : min(end, self.sent + round(CHUNK_S * self.rate))]
            while (self.sent + len(chunk)) / self.rate > self.until_s:
                self.next()
            self.socket.send(chunk.tobytes())
            self.sent += len(chunk)

    def await_frame(self, *kinds: str) -> Frame:
        while (frame := self.next())["type"] not in kinds:
            pass
        return frame

    def stop(self) -> Frame:
        """End the dictation; returns the server's `ended`."""
        self.say({"type": "stop"})
        return self.await_frame("ended")

    def vanish(self) -> None:
        """Drop the connection without a close frame, as a phone in a tunnel."""
        self.socket.close_socket()

    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def finals(self) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == "final"]

    def words(self) -> list[str]:
        return list(spoken(frame["segment"]["text"] for frame in self.finals()))


def spoken(texts: Iterator[str] | list[str]) -> Iterator[str]:
    for word in " ".join(texts).lower().split():
        if plain := "".join(letter for letter in word if letter.isalpha()):
            yield plain
