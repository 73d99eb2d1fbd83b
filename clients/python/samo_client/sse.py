"""Incremental parser for server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")


class Event(NamedTuple):
    """One event; `id` is the last id that the stream sent."""

    name: str
    data: str
    id: str


class Parser:
    """Parses events from bytes that may be split anywhere."""

    def __init__(self) -> None:
        self._rest = b""
        self._id = ""
        self._fields: dict[str, str] = {}

    def feed(self, block: bytes) -> Iterator[Event]:
        """Yields the events that this block completes."""
        *lines, self._rest = _LINE_END.split(self._rest + block)
        for line in lines:
            if line:
                self._take(*line.decode(errors="replace").partition(":"))
            elif event := self._completed():
                yield event

    def _completed(self) -> Event | None:
        fields, self._fields = self._fields, {}
        self._id = fields.get("id", self._id)
        if "data" not in fields:
            return None
        return Event(fields.get("event", "message"), fields["data"], self._id)

    def _take(self, name: str, colon: str, value: str) -> None:
        if not name and colon:
            return
        value = value.removeprefix(" ")
        if name == "data" and name in self._fields:
            value = f"{self._fields[name]}\n{value}"
        self._fields[name] = value
