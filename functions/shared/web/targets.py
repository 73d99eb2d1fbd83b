"""The callables that functions-framework serves: an application for HTTPS calls, the pipeline for events."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import flask
from werkzeug.exceptions import ServiceUnavailable, Unauthorized
from werkzeug.wrappers import Response

from functions.shared.access import authorization, identity
from functions.shared.access.authorization import Authorizer
from functions.shared.access.identity import Identify
from functions.shared.backends.connect import connect
from functions.shared.domain.entries import Stage
from functions.shared.domain.stage_work import StageWork
from functions.shared.errors import InvalidRequest, TemporaryError, Unauthenticated
from functions.shared.observability import logs, tracing
from functions.shared.pipeline import cloud_events
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.runtime import settings
from functions.shared.runtime.malloc import share_heap
from functions.shared.runtime.settings import Settings
from functions.shared.web import health, loopback
from functions.shared.web.app import create_app
from functions.shared.web.routing import Route

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

_STARTED = time.monotonic()

Routes = Callable[[Settings], Sequence[Route]]


class Capability:
    """The two targets of a capability: `serve` for HTTPS calls, `on_event` for its pipeline stage.

    Both are in one image; FUNCTION_TARGET says which of them this process serves.

    Raises:
        ConfigurationError: a setting is wrong, or the chosen target lacks a setting it needs to start.
    """

    def __init__(self, routes: Routes, stage: Stage, work: Callable[[Settings], StageWork]) -> None:
        loaded = start()
        self.serve = HttpTarget(routes, loaded, client_authorizer)
        self.on_event = EventTarget({stage: lambda: work(loaded)}, loaded)


def start() -> Settings:
    """Configures memory and logging and returns the settings; the first line of every `main.py`."""
    share_heap()
    loaded = settings.load()
    logs.configure(project=loaded.project)
    return loaded


class HttpTarget:
    """Serves routes; the application is created on the first request.

    Without accounts it serves this machine only.
    """

    def __init__(
        self,
        routes: Routes,
        settings: Settings,
        make_authorizer: Callable[[Settings], Authorizer],
        name: str = "serve",
    ) -> None:
        self._routes = routes
        self._settings = settings
        self._make_authorizer = make_authorizer
        self._cold_start = ColdStart(name)
        if _is_target(name):
            make_authorizer(settings)

    @cached_property
    def app(self) -> flask.Flask:
        routes = (*self._routes(self._settings), *health.routes())
        app = create_app(routes, self._settings, self._make_authorizer(self._settings))
        if not identity.has_accounts(self._settings):
            loopback.guard(app)
        return app

    def __call__(self, request: flask.Request) -> Response:
        with self._cold_start:
            return Response.from_app(self.app, request.environ)


def client_authorizer(settings: Settings) -> Authorizer:
    """The authorizer of a capability's public service; the store is connected on first use."""
    return authorization.client_authorizer(settings, lambda: connect(settings).records)


class EventTarget:
    """Runs a stage for each event; the ports are connected on the first one.

    Malformed events are logged and acknowledged, because they would only be redelivered. Temporary errors
    return 503, so that the event is delivered again later.
    """

    def __init__(self, works: Mapping[Stage, Callable[[], StageWork]], settings: Settings) -> None:
        self._works = works
        self._settings = settings
        self._cold_start = ColdStart("on_event")
        if _is_target("on_event"):
            identity.platform_identity(settings)

    @cached_property
    def _pipeline(self) -> Pipeline:
        return Pipeline(connect(self._settings), self._settings, self._works)

    @cached_property
    def _identify(self) -> Identify:
        return identity.platform_identity(self._settings)

    def __call__(self, event: CloudEvent) -> None:
        headers = flask.request.headers
        tracing.begin(headers.get("traceparent"), headers.get("X-Cloud-Trace-Context"))
        with self._cold_start:
            try:
                self._identify(headers.get("Authorization"))
                self._pipeline.handle(cloud_events.parse(event["type"], event.get_data()))
            except Unauthenticated as error:
                logs.event("event without a good token", code=error.code)
                raise Unauthorized(error.detail) from error
            except InvalidRequest as error:
                logs.event("event refused", code=error.code, type=event["type"])
            except TemporaryError as error:
                logs.event("event postponed", code=error.code, type=event["type"])
                raise ServiceUnavailable(error.code) from error


class ColdStart:
    """Logs, once, the time from the start of the process to its first response."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._warm = False

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        if not self._warm:
            self._warm = True
            duration_ms = round((time.monotonic() - _STARTED) * 1000, 1)
            logs.event("cold start", target=self._target, duration_ms=duration_ms)


def _is_target(name: str) -> bool:
    return os.environ.get("FUNCTION_TARGET", name) == name
