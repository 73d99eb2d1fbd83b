"""Ports on loopback: free ones to listen on, and one that refuses every connection."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PORTS = range(20_000, 32_768)
"""Below those that systems give to connections, which could take a port before its server starts."""
_RESERVATIONS = Path(tempfile.gettempdir()) / "samo-test-ports"
_order = iter(random.SystemRandom().sample(_PORTS, len(_PORTS)))
_held: list[int] = []
"""Descriptors of the locked files, one per reserved port; the system unlocks them when this process ends."""


def free_port() -> int:
    """A port on which nothing listens, and which no other test process gets while this one runs."""
    return next(port for port in _order if _reserve(port) and _is_free(port))


def free_ports(count: int) -> list[int]:
    """As many different ports."""
    return [free_port() for _ in range(count)]


def _reserve(port: int) -> bool:
    _RESERVATIONS.mkdir(exist_ok=True)
    descriptor = os.open(_RESERVATIONS / str(port), os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    _held.append(descriptor)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def refusing() -> Iterator[str]:
    """An address, `host:port`, that refuses connections: bound, so that nothing else can listen there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"
