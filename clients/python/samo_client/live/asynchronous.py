"""Asynchronous dictation: the session runs as a task of the caller's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable

from samo_client.authentication import AsyncToken
from samo_client.live.events import Event, Format
from samo_client.live.optional import session_class
from samo_client.retries import Retries


async def dictate_events(
    audio: AsyncIterable[bytes],
    url: str,
    token: AsyncToken,
    retries: Retries,
    timeout_s: float,
    audio_format: Format,
    timezone: str | None,
) -> AsyncGenerator[Event, None]:
    """Yields the events of a dictation; see `Session`."""
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    session = session_class()(url, token, retries, timeout_s, audio_format, timezone, events.put_nowait)
    task = asyncio.create_task(session.run(audio))
    task.add_done_callback(lambda _: events.put_nowait(None))
    try:
        while (event := await events.get()) is not None:
            yield event
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
