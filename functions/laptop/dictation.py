"""Serves live dictation next to the journal: uvicorn in a thread, on its own port."""

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

PORT_ATTEMPTS = 100
"""How many ports above the journal's are tried."""


class DictationServer:
    """A context manager that serves dictation on the first free port from `first_port` up; 0: any free port.

    Raises:
        ConfigurationError: no port is free, or (on entering) the application fails to start.
    """

    def __init__(self, app: ASGIApp, host: str, first_port: int) -> None:
        self._socket = _bind(host, first_port)
        self._server = _Server(uvicorn_config(app))
        self._thread = threading.Thread(target=self._serve, name="samo-dictation")

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def url(self, host: str) -> str:
        """The WebSocket address, for a page that was opened under this host name."""
        return f"ws://{f'[{host}]' if ':' in host else host}:{self.port}{PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._server.settled.wait()
        if not self._server.started:
            self._thread.join()
            raise ConfigurationError("live dictation failed to start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every dictation and wait until their entries exist."""
        self._server.should_exit = True
        self._thread.join()

    def _serve(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.settled.set()
            self._socket.close()


def deliver_to_journal(journals: Journals) -> Deliver:
    """Creates entries in this process. Each entry has its dictation's ID, so delivering twice creates one."""

    def deliver(recording: Recording) -> str:
        metadata = recording.metadata
        try:
            journals(metadata.uid).create_voice_entry(
                recording.path,
                metadata.recorded_at,
                metadata.timezone,
                entry_id=metadata.dictation_id,
                dictated=recording.seen,
            )
        except Conflict as error:
            if error.code not in ("entry_exists", "entry_deleted"):
                raise
        return metadata.dictation_id

    return deliver


class _Server(uvicorn.Server):
    """Sets `settled` when startup has succeeded or failed."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()


def _bind(host: str, first_port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first_port, first_port + PORT_ATTEMPTS) if first_port else (0,):
        candidate = socket.socket(family)
        try:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            candidate.bind((host, port))
            candidate.listen()  # until then, SO_REUSEADDR lets another process bind the same port
            return candidate
        except OSError as error:
            candidate.close()
            if error.errno != errno.EADDRINUSE:
                raise ConfigurationError(f"{host}:{port} cannot be used: {error.strerror}") from error
    raise ConfigurationError(
        f"no free port for live dictation from {first_port} to {first_port + PORT_ATTEMPTS - 1}",
        code="port_in_use",
    )
