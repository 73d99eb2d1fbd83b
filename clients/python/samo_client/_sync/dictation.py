# Written by `python -m clients.generate` from the module of this name in _async.
"""Live dictation."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing

from samo_client._sync.transport import Transport
from samo_client.live.blocking import dictated
from samo_client.live.events import Event, Format
from samo_client.live.opening import sessions
from samo_client.schema import DictationAddress


class Dictation:
    """A WebSocket that takes audio and answers with text and emotions while it is spoken."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def address(self) -> DictationAddress:
        """Where it is."""
        return self._transport.ask(DictationAddress, "dictation.address")

    def dictate(
        self, audio: Iterable[bytes], *, rate: int, channels: int = 1, timezone: str | None = None
    ) -> Generator[Event, None]:
        """See `Samo.dictate`."""
        sessions()
        url, transport = (self.address()).url, self._transport
        form = Format(rate=rate, channels=channels)
        told = dictated(audio, url, transport.token, transport.retries, transport.timeout_s, form, timezone)
        with closing(told) as events:
            yield from events
