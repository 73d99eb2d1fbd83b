"""A dictation for those who await: its session is a task beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable

from samo_client.authentication import AsyncToken
from samo_client.live.events import Event, Format
from samo_client.live.opening import sessions
from samo_client.retries import Retries


async def dictated(
    audio: AsyncIterable[bytes],
    url: str,
    token: AsyncToken,
    retries: Retries,
    timeout_s: float,
    form: Format,
    timezone: str | None,
) -> AsyncGenerator[Event, None]:
    """The events of a dictation; see `Session`."""
    events: asyncio.Queue[Event | None] = asyncio.Queue()
    session = sessions()(url, token, retries, timeout_s, form, timezone, events.put_nowait)
    task = asyncio.create_task(session.run(audio))
    task.add_done_callback(lambda _: events.put_nowait(None))
    try:
        while (event := await events.get()) is not None:
            yield event
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
