"""Blocking dictation: the session runs on an event loop in another thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from queue import SimpleQueue

from anyio.from_thread import start_blocking_portal

from samo_client.authentication import Token
from samo_client.live.events import Event, Format
from samo_client.live.optional import session_class
from samo_client.live.tasks import run_until_first
from samo_client.retries import Retries


def dictate_events(
    audio: Iterable[bytes],
    url: str,
    token: Token,
    retries: Retries,
    timeout_s: float,
    audio_format: Format,
    timezone: str | None,
) -> Generator[Event, None, None]:
    """Yields the events of a dictation; see `Session`. The audio is read in a third thread."""
    events: SimpleQueue[Event | None] = SimpleQueue()
    session = session_class()(url, token, retries, timeout_s, audio_format, timezone, events.put)
    closed = asyncio.Event()
    with start_blocking_portal() as portal:
        task = portal.start_task_soon(run_until_first, session.run(_in_thread(audio)), closed.wait())
        task.add_done_callback(lambda _: events.put(None))
        try:
            while (event := events.get()) is not None:
                yield event
            task.result()
        finally:
            portal.call(closed.set)
            wait([task])  # otherwise the portal cancels the session while it closes its connection


async def _in_thread(audio: Iterable[bytes]) -> AsyncIterator[bytes]:
    thread = ThreadPoolExecutor(1, thread_name_prefix="samo-audio")
    try:
        chunks, loop = iter(audio), asyncio.get_running_loop()
        while (chunk := await loop.run_in_executor(thread, next, chunks, None)) is not None:
            yield chunk
    finally:
        thread.shutdown(wait=False, cancel_futures=True)
