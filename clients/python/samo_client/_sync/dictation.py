# Written by `python -m clients.generate` from the module of this name in _async.
"""Live dictation."""

from __future__ import annotations

from samo_client._sync.transport import Transport
from samo_client.schema import DictationAddress


class Dictation:
    """A WebSocket that takes audio and answers with text and emotions while it is spoken."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def address(self) -> DictationAddress:
        """Where it is."""
        return self._transport.ask(DictationAddress, "dictation.address")
