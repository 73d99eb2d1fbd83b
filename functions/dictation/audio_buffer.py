"""Buffers a dictation's audio between the connection and the recognizer: on disk, and bounded in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from functions.dictation.protocol import EndReason
from functions.dictation.spool import Spool
from functions.shared.audio.decoding import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.int16]

MAX_BACKLOG_S = 10.0
"""How much audio may wait to be recognized; beyond it, no more is read from the connection."""
_BLOCK = SAMPLE_RATE


class Wakeup:
    """Wakes every task that waits for a change. To miss none, take `next` before checking what may change."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def notify(self) -> None:
        self.next.set()
        self.next = asyncio.Event()


class AudioBuffer:
    """The audio of one dictation.

    Attributes:
        end_reason: why no more audio is accepted; None while it is.
        received, processed: samples.
        max_backlog: the most samples that have waited at once.
    """

    def __init__(self, spool: Spool, max_duration_s: float, wakeup: Wakeup) -> None:
        self.end_reason: EndReason | None = None
        self.received = self.processed = self.max_backlog = 0
        self._spool = spool
        self._max_samples = round(max_duration_s * SAMPLE_RATE)
        self._wakeup = wakeup
        self._waiting: list[Samples] = []

    @property
    def credit_s(self) -> float:
        """The position up to which the client may send."""
        return min(self.processed / SAMPLE_RATE + MAX_BACKLOG_S, self._max_samples / SAMPLE_RATE)

    @property
    def has_ended(self) -> bool:
        return self.end_reason is not None

    @property
    def is_drained(self) -> bool:
        return not self._waiting

    async def wait_for_space(self) -> None:
        """Return once more audio may be added."""
        while self.end_reason is None and self.received - self.processed >= MAX_BACKLOG_S * SAMPLE_RATE:
            await self._wakeup.next.wait()

    def add(self, samples: Samples) -> None:
        """Add audio in order; audio after the end, or beyond the maximum duration, is dropped."""
        kept = samples[: self._max_samples - self.received if self.end_reason is None else 0]
        if len(kept):
            self._spool.write(kept)
            self._waiting.append(kept)
            self.received += len(kept)
            self.max_backlog = max(self.max_backlog, self.received - self.processed)
            self._wakeup.notify()
        if len(kept) < len(samples):
            self.end("dictation_too_long")

    def end(self, reason: EndReason) -> None:
        """Accept no more audio. The first reason stays, unless the dictation is discarded."""
        if self.end_reason is None or reason == "discarded":
            self.end_reason = reason
            self._wakeup.notify()

    async def next_block(self) -> Samples | None:
        """The next audio, at most a second; None at the end, or once the dictation is discarded."""
        while not self._waiting and self.end_reason is None:
            await self._wakeup.next.wait()
        if not self._waiting or self.end_reason == "discarded":
            return None
        waiting = np.concatenate(self._waiting)
        self._waiting = [waiting[_BLOCK:]] if len(waiting) > _BLOCK else []
        return waiting[:_BLOCK]

    def mark_processed(self, block: Samples) -> None:
        """Free the space of a block that was recognized."""
        self.processed += len(block)
        self._wakeup.notify()
