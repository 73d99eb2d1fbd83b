"""SAMO whole, in one process: every function's routes on one port, and the workers behind them."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from types import TracebackType
from typing import Self

import flask
import waitress
from filelock import FileLock, Timeout
from waitress.server import BaseWSGIServer

from functions.dictation import service as live
from functions.emotion import service as emotion
from functions.journal.api import dictation
from functions.journal.assembly import Assembly
from functions.journal.page_server import pages
from functions.laptop.dictation import DictationServer, keeping
from functions.shared.access import authorization, identity
from functions.shared.access.authorization import Authorizer
from functions.shared.access.identity import LOCAL_USER, LOOPBACK
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.backends.local.worker import Workers
from functions.shared.domain.entries import Stage
from functions.shared.domain.stage_work import StageWork
from functions.shared.errors import ConfigurationError
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime.settings import Settings
from functions.shared.web import health, loopback
from functions.shared.web.app import create_app
from functions.summarization import service as summarization
from functions.transcription import service as transcription

PORTS = range(8080, 8100)
SERVER_THREADS = 24
MAX_STREAMS = 16


def stage_works(settings: Settings) -> Mapping[Stage, Callable[[], StageWork]]:
    """Every stage, each loading its model with its first event."""
    return {
        Stage.TRANSCRIPTION: partial(transcription.work, settings),
        Stage.EMOTION: partial(emotion.work, settings),
        Stage.SUMMARIZATION: partial(summarization.work, settings),
    }


class LocalSamo:
    """A journal in a data folder, with its workers, for as long as the context lasts.

    Raises (on entering):
        ConfigurationError: another process already works on this data folder.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.backend = LocalBackend(settings)
        self.works = stage_works(settings)
        self.assembly = Assembly(self.backend.ports, settings, self.backend.wake)
        self.journals = self.assembly.journals
        self.journal = self.journals(LOCAL_USER)
        pipeline = Pipeline(self.backend.ports, settings, self.works)
        self._workers = Workers(self.backend, pipeline, self.assembly.chores, self.assembly.backfill)
        self._lock = FileLock(settings.data_path / "samo.lock")
        self._live: DictationServer | None = None

    def __enter__(self) -> Self:
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise ConfigurationError(
                f"another SAMO already works on {self.settings.data_path}", code="data_in_use"
            ) from None
        self._workers.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.stop()
        self._lock.release()

    def warm_up(self) -> None:
        """Load every model now, so that the first note does not wait for them."""
        for work in self.works.values():
            work()

    def app(self) -> flask.Flask:
        """Everything on one port; without accounts guarded: loopback only, no foreign pages."""
        api = [
            *self.assembly.routes(MAX_STREAMS),
            *dictation.routes(self._where_to_dictate),
            *transcription.routes(self.settings),
            *emotion.routes(self.settings),
            *summarization.routes(self.settings),
        ]
        page = pages.routes(api, self.settings, dictation=self._where_to_dictate)
        app = create_app([*api, *page, *health.routes()], self.settings, self._door)
        if not identity.has_accounts(self.settings):
            loopback.guard(app)
        return app

    def dictation(self, host: str, page_port: int) -> DictationServer:
        """Live dictation on the next free port, for as long as its context lasts.

        Raises:
            ConfigurationError: no port is free.
        """
        door = live.dictation_authorizer(self._door, self.settings, lambda: self.assembly.accounts)
        folder = self.settings.data_path / "dictations"
        app = live.application(self.settings, door, keeping(self.journals), folder, page_port)
        self._live = DictationServer(app, host, page_port + 1)
        return self._live

    def _where_to_dictate(self, host: str) -> str:
        return self._live.url(host if host in LOOPBACK else "localhost") if self._live else ""

    @cached_property
    def _door(self) -> Authorizer:
        return authorization.client_authorizer(
            self.settings, lambda: self.backend.records, lambda: self.assembly.accounts
        )


def serve(app: flask.Flask, host: str, port: int | None) -> BaseWSGIServer:
    """A bound server whose `run` answers requests until `close`; without a port, on the first free one.

    Raises:
        ConfigurationError: the address is not loopback, or the port is taken.
    """
    if host not in LOOPBACK:
        raise ConfigurationError("without accounts the journal is served on the loopback address only")
    for candidate in (port,) if port else PORTS:
        try:
            return waitress.create_server(app, host=host, port=candidate, threads=SERVER_THREADS, ident=None)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ConfigurationError(f"{host}:{candidate} cannot be used: {error.strerror}") from error
    raise ConfigurationError(
        f"port {port or PORTS} is in use; choose another with --port", code="port_in_use"
    )
