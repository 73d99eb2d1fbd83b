"""Bodies that come too slowly: a client that drips holds a thread, so after a grace it must keep a pace."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

from functions.shared.errors import InvalidRequest

GRACE_S = 20.0
"""For which any pace will do: a phone may have to find its network."""
MIN_BYTES_PER_S = 2048.0
"""Of the time since the body began."""


class TooSlow(InvalidRequest):
    code = "request_too_slow"
    status = 408


class PacedInput(io.RawIOBase):
    """What a client sends, as WSGI servers hand it on, read no longer than its pace allows."""

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
        passed = self._clock() - self._began
        if data and passed > GRACE_S and self._read < passed * MIN_BYTES_PER_S:
            raise TooSlow(f"the body comes at less than {MIN_BYTES_PER_S:.0f} bytes a second")
        return data
