"""Live dictation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing

from samo_client._async.transport import Transport
from samo_client.live.asynchronous import dictate_events
from samo_client.live.events import Event, Format
from samo_client.live.optional import session_class
from samo_client.schema import DictationAddress


class Dictation:
    """Streams audio over a WebSocket and receives text and emotions."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def address(self) -> DictationAddress:
        """The address of the WebSocket."""
        return await self._transport.request(DictationAddress, "dictation.address")

    async def dictate(
        self, audio: AsyncIterable[bytes], *, rate: int, channels: int = 1, timezone: str | None = None
    ) -> AsyncGenerator[Event, None]:
        """See `AsyncSamo.dictate`."""
        session_class()  # fails early if the extra is not installed
        url, transport = (await self.address()).url, self._transport
        audio_format = Format(rate=rate, channels=channels)
        stream = dictate_events(
            audio, url, transport.token, transport.retries, transport.timeout_s, audio_format, timezone
        )
        async with aclosing(stream) as events:
            async for event in events:
                yield event
