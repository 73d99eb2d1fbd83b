"""Live dictation beside the journal: uvicorn in a thread, on a port of its own."""

from __future__ import annotations

import errno
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from functions.dictation.app import PATH, uvicorn_config
from functions.dictation.delivery import Deliver, Recording
from functions.journal.journal import Journals
from functions.shared.errors import ConfigurationError, Conflict

PORTS = 100
"""So many ports above the journal's are tried."""


class DictationServer:
    """Serves while the context lasts, on the first port that is free from `first_port` on.

    Raises:
        ConfigurationError: no port is free, or (on entering) the application does not start.
    """

    def __init__(self, app: ASGIApp, host: str, first_port: int) -> None:
        self._socket = _bound(host, first_port)
        self._server = _Server(uvicorn_config(app))
        self._thread = threading.Thread(target=self._serve, name="samo-dictation")

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def url(self, host: str) -> str:
        """Where to dictate, for a page that knows this machine by that name."""
        return f"ws://{f'[{host}]' if ':' in host else host}:{self.port}{PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._server.settled.wait()
        if not self._server.started:
            self._thread.join()
            raise ConfigurationError("live dictation does not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends every dictation; returns once their entries are made."""
        self._server.should_exit = True
        self._thread.join()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.settled.set()
            self._socket.close()


def keeping(journals: Journals) -> Deliver:
    """Entries made in this process, under the dictation's own id: one that was made is not made again."""

    def deliver(recording: Recording) -> str:
        metadata = recording.metadata
        try:
            journals(metadata.uid).create_voice_entry(
                recording.path, metadata.recorded_at, metadata.timezone, entry_id=metadata.dictation_id
            )
        except Conflict as error:
            if error.code not in ("entry_exists", "entry_deleted"):
                raise
        return metadata.dictation_id

    return deliver


class _Server(uvicorn.Server):
    """Says when it is up, or never will be."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()


def _bound(host: str, first_port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first_port, first_port + PORTS) if first_port else (0,):
        made = socket.socket(family)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((host, port))
            return made
        except OSError as error:
            made.close()
            if error.errno != errno.EADDRINUSE:
                raise ConfigurationError(f"{host}:{port} cannot be used: {error.strerror}") from error
    raise ConfigurationError(f"no port is free for dictation above {first_port}", code="port_in_use")
