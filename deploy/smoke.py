"""Checks that a deployment responds and rejects calls without a token; exits with 1 if not.

Each request is repeated many times, because the new revisions get only a share of the traffic.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import socket
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import urlsplit

TIMEOUT_S = 60
WEBSOCKET = "WEBSOCKET"

EXPECTED = {
    ("GET", "/health"): 200,
    ("GET", "/v1/entries"): 401,
    ("POST", "/predict"): 401,
    ("POST", "/summarize"): 401,
    ("POST", "/transcribe"): 401,
    ("POST", "/v1/audio/transcriptions"): 401,
    ("GET", "/v1/models"): 401,
    (WEBSOCKET, "/v1/dictation"): 4401,
}
"""Expected statuses, and close code of the WebSocket, without a token."""

_START = {"type": "start", "format": {"encoding": "pcm_s16le", "rate": 16000}}
_TEXT, _CLOSE = 1, 8


def status(method: str, address: str) -> int:
    """Status of the response; 0 without a response."""
    body = b"{}" if method == "POST" else None
    request = urllib.request.Request(  # noqa: S310
        address, body, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def close_code(address: str) -> int:
    """Close code of a dictation without a token; the status if no WebSocket opens, 0 without a response.

    https://www.rfc-editor.org/rfc/rfc6455
    """
    try:
        with _connect(address) as connection, connection.makefile("rb") as response:
            connection.sendall(_handshake(address))
            status = int(response.readline().split()[1])
            while response.readline().strip():
                pass
            if status != 101:
                return status
            connection.sendall(_frame(json.dumps(_START).encode()))
            return _read_close_code(response)
    except (OSError, ValueError, IndexError):
        return 0


def _connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    connection = socket.create_connection((host, parts.port or (443 if secure else 80)), TIMEOUT_S)
    if not secure:
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=host)


def _handshake(address: str) -> bytes:
    parts = urlsplit(address)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def _frame(text: bytes) -> bytes:
    """A client's text frame of less than 126 bytes. The mask is zero, so the text stays as it is."""
    return bytes((0x80 | _TEXT, 0x80 | len(text), 0, 0, 0, 0)) + text


def _read_close_code(stream: BinaryIO) -> int:
    """Skips all other frames.

    Raises:
        IndexError: the stream ends without a close frame.
    """
    while True:
        head = stream.read(2)
        kind, length = head[0] & 0x0F, head[1]
        if length == 126:
            length = int.from_bytes(stream.read(2), "big")
        body = stream.read(length)
        if kind == _CLOSE:
            return int.from_bytes(body[:2], "big")


def problems(base: str, rounds: int) -> Iterator[str]:
    """Every unexpected response, as one line of text."""
    for _ in range(rounds):
        for (method, path), expected in EXPECTED.items():
            address = base.rstrip("/") + path
            got = close_code(address) if method == WEBSOCKET else status(method, address)
            if got != expected:
                yield f"{method} {path}: {got or 'no response'}, not {expected}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="https://journal.example.org")
    parser.add_argument(
        "--rounds",
        type=int,
        default=50,
        help="at a 10%% share, 50 rounds miss the new revisions once in 194 runs",
    )
    options = parser.parse_args()
    lines = sorted(set(problems(options.base, options.rounds)))
    sys.exit("\n".join(lines) or None)


if __name__ == "__main__":
    main()
