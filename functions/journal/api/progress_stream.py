"""An entry's progress as server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import msgspec

from functions.journal.journal import Journal
from functions.journal.views.entries import FINAL, entry_view, etag
from functions.shared.domain.entries import Entry
from functions.shared.errors import NotFound, TemporaryError

MAX_STREAM_S = 300.0
HEARTBEAT_S = 15.0


class ProgressStreams:
    """Follows entries; at most `limit` at a time, because each holds a server thread."""

    def __init__(self, limit: int, look_every_s: float) -> None:
        self._look_every_s = look_every_s
        self._slots = threading.BoundedSemaphore(limit)

    def follow(self, journal: Journal, entry_id: str, seen: str = "") -> Iterator[bytes]:
        """The entry now and after every change, until it is final, deleted, or five minutes are over.

        `seen` is the id of the last change the client knows. Whoever follows must `release` when the
        connection closes, however it closes.

        Raises:
            NotFound: there is no such entry.
            TemporaryError: `too_many_streams`.
        """
        journal.get(entry_id)
        if not self._slots.acquire(blocking=False):
            raise TemporaryError("too many open streams; poll instead", code="too_many_streams")
        return _paced(_messages(journal, entry_id, seen), self._look_every_s)

    def wait(self, journal: Journal, entry: Entry, seconds: float) -> Entry:
        """The entry once it is final, or as it stands after so many seconds; at once if no place is free."""
        deadline = time.monotonic() + seconds
        if seconds <= 0 or not self._slots.acquire(blocking=False):
            return entry
        try:
            while not _final(entry) and time.monotonic() < deadline:
                time.sleep(self._look_every_s)
                entry = journal.get(entry.entry_id)
        finally:
            self._slots.release()
        return entry

    def release(self) -> None:
        """Give one stream's place back."""
        self._slots.release()


def _final(entry: Entry) -> bool:
    return entry.status in FINAL and not entry.pending_events


def _messages(journal: Journal, entry_id: str, seen: str) -> Iterator[bytes | None]:
    """A message for every change, None for a look that found none."""
    while True:
        try:
            entry = journal.get(entry_id)
        except NotFound:
            yield b"event: deleted\ndata: {}\n\n"
            return
        if (tag := etag(entry)) != seen:
            seen = tag
            entry, transcript, arc = journal.load(entry)
            data = msgspec.json.encode(entry_view(entry, transcript, arc))
            yield b"event: entry\nid: " + tag.encode() + b"\ndata: " + data + b"\n\n"
        if _final(entry):
            yield b"event: end\ndata: {}\n\n"
            return
        yield None


def _paced(messages: Iterator[bytes | None], look_every_s: float) -> Iterator[bytes]:
    """Messages as they come, with heartbeats between them so that a closed connection is noticed."""
    started = spoke = time.monotonic()
    yield b"retry: 2000\n\n"
    for message in messages:
        now = time.monotonic()
        if message is not None:
            spoke = now
            yield message
        elif now - started > MAX_STREAM_S:
            yield b"event: cut\ndata: {}\n\n"
            return
        elif now - spoke > HEARTBEAT_S:
            spoke = now
            yield b": still here\n\n"
        else:
            time.sleep(look_every_s)
