"""The dictation sessions of one process: begins, resumes, recovers and ends them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from functions.dictation.delivery import Deliver, EntryDelivery
from functions.dictation.names import LoadNames, Speaker, no_names
from functions.dictation.protocol import Limits, Start
from functions.dictation.recognizer import StreamingRecognizer
from functions.dictation.session import DictationSession
from functions.dictation.spool import DictationMetadata, Spool, unfinished_spools
from functions.shared.access.identity import Caller
from functions.shared.errors import NotFound, SamoError, TemporaryError
from functions.shared.observability import logs

SESSIONS_PER_CONNECTION = 4
"""How many sessions, connected or waiting for their client, may be in progress per allowed connection."""


class DictationRegistry:
    """The sessions of one event loop.

    Args:
        create_recognizer: makes the recognizer of one dictation; the first call may load the models.
        folder: holds the audio of sessions; audio that a killed process left there becomes entries.
        max_sessions: the maximum of connected sessions; disconnected ones are limited separately.
        load_names: reads the user's personal dictionary.
    """

    def __init__(
        self,
        create_recognizer: Callable[[], StreamingRecognizer],
        deliver: Deliver,
        folder: Path,
        limits: Limits,
        max_sessions: int,
        load_names: LoadNames = no_names,
    ) -> None:
        self._create_recognizer = create_recognizer
        self._deliver = deliver
        self._folder = folder
        self._limits = limits
        self._max_sessions = max_sessions
        self._load_names = load_names
        self._starting = 0
        self._sessions: dict[str, DictationSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin_or_resume(self, start: Start, caller: Caller) -> DictationSession:
        """The caller's session that `start` names, or a new one.

        Raises:
            NotFound: `dictation_not_found`: no session has this ID, or it is another user's.
            TemporaryError: `too_many_sessions`.
        """
        if start.dictation_id is None:
            return await self._begin(start, caller)
        session = self._sessions.get(start.dictation_id)
        if session is None or session.metadata.uid != caller.uid:
            raise NotFound("there is no such dictation, or it has ended", code="dictation_not_found")
        return session

    def recover(self) -> None:
        """Create entries from the dictations that a killed process left behind."""
        for spool in unfinished_spools(self._folder):
            self._spawn(self._deliver_recovered(spool))

    async def close(self) -> None:
        """End every session, and wait for the entries."""
        for session in self._sessions.values():
            session.close()
        for task in [*self._tasks]:
            await task

    def _is_full(self) -> bool:
        active = [session for session in self._sessions.values() if session.ended is None]
        connected = sum(session.is_connected for session in active)
        return (
            connected + self._starting >= self._max_sessions
            or len(active) + self._starting >= SESSIONS_PER_CONNECTION * self._max_sessions
        )

    async def _begin(self, start: Start, caller: Caller) -> DictationSession:
        if self._is_full():
            raise TemporaryError("too many dictations are in progress", code="too_many_sessions")
        self._starting += 1
        try:
            recognizer = await run_in_threadpool(self._create_recognizer)
            metadata = DictationMetadata(
                dictation_id=uuid.uuid4().hex,
                uid=caller.uid,
                recorded_at=datetime.now(UTC),
                timezone=start.timezone,
            )
            session = DictationSession(
                Spool(self._folder, metadata), recognizer, EntryDelivery(self._deliver), self._limits
            )
        finally:
            self._starting -= 1
        self._sessions[metadata.dictation_id] = session
        self._spawn(self._run(session))
        self._spawn(self._teach(recognizer, Speaker(caller.uid, start.token)))
        return session

    async def _teach(self, recognizer: StreamingRecognizer, speaker: Speaker) -> None:
        """Give the recognizer the user's names. Nobody waits for them, and dictation works without."""
        try:
            recognizer.names = await run_in_threadpool(self._load_names, speaker)
        except SamoError as error:
            logs.event("names not loaded", actor=logs.pseudonym(speaker.uid), code=error.code)
        except Exception:
            logs.failure("names not loaded", actor=logs.pseudonym(speaker.uid))

    async def _run(self, session: DictationSession) -> None:
        """Run a session to its end; keep it a while for a client that has yet to receive the result."""
        dictation_id = session.metadata.dictation_id
        try:
            await session.run()
        except Exception:
            logs.failure("dictation given up", dictation=dictation_id)
        call_later = asyncio.get_running_loop().call_later
        call_later(self._limits.resume_s, self._sessions.pop, dictation_id, None)

    async def _deliver_recovered(self, spool: Spool) -> None:
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
