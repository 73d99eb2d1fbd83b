"""Buffers audio between its source and the server, and keeps what may have to be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable

from samo_client.live.events import Format, Ready

MAX_BUFFERED_S = 120.0
"""The most audio that is buffered; beyond it the source is not read."""


class Outbox:
    """A bounded buffer. Positions are frames (one sample per channel) from the start of the dictation.

    Attributes:
        complete: the source is exhausted.
    """

    def __init__(self, audio_format: Format) -> None:
        self.complete = False
        self._rate = audio_format.rate
        self._width = 2 * audio_format.channels
        self._audio = bytearray()
        self._first = 0  # position of the first buffered frame
        self._next = 0  # position of the frame to send next
        self._until = 0
        self._limit: int | None = None
        self._frame = audio_format.rate
        self._ahead_s: float | None = None
        self._changed = asyncio.Event()

    async def fill(self, audio: AsyncIterable[bytes]) -> None:
        """Reads the source while there is room."""
        async for chunk in audio:
            while len(self._audio) >= MAX_BUFFERED_S * self._rate * self._width:
                await self._change()
            self._audio += chunk
            self._changed.set()
        self.complete = True
        self._changed.set()

    def begin(self, ready: Ready) -> None:
        """Continues from the position that a new connection expects."""
        if self._ahead_s is None:  # nothing is processed yet, so this is how far ahead credit always is
            self._ahead_s = ready.until_s
        self._frame = int(min(2.0, ready.limits.frame_s) * self._rate)
        self._limit = int(ready.limits.dictation_s * self._rate)
        received = round(ready.received_s * self._rate)
        self._next = min(max(received, self._first), self._end)
        self._drop(self._next)
        self.credit(ready.until_s)

    def credit(self, until_s: float) -> None:
        """Allows sending up to here, and drops the audio that the server must have processed."""
        self._until = int(until_s * self._rate)
        self._drop(int((until_s - (self._ahead_s or until_s)) * self._rate))
        self._changed.set()

    async def next(self) -> bytes | None:
        """The next frame to send, once credit allows it; None at the end of the audio or of the dictation."""
        while True:
            size = min(self._end, self._until, self._next + self._frame) - self._next
            if size > 0:
                start = (self._next - self._first) * self._width
                self._next += size
                return bytes(self._audio[start : start + size * self._width])
            if self.overflows or (self.complete and self._next == self._end):
                return None
            await self._change()

    async def unsent(self) -> None:
        """Waits until there is audio to send, or the source is exhausted."""
        while self._next == self._end and not self.complete:
            await self._change()

    @property
    def overflows(self) -> bool:
        """Whether there is more audio than a dictation may have."""
        return self._limit is not None and self._next >= self._limit and self._end > self._next

    @property
    def _end(self) -> int:
        return self._first + len(self._audio) // self._width

    def _drop(self, before: int) -> None:
        if (count := min(before, self._next) - self._first) > 0:
            del self._audio[: count * self._width]
            self._first += count
            self._changed.set()

    async def _change(self) -> None:
        """Waits for a change; the caller then checks its condition again."""
        self._changed.clear()
        await self._changed.wait()
