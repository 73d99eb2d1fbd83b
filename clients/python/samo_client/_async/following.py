"""Follows an entry: by its event stream, or by polling."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import msgspec

from samo_client._async.transport import Transport
from samo_client.cache import Cache
from samo_client.errors import NotFound, SamoError, unreachable
from samo_client.schema import EntryView, Status
from samo_client.sse import Event, Parser

FINAL = frozenset({Status.READY, Status.PARTIAL, Status.FAILED})
"""Statuses in which processing has finished."""
CLOSING = frozenset({"end", "deleted", "cut"})
"""Events that end a stream."""
SILENCE_S = 45.0
"""A stream silent for this long is dead: it has missed three heartbeats."""
FIRST_PAUSE_S, MAX_PAUSE_S = 0.2, 5.0


class Following:
    """Reads entries through a cache."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._cache = Cache()

    async def get(self, entry_id: str) -> EntryView:
        """Reads an entry; an unchanged one comes from the cache."""
        cached = self._cache.get(entry_id)
        headers = {"If-None-Match": cached[0]} if cached else {}
        response = await self._transport.call("entries.get", entry_id, headers=headers)
        if response.status_code == 304 and cached:
            return cached[1]
        entry = msgspec.json.decode(response.content, type=EntryView)
        self._cache.put(entry_id, response.headers.get("ETag", ""), entry)
        return entry

    def forget(self, entry_id: str) -> None:
        """Removes a deleted entry from the cache."""
        self._cache.forget(entry_id)

    async def wait(self, entry_id: str, timeout_s: float) -> EntryView:
        """Waits until the entry is final; raises TimeoutError."""
        async for entry in self.poll(entry_id, timeout_s):
            last = entry
        return last

    async def poll(
        self, entry_id: str, timeout_s: float = float("inf"), last: EntryView | None = None
    ) -> AsyncIterator[EntryView]:
        """Yields the entry whenever it differs from the last one, until it is final.

        Raises:
            TimeoutError: it is not final after `timeout_s`.
        """
        deadline, pause = time.monotonic() + timeout_s, FIRST_PAUSE_S
        while True:
            entry = await self.get(entry_id)
            if entry != last:
                last, pause = entry, FIRST_PAUSE_S
                yield entry
            if entry.status in FINAL:
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the entry is {entry.status} after {timeout_s} s")
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.5, MAX_PAUSE_S)

    async def follow(self, entry_id: str) -> AsyncIterator[EntryView]:
        """Yields the entry now and after each change until it is final."""
        seen, failures, entry = "", 0, None
        while True:
            try:
                async with aclosing(self._events(entry_id, seen)) as events:
                    async for event in events:
                        failures = 0
                        if event.name == "entry":
                            seen, entry = event.id, self._read(entry_id, event)
                            yield entry
                        elif event.name == "end":
                            return
                        elif event.name == "deleted":
                            raise NotFound("the entry was deleted", code="entry_not_found", status=404)
            except SamoError as error:
                if error.code == "too_many_streams":
                    break
                failures += 1
                pause = self._transport.retries.pause(failures, error)
                if pause is None:
                    raise
                await asyncio.sleep(pause)
        async for polled in self.poll(entry_id, last=entry):
            yield polled

    async def _events(self, entry_id: str, seen: str) -> AsyncGenerator[Event, None]:
        """Yields the events of one stream, up to the one that ends it; raises Unreachable if none does."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": seen} if seen else {})}
        parser = Parser()
        async with self._transport.stream(
            "entries.follow", entry_id, headers=headers, timeout_s=SILENCE_S
        ) as response:
            async for block in response.aiter_bytes():
                for event in parser.feed(block):
                    yield event
                    if event.name in CLOSING:
                        return
        raise unreachable(EOFError("the stream broke off"))

    def _read(self, entry_id: str, event: Event) -> EntryView:
        entry = msgspec.json.decode(event.data, type=EntryView)
        self._cache.put(entry_id, f'"{event.id}"', entry)
        return entry
