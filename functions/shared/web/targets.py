"""What a functions-framework entry point calls: an application for HTTPS, the pipeline for events."""

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
    """One capability's two targets: `serve` for its HTTPS calls, `on_event` for its stage.

    Both live in one image; FUNCTION_TARGET says which of them this process is.

    Raises:
        ConfigurationError: a setting is wrong, or the chosen target lacks what it must have to start.
    """

    def __init__(self, routes: Routes, stage: Stage, work: Callable[[Settings], StageWork]) -> None:
        chosen = start()
        self.serve = HttpTarget(routes, chosen, client_authorizer)
        self.on_event = EventTarget({stage: lambda: work(chosen)}, chosen)


def start() -> Settings:
    """The settings, once memory and logs are as they should be; the first line of every `main.py`."""
    share_heap()
    chosen = settings.load()
    logs.configure(project=chosen.project)
    return chosen


class HttpTarget:
    """Serves the routes, built with the first request.

    Without accounts it answers this machine only.
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
        self._cold = ColdStart(name)
        if _is_target(name):
            make_authorizer(settings)

    @cached_property
    def _app(self) -> flask.Flask:
        routes = (*self._routes(self._settings), *health.routes())
        app = create_app(routes, self._settings, self._make_authorizer(self._settings))
        if not identity.has_accounts(self._settings):
            loopback.guard(app)
        return app

    def __call__(self, request: flask.Request) -> Response:
        with self._cold:
            return Response.from_app(self._app, request.environ)


def client_authorizer(settings: Settings) -> Authorizer:
    """The door of a capability's public service; the store is connected when a call first needs it."""
    return authorization.client_authorizer(settings, lambda: connect(settings).records)


class EventTarget:
    """Runs a stage for each event; the ports are connected with the first one.

    An event that can never be one of ours is logged and acknowledged: it would only come again.
    A temporary error is answered 503, so that the bus delivers the event again later.
    """

    def __init__(self, works: Mapping[Stage, Callable[[], StageWork]], settings: Settings) -> None:
        self._works = works
        self._settings = settings
        self._cold = ColdStart("on_event")
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
        with self._cold:
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
    """Logs, once, how long it took from the start of the process to its first answer."""

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
