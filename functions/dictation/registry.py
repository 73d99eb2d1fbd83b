"""The dictations of one process: who may begin one, who may come back to one, and what becomes of each."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from functions.dictation.delivery import Deliver, EntryDelivery
from functions.dictation.protocol import Limits, Start
from functions.dictation.recognizer import StreamingRecognizer
from functions.dictation.session import DictationSession
from functions.dictation.spool import DictationMetadata, Spool, unfinished_spools
from functions.shared.access.identity import Caller
from functions.shared.errors import NotFound, TemporaryError
from functions.shared.observability import logs

MAX_DISCONNECTED_RATIO = 4
"""So many times the dictations that are connected may go on without their clients."""


class DictationRegistry:
    """Belongs to one event loop.

    Args:
        listen: a recogniser for one dictation; the first call may take as long as loading the models.
        folder: where audio is kept meanwhile; what a killed process left there becomes entries.
        most: connected dictations; of those whose clients are lost there may be some more.
    """

    def __init__(
        self,
        listen: Callable[[], StreamingRecognizer],
        deliver: Deliver,
        folder: Path,
        limits: Limits,
        most: int,
    ) -> None:
        self._listen = listen
        self._deliver = deliver
        self._folder = folder
        self._limits = limits
        self._most = most
        self._beginning = 0
        self._known: dict[str, DictationSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, start: Start, caller: Caller) -> DictationSession:
        """The caller's dictation that `start` names, or a new one.

        Raises:
            NotFound: `dictation_not_found`: there is none of this id, or it is another user's.
            TemporaryError: `too_many_sessions`.
        """
        if start.dictation_id is None:
            return await self._begun(start, caller)
        found = self._known.get(start.dictation_id)
        if found is None or found.metadata.uid != caller.uid:
            raise NotFound("there is no such dictation (any more)", code="dictation_not_found")
        return found

    def recover(self) -> None:
        """Make entries of what a killed process left behind."""
        for spool in unfinished_spools(self._folder):
            self._spawn(self._recovered(spool))

    async def close(self) -> None:
        """End every dictation, and wait for their entries."""
        for dictation in self._known.values():
            dictation.close()
        for task in [*self._tasks]:
            await task

    def _is_full(self) -> bool:
        going_on = [each for each in self._known.values() if each.ended is None]
        connected = sum(each.is_connected for each in going_on)
        return (
            connected + self._beginning >= self._most
            or len(going_on) + self._beginning >= MAX_DISCONNECTED_RATIO * self._most
        )

    async def _begun(self, start: Start, caller: Caller) -> DictationSession:
        if self._is_full():
            raise TemporaryError("too many people dictate at the moment", code="too_many_sessions")
        self._beginning += 1
        try:
            recogniser = await run_in_threadpool(self._listen)
            about = DictationMetadata(
                dictation_id=uuid.uuid4().hex,
                uid=caller.uid,
                recorded_at=datetime.now(UTC),
                timezone=start.timezone,
            )
            dictation = DictationSession(
                Spool(self._folder, about), recogniser, EntryDelivery(self._deliver), self._limits
            )
        finally:
            self._beginning -= 1
        self._known[about.dictation_id] = dictation
        self._spawn(self._conducted(dictation))
        return dictation

    async def _conducted(self, dictation: DictationSession) -> None:
        """To its end, and a while longer for a client who has yet to hear of it."""
        try:
            await dictation.run()
        except Exception:
            logs.failure("dictation given up", dictation=dictation.metadata.dictation_id)
        forget = self._known.pop
        asyncio.get_running_loop().call_later(
            self._limits.resume_s, forget, dictation.metadata.dictation_id, None
        )

    async def _recovered(self, spool: Spool) -> None:
        try:
            path = await run_in_threadpool(spool.encode)
            if await EntryDelivery(self._deliver)(spool.metadata, path, lambda: None) is not None:
                spool.remove()
        except Exception:
            logs.failure("dictation not recovered", dictation=spool.metadata.dictation_id)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
