"""Where clients find live dictation."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

DictationUrl = Callable[[str], str]
"""URL of live dictation for clients that reach the journal under this host name; empty if there is none."""


class DictationAddress(msgspec.Struct, frozen=True):
    """The URL of a WebSocket."""

    url: str
