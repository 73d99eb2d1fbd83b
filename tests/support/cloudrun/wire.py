"""A TCP proxy that can simulate an outage: it resets all connections and refuses new ones until restored."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_BLOCK = 64 * 1024


class Wire:
    """Relays to `address` (host:port) from a port of its own."""

    def __init__(self, address: str) -> None:
        host, _, port = address.partition(":")
        self._target = host, int(port)
        self._loop = asyncio.new_event_loop()
        self._transports: set[asyncio.WriteTransport] = set()
        self._up = True
        self.address = ""

    def cut(self) -> None:
        """Resets every connection."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        self._up = True

    def _cut(self) -> None:
        self._up = False
        for transport in self._transports:
            transport.abort()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._up:
            writer.transport.abort()
            return
        with suppress(OSError):
            there, back = await asyncio.open_connection(*self._target)
            self._transports |= {writer.transport, back.transport}
            try:
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
            finally:
                self._transports -= {writer.transport, back.transport}
                writer.transport.abort()
                back.transport.abort()

    def run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self.listen())
        self._loop.call_soon(ready.set)
        self._loop.run_forever()
        self._close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _close(self) -> None:
        self._server.close()
        self._cut()
        self._loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self._loop)))
        self._loop.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(_BLOCK):
        writer.write(block)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


@contextmanager
def wire(address: str) -> Iterator[Wire]:
    """A proxy to an address for the duration of the context."""
    proxy = Wire(address)
    ready = threading.Event()
    thread = threading.Thread(target=proxy.run, args=(ready,))
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join()
