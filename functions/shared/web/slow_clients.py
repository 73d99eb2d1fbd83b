"""Cuts off slow request bodies: a client that sends a few bytes at a time would hold a server thread."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

from functions.shared.errors import InvalidRequest

GRACE_S = 20.0
"""How long any rate is allowed: a phone may still be connecting to its network."""
MIN_BYTES_PER_S = 2048.0
"""The average rate required since the start of the body, once the grace period is over."""


class TooSlow(InvalidRequest):
    """The request body arrives too slowly."""

    code = "request_too_slow"
    status = 408


class PacedInput(io.RawIOBase):
    """A WSGI input stream that requires a minimum rate."""

    def __init__(self, stream: Any, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._stream = stream
        self._clock = clock
        self._began = clock()
        self._read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Raises TooSlow."""
        return self._counted(self._stream.read(size) if size >= 0 else self._stream.read())

    def readline(self, size: int | None = -1) -> bytes:
        """Raises TooSlow."""
        return self._counted(
            self._stream.readline() if size is None or size < 0 else self._stream.readline(size)
        )

    def readinto(self, buffer: Any) -> int:
        """Raises TooSlow."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _counted(self, data: bytes) -> bytes:
        self._read += len(data)
        elapsed = self._clock() - self._began
        if data and elapsed > GRACE_S and self._read < elapsed * MIN_BYTES_PER_S:
            raise TooSlow(f"the body arrives at less than {MIN_BYTES_PER_S:.0f} bytes per second")
        return data
