"""Live dictation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing

from samo_client._async.transport import Transport
from samo_client.live.awaiting import dictated
from samo_client.live.events import Event, Format
from samo_client.live.opening import sessions
from samo_client.schema import DictationAddress


class Dictation:
    """A WebSocket that takes audio and answers with text and emotions while it is spoken."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def address(self) -> DictationAddress:
        """Where it is."""
        return await self._transport.ask(DictationAddress, "dictation.address")

    async def dictate(
        self, audio: AsyncIterable[bytes], *, rate: int, channels: int = 1, timezone: str | None = None
    ) -> AsyncGenerator[Event, None]:
        """See `AsyncSamo.dictate`."""
        sessions()
        url, transport = (await self.address()).url, self._transport
        form = Format(rate=rate, channels=channels)
        told = dictated(audio, url, transport.token, transport.retries, transport.timeout_s, form, timezone)
        async with aclosing(told) as events:
            async for event in events:
                yield event
