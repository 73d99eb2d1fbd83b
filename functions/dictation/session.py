"""One dictation, however many connections it takes: audio in, what was heard out, an entry at its end.

It runs as one task. What it has found out is state that a connection follows: a client that was lost is told
the rest when it is back, and a slow one misses guesses and no sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool

from functions.dictation.audio_buffer import AudioBuffer, Wakeup
from functions.dictation.delivery import EntryDelivery
from functions.dictation.protocol import (
    Credit,
    Ended,
    Limits,
    Partial,
    Ready,
    RecognizerMessage,
    ServerMessage,
)
from functions.dictation.recognizer import StreamingRecognizer
from functions.dictation.spool import Spool
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.errors import Conflict
from functions.shared.observability import logs

_CREDIT_STEP_S = 1.0


class DictationSession:
    """Attributes:
    intake: where its audio goes.
    hand_in: how its entry is made.
    ended: set once all is done.
    """

    def __init__(
        self, spool: Spool, recogniser: StreamingRecognizer, hand_in: EntryDelivery, limits: Limits
    ) -> None:
        self.metadata = spool.metadata
        self.hand_in = hand_in
        self.ended: Ended | None = None
        self._bell = Wakeup()
        self.intake = AudioBuffer(spool, limits.dictation_s, self._bell)
        self._spool = spool
        self._recogniser = recogniser
        self._limits = limits
        self._heard: list[RecognizerMessage] = []
        self._partial: Partial | None = None
        self._newest = 0
        self._connected = asyncio.Lock()
        self._patience = self._wait_for_client()

    @asynccontextmanager
    async def attached(self, token: str | None) -> AsyncIterator[int]:
        """The newest connection takes over from the one before; lost for too long, the dictation ends."""
        self._newest += 1
        place = self._newest
        self._bell.ring()
        async with self._connected:
            self._patience.cancel()
            self.hand_in.renew(token)
            try:
                yield place
            finally:
                self._patience = self._wait_for_client()

    @property
    def is_connected(self) -> bool:
        return self._connected.locked()

    async def displaced(self, place: int) -> None:
        """Raises Conflict `taken_over` once a newer connection is there."""
        while place == self._newest:
            await self._bell.next.wait()
        raise Conflict("the dictation goes on over another connection", code="taken_over")

    def ready(self) -> Ready:
        return Ready(
            dictation_id=self.metadata.dictation_id,
            received_s=self.intake.received / SAMPLE_RATE,
            until_s=self.intake.until_s,
            limits=self._limits,
        )

    async def follow(self, after: int) -> AsyncGenerator[ServerMessage, None]:
        """What was heard from `after` on, and all that follows, to the end.

        Raises:
            SamoError: the journal refuses the entry.
        """
        partial, until_s = None, self.intake.until_s
        while True:
            news = self._bell.next
            while after < len(self._heard):
                after += 1
                yield self._heard[after - 1]
            if self._partial is not None and self._partial != partial:
                yield (partial := self._partial)
            if not self.intake.is_ending and self.intake.until_s - until_s >= _CREDIT_STEP_S:
                yield Credit(until_s=(until_s := self.intake.until_s))
            if self.hand_in.refused is not None:
                raise self.hand_in.refused
            if self.ended is not None and after >= len(self._heard):
                yield self.ended
                return
            await news.wait()

    async def run(self) -> None:
        """Listen to the end, then make the entry."""
        try:
            await self._listen()
        except Exception:
            logs.failure("dictation not recognised", dictation=self.metadata.dictation_id)
            self.intake.stop("failed")
        entry_id = await self._delivered()
        self.ended = Ended(
            duration_s=self.intake.received / SAMPLE_RATE,
            entry_id=entry_id,
            reason=self.intake.end or "failed",
        )
        logs.event(
            "dictation",
            dictation=self.metadata.dictation_id,
            duration_s=round(self.ended.duration_s, 1),
            waited_s=round(self.intake.most_waiting / SAMPLE_RATE, 1),
            heard=len(self._heard),
            end=self.ended.reason,
        )
        self._bell.ring()

    def close(self) -> None:
        """The process ends: so does the dictation, and its entry is tried for once more at most."""
        self.intake.stop("closing")
        self.hand_in.close()

    def _wait_for_client(self) -> asyncio.TimerHandle:
        later = asyncio.get_running_loop().call_later
        return later(self._limits.resume_s, self.intake.stop, "abandoned")

    async def _listen(self) -> None:
        while (block := await self.intake.next()) is not None:
            heard = await run_in_threadpool(self._recogniser.hear, block)
            self.intake.listened(block)
            self._say(heard)
            if self.intake.is_drained and not self.intake.is_ending:
                self._partial = await run_in_threadpool(self._recogniser.guess) or self._partial
                self._bell.ring()
        if self.intake.end != "discarded":
            self._say(await run_in_threadpool(self._recogniser.finish))

    def _say(self, heard: list[RecognizerMessage]) -> None:
        if heard:
            self._heard += heard
            self._partial = None
            self._bell.ring()

    async def _delivered(self) -> str | None:
        """The entry, if there is to be one. What could not be delivered stays where it is."""
        entry_id = None
        if self.intake.end != "discarded" and self.intake.received:
            path = await run_in_threadpool(self._spool.encode)
            entry_id = await self.hand_in(self.metadata, path, self._bell.ring)
            if entry_id is None:
                return None
        self._spool.remove()
        return entry_id
