"""Audio between its source and the server: what may have to be sent again is kept, within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable

from samo_client.live.events import Format, Ready

KEPT_S = 120.0
"""So much audio waits here at most; the source is not read meanwhile."""


class Outbox:
    """Positions are counted in samples (of all channels) from the dictation's beginning.

    Attributes:
        complete: the source has no more.
    """

    def __init__(self, form: Format) -> None:
        self.complete = False
        self._rate = form.rate
        self._width = 2 * form.channels
        self._audio = bytearray()
        self._first = 0  # the position of what is kept
        self._next = 0  # of what is sent next
        self._until = 0
        self._limit: int | None = None
        self._frame = form.rate
        self._ahead_s: float | None = None
        self._changed = asyncio.Event()

    async def fill(self, audio: AsyncIterable[bytes]) -> None:
        """Read the source, as long as there is room."""
        async for chunk in audio:
            while len(self._audio) >= KEPT_S * self._rate * self._width:
                await self._change()
            self._audio += chunk
            self._changed.set()
        self.complete = True
        self._changed.set()

    def begin(self, ready: Ready) -> None:
        """A connection is ready: what it lacks is sent next."""
        if self._ahead_s is None:  # nothing was listened to yet: so far ahead of that credit always is
            self._ahead_s = ready.until_s
        self._frame = int(min(2.0, ready.limits.frame_s) * self._rate)
        self._limit = int(ready.limits.dictation_s * self._rate)
        received = round(ready.received_s * self._rate)
        self._next = min(max(received, self._first), self._end)
        self._drop(self._next)
        self.credit(ready.until_s)

    def credit(self, until_s: float) -> None:
        """Audio may be sent up to here; what credit shows to have been listened to is not kept."""
        self._until = int(until_s * self._rate)
        self._drop(int((until_s - (self._ahead_s or until_s)) * self._rate))
        self._changed.set()

    async def next(self) -> bytes | None:
        """What is sent next, as soon as it may be; None once that was all, or the dictation is full."""
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
        """Wait until there is something to send, or will never be."""
        while self._next == self._end and not self.complete:
            await self._change()

    @property
    def overflows(self) -> bool:
        """There is more audio than a dictation may have."""
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
        """Wait for a change; those who wait look again at all that may have changed."""
        self._changed.clear()
        await self._changed.wait()
