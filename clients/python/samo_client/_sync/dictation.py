# Written by `python -m clients.generate` from the module of this name in _async.
"""Live dictation."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing

from samo_client._sync.transport import Transport
from samo_client.live.blocking import dictate_events
from samo_client.live.events import Event, Format
from samo_client.live.optional import session_class
from samo_client.schema import DictationAddress


class Dictation:
    """Streams audio over a WebSocket and receives text and emotions."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def address(self) -> DictationAddress:
        """The address of the WebSocket."""
        return self._transport.request(DictationAddress, "dictation.address")

    def dictate(
        self, audio: Iterable[bytes], *, rate: int, channels: int = 1, timezone: str | None = None
    ) -> Generator[Event, None]:
        """See `Samo.dictate`."""
        session_class()  # fails early if the extra is not installed
        url, transport = (self.address()).url, self._transport
        audio_format = Format(rate=rate, channels=channels)
        stream = dictate_events(
            audio, url, transport.token, transport.retries, transport.timeout_s, audio_format, timezone
        )
        with closing(stream) as events:
            yield from events
