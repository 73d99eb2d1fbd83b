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
POLL_INTERVAL_S = {"local": 0.2, "gcp": 1.0}
"""How often a stream reads its entry, by backend; in the cloud each read is a billed document read."""


class ProgressStreams:
    """Follows entries; at most `limit` at a time, because each stream holds a server thread."""

    def __init__(self, limit: int, poll_interval_s: float) -> None:
        self._poll_interval_s = poll_interval_s
        self._slots = threading.BoundedSemaphore(limit)

    def follow(self, journal: Journal, entry_id: str, seen: str = "") -> Iterator[bytes]:
        """The entry now and after every change, until it is final or deleted, or for five minutes.

        The caller must `release` the stream when the connection closes, however it closes.

        Args:
            seen: ID of the last event the client received.

        Raises:
            NotFound: there is no such entry.
            TemporaryError: `too_many_streams`.
        """
        journal.get(entry_id)
        if not self._slots.acquire(blocking=False):
            raise TemporaryError("too many open streams; poll instead", code="too_many_streams")
        return _paced(_messages(journal, entry_id, seen), self._poll_interval_s)

    def wait(self, journal: Journal, entry: Entry, seconds: float) -> Entry:
        """The entry when it is final or after `seconds`; immediately if all streams are in use."""
        deadline = time.monotonic() + seconds
        if seconds <= 0 or not self._slots.acquire(blocking=False):
            return entry
        try:
            while not _is_final(entry) and time.monotonic() < deadline:
                time.sleep(self._poll_interval_s)
                entry = journal.get(entry.entry_id)
        finally:
            self._slots.release()
        return entry

    def release(self) -> None:
        """Frees one stream's slot."""
        self._slots.release()


def _is_final(entry: Entry) -> bool:
    return entry.status in FINAL and not entry.pending_events


def _messages(journal: Journal, entry_id: str, seen: str) -> Iterator[bytes | None]:
    """Polls the entry: a message if it changed, None if it did not."""
    while True:
        try:
            entry = journal.get(entry_id)
        except NotFound:
            yield b"event: deleted\ndata: {}\n\n"
            return
        if (tag := etag(entry)) != seen:
            seen = tag
            loaded = journal.load(entry)
            entry = loaded.entry
            data = msgspec.json.encode(entry_view(*loaded))
            yield b"event: entry\nid: " + tag.encode() + b"\ndata: " + data + b"\n\n"
        if _is_final(entry):
            yield b"event: end\ndata: {}\n\n"
            return
        yield None


def _paced(messages: Iterator[bytes | None], poll_interval_s: float) -> Iterator[bytes]:
    """Messages as they come, with heartbeats in between so that a closed connection is noticed."""
    started = last_sent = time.monotonic()
    yield b"retry: 2000\n\n"
    for message in messages:
        now = time.monotonic()
        if message is not None:
            last_sent = now
            yield message
        elif now - started > MAX_STREAM_S:
            yield b"event: cut\ndata: {}\n\n"
            return
        elif now - last_sent > HEARTBEAT_S:
            last_sent = now
            yield b": keep-alive\n\n"
        else:
            time.sleep(poll_interval_s)
