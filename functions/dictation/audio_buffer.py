"""Audio between the wire and the recogniser: kept on disk, and waiting in memory within bounds."""

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
"""How much audio may wait to be listened to; no more is read until less does."""
_STEP = SAMPLE_RATE


class Wakeup:
    """Wakes whoever waits for a change. To miss none, take `next` before looking at what may change."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def ring(self) -> None:
        self.next.set()
        self.next = asyncio.Event()


class AudioBuffer:
    """Attributes:
    end: why no more audio comes; None while it may.
    received, heard: samples.
    most_waiting: samples that waited at once, at most.
    """

    def __init__(self, spool: Spool, longest_s: float, bell: Wakeup) -> None:
        self.end: EndReason | None = None
        self.received = self.heard = self.most_waiting = 0
        self._spool = spool
        self._longest = round(longest_s * SAMPLE_RATE)
        self._bell = bell
        self._waiting: list[Samples] = []

    @property
    def until_s(self) -> float:
        """How far audio may come by now."""
        return min(self.heard / SAMPLE_RATE + MAX_BACKLOG_S, self._longest / SAMPLE_RATE)

    @property
    def is_ending(self) -> bool:
        return self.end is not None

    @property
    def is_drained(self) -> bool:
        return not self._waiting

    async def room(self) -> None:
        """Wait until more audio may come."""
        while self.end is None and self.received - self.heard >= MAX_BACKLOG_S * SAMPLE_RATE:
            await self._bell.next.wait()

    def keep(self, samples: Samples) -> None:
        """Take audio as it comes; what comes after the end, or beyond the longest dictation, is left out."""
        kept = samples[: self._longest - self.received if self.end is None else 0]
        if len(kept):
            self._spool.write(kept)
            self._waiting.append(kept)
            self.received += len(kept)
            self.most_waiting = max(self.most_waiting, self.received - self.heard)
            self._bell.ring()
        if len(kept) < len(samples):
            self.stop("dictation_too_long")

    def stop(self, why: EndReason) -> None:
        """No more comes; the first reason stands, unless it is to be forgotten."""
        if self.end is None or why == "discarded":
            self.end = why
            self._bell.ring()

    async def next(self) -> Samples | None:
        """What waits, a second at most; None where no more comes, or it is to be forgotten."""
        while not self._waiting and self.end is None:
            await self._bell.next.wait()
        if not self._waiting or self.end == "discarded":
            return None
        waiting = np.concatenate(self._waiting)
        self._waiting = [waiting[_STEP:]] if len(waiting) > _STEP else []
        return waiting[:_STEP]

    def listened(self, samples: Samples) -> None:
        """They wait no longer."""
        self.heard += len(samples)
        self._bell.ring()
