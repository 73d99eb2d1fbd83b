"""One dictation across all of its connections: audio in, recognized sentences out, an entry at its end.

A session runs as one task. Its results are state that connections follow: a client that reconnects
receives the rest, and a slow client misses partial text but no sentence.
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
    Final,
    Limits,
    Partial,
    Ready,
    RecognizerMessage,
    ServerMessage,
)
from functions.dictation.recognizer import StreamingRecognizer
from functions.dictation.spool import Spool
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.dictated import recognized_text
from functions.shared.errors import Conflict
from functions.shared.observability import logs

_CREDIT_STEP_S = 1.0


class DictationSession:
    """One dictation.

    Attributes:
        audio: buffers its audio.
        delivery: creates its entry.
        ended: set once everything is done.
    """

    def __init__(
        self, spool: Spool, recognizer: StreamingRecognizer, delivery: EntryDelivery, limits: Limits
    ) -> None:
        self.metadata = spool.metadata
        self.delivery = delivery
        self.ended: Ended | None = None
        self._wakeup = Wakeup()
        self.audio = AudioBuffer(spool, limits.dictation_s, self._wakeup)
        self._spool = spool
        self._recognizer = recognizer
        self._limits = limits
        self._results: list[RecognizerMessage] = []
        self._partial: Partial | None = None
        self._connections = 0
        self._connected = asyncio.Lock()
        self._abandonment = self._abandon_later()

    @asynccontextmanager
    async def attach(self, token: str | None) -> AsyncIterator[int]:
        """Attach a connection, which replaces the previous one; yields its number.

        A dictation without a connection for `resume_s` ends.
        """
        self._connections += 1
        number = self._connections
        self._wakeup.notify()
        async with self._connected:
            self._abandonment.cancel()
            self.delivery.renew_token(token)
            try:
                yield number
            finally:
                self._abandonment = self._abandon_later()

    @property
    def is_connected(self) -> bool:
        return self._connected.locked()

    async def wait_until_replaced(self, number: int) -> None:
        """Raises Conflict `taken_over` once a newer connection attaches."""
        while number == self._connections:
            await self._wakeup.next.wait()
        raise Conflict("the dictation continues over another connection", code="taken_over")

    def ready(self) -> Ready:
        return Ready(
            dictation_id=self.metadata.dictation_id,
            received_s=self.audio.received / SAMPLE_RATE,
            until_s=self.audio.credit_s,
            limits=self._limits,
        )

    async def follow(self, after: int) -> AsyncGenerator[ServerMessage, None]:
        """Every message from result `after` on, to the end.

        Raises:
            SamoError: the journal refuses the entry.
        """
        partial, credit_s = None, self.audio.credit_s
        while True:
            change = self._wakeup.next
            while after < len(self._results):
                after += 1
                yield self._results[after - 1]
            if self._partial is not None and self._partial != partial:
                yield (partial := self._partial)
            if not self.audio.has_ended and self.audio.credit_s - credit_s >= _CREDIT_STEP_S:
                yield Credit(until_s=(credit_s := self.audio.credit_s))
            if self.delivery.refusal is not None:
                raise self.delivery.refusal
            if self.ended is not None and after >= len(self._results):
                yield self.ended
                return
            await change.wait()

    async def run(self) -> None:
        """Recognize to the end, then create the entry."""
        try:
            await self._recognize()
        except Exception:
            logs.failure("dictation not recognized", dictation=self.metadata.dictation_id)
            self.audio.end("failed")
        entry_id = await self._create_entry()
        self.ended = Ended(
            duration_s=self.audio.received / SAMPLE_RATE,
            entry_id=entry_id,
            reason=self.audio.end_reason or "failed",
        )
        logs.event(
            "dictation",
            dictation=self.metadata.dictation_id,
            duration_s=round(self.ended.duration_s, 1),
            waited_s=round(self.audio.max_backlog / SAMPLE_RATE, 1),
            heard=len(self._results),
            end=self.ended.reason,
        )
        self._wakeup.notify()

    def close(self) -> None:
        """The process is ending: end the dictation, and make at most one more attempt to create its entry."""
        self.audio.end("closing")
        self.delivery.close()

    def _abandon_later(self) -> asyncio.TimerHandle:
        call_later = asyncio.get_running_loop().call_later
        return call_later(self._limits.resume_s, self.audio.end, "abandoned")

    async def _recognize(self) -> None:
        while (block := await self.audio.next_block()) is not None:
            results = await run_in_threadpool(self._recognizer.process, block)
            self.audio.mark_processed(block)
            self._publish(results)
            if self.audio.is_drained and not self.audio.has_ended:
                self._partial = await run_in_threadpool(self._recognizer.partial) or self._partial
                self._wakeup.notify()
        if self.audio.end_reason != "discarded":
            self._publish(await run_in_threadpool(self._recognizer.finish))

    def _publish(self, results: list[RecognizerMessage]) -> None:
        if results:
            self._results += results
            self._partial = None
            self._wakeup.notify()

    async def _create_entry(self) -> str | None:
        """The ID of the entry, if there is to be one. Audio that could not be delivered stays on disk."""
        entry_id = None
        if self.audio.end_reason != "discarded" and self.audio.received:
            path = await run_in_threadpool(self._spool.encode)
            seen = recognized_text(result.segment for result in self._results if isinstance(result, Final))
            entry_id = await self.delivery(self.metadata, path, self._wakeup.notify, seen)
            if entry_id is None:
                return None
        self._spool.remove()
        return entry_id
