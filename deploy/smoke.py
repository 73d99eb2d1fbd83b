"""Does a deployment answer, and only those who may ask? Exit status 1 if not. Standard library only.

Each question is put many times, because the new revisions have only a share of the traffic.
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

PATIENCE_S = 60
WEBSOCKET = "WEBSOCKET"

EXPECTED = {
    ("GET", "/health"): 200,
    ("GET", "/v1/entries"): 401,
    ("POST", "/predict"): 401,
    ("POST", "/summarize"): 401,
    ("POST", "/transcribe"): 401,
    (WEBSOCKET, "/v1/dictation"): 4401,
}
"""Without a token: alive, and closed."""

_START = {"type": "start", "format": {"encoding": "pcm_s16le", "rate": 16000}}
_TEXT, _CLOSE = 1, 8


def status(method: str, address: str) -> int:
    """The answer's status; 0 if there is none."""
    body = b"{}" if method == "POST" else None
    request = urllib.request.Request(  # noqa: S310
        address, body, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def closed_with(address: str) -> int:
    """The code that closes a dictation without a token; the status where no WebSocket opens, 0 without any.

    https://www.rfc-editor.org/rfc/rfc6455
    """
    try:
        with _connected(address) as connection, connection.makefile("rb") as answer:
            connection.sendall(_opening(address))
            opened = int(answer.readline().split()[1])
            while answer.readline().strip():
                pass
            if opened != 101:
                return opened
            connection.sendall(_frame(json.dumps(_START).encode()))
            return _close_code(answer)
    except (OSError, ValueError, IndexError):
        return 0


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    connection = socket.create_connection((host, parts.port or (443 if secure else 80)), PATIENCE_S)
    if not secure:
        return connection
    return ssl.create_default_context().wrap_socket(connection, server_hostname=host)


def _opening(address: str) -> bytes:
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
    """A client's text, of less than 126 bytes, under a mask of zeros: as it is."""
    return bytes((0x80 | _TEXT, 0x80 | len(text), 0, 0, 0, 0)) + text


def _close_code(answer: BinaryIO) -> int:
    """Past all other frames. Raises IndexError where none closes."""
    while True:
        head = answer.read(2)
        kind, length = head[0] & 0x0F, head[1]
        if length == 126:
            length = int.from_bytes(answer.read(2), "big")
        body = answer.read(length)
        if kind == _CLOSE:
            return int.from_bytes(body[:2], "big")


def problems(base: str, rounds: int) -> Iterator[str]:
    for _ in range(rounds):
        for (method, path), expected in EXPECTED.items():
            address = base.rstrip("/") + path
            got = closed_with(address) if method == WEBSOCKET else status(method, address)
            if got != expected:
                yield f"{method} {path}: {got or 'no answer'}, not {expected}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="https://journal.example.org")
    parser.add_argument(
        "--rounds", type=int, default=50, help="at a share of 10%%, 50 rounds miss it once in 194"
    )
    given = parser.parse_args()
    found = sorted(set(problems(given.base, given.rounds)))
    sys.exit("\n".join(found) or None)


if __name__ == "__main__":
    main()
