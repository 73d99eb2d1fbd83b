"""All of SAMO in one process: every function's routes on one port, and the workers."""

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

from functions.dictation import service as dictation
from functions.emotion import service as emotion
from functions.journal.api import dictation as dictation_api
from functions.journal.assembly import Assembly
from functions.journal.names import PersonalNames
from functions.journal.page_server import pages
from functions.laptop.dictation import DictationServer, deliver_to_journal
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
    """One factory per stage; a factory loads the stage's model."""
    return {
        Stage.TRANSCRIPTION: partial(transcription.work, settings),
        Stage.EMOTION: partial(emotion.work, settings),
        Stage.SUMMARIZATION: partial(summarization.work, settings),
    }


class LocalProcess:
    """The journal in a data folder and its workers; a context manager, and the workers run inside it.

    Raises (on entering):
        ConfigurationError: `data_in_use`, another process already uses this data folder.
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
        self._dictation: DictationServer | None = None

    def __enter__(self) -> Self:
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise ConfigurationError(
                f"another SAMO process already uses {self.settings.data_path}", code="data_in_use"
            ) from None
        self._workers.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.stop()
        self._lock.release()

    def warm_up(self) -> None:
        """Load every model now, so that the first entry does not wait for them."""
        for work in self.works.values():
            work()

    def app(self) -> flask.Flask:
        """The application with every route; without accounts, guarded by `loopback.guard`."""
        api = [
            *self.assembly.routes(MAX_STREAMS),
            *dictation_api.routes(self._dictation_url),
            *transcription.routes(self.settings),
            *emotion.routes(self.settings),
            *summarization.routes(self.settings),
        ]
        page = pages.routes(api, self.settings, dictation=self._dictation_url)
        app = create_app([*api, *page, *health.routes()], self.settings, self._authorizer)
        if not identity.has_accounts(self.settings):
            loopback.guard(app)
        return app

    def dictation(self, host: str, page_port: int) -> DictationServer:
        """The live dictation server, on the next free port after the page's.

        Raises:
            ConfigurationError: no port is free.
        """
        authorize = dictation.dictation_authorizer(
            self._authorizer, self.settings, lambda: self.assembly.accounts
        )
        folder = self.settings.data_path / "dictations"
        names = PersonalNames(self.backend.records)
        app = dictation.application(
            self.settings,
            authorize,
            deliver_to_journal(self.journals),
            folder,
            page_port,
            load_names=lambda speaker: names.get(speaker.uid).names,
        )
        self._dictation = DictationServer(app, host, page_port + 1)
        return self._dictation

    def _dictation_url(self, host: str) -> str:
        return self._dictation.url(host if host in LOOPBACK else "localhost") if self._dictation else ""

    @cached_property
    def _authorizer(self) -> Authorizer:
        return authorization.client_authorizer(
            self.settings, lambda: self.backend.records, lambda: self.assembly.accounts
        )


def serve(app: flask.Flask, host: str, port: int | None) -> BaseWSGIServer:
    """Bind a server; `run` serves requests until `close`. Without a port, the first free one of `PORTS`.

    Raises:
        ConfigurationError: the address is not loopback, or `port_in_use`.
    """
    if host not in LOOPBACK:
        raise ConfigurationError(f"--host must be a loopback address: {', '.join(sorted(LOOPBACK))}")
    for candidate in (port,) if port else PORTS:
        try:
            return waitress.create_server(app, host=host, port=candidate, threads=SERVER_THREADS, ident=None)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ConfigurationError(f"{host}:{candidate} cannot be used: {error.strerror}") from error
    taken = f"port {port} is" if port else f"ports {PORTS[0]} to {PORTS[-1]} are"
    raise ConfigurationError(f"{taken} in use; choose another with --port", code="port_in_use")
