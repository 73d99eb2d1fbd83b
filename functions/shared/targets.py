"""What a functions-framework entry point calls: an application for HTTPS, the pipeline for events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import flask
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from functions.shared import events, logs
from functions.shared.backend import connect
from functions.shared.errors import InvalidRequest, TemporaryError
from functions.shared.http import Route, create_app
from functions.shared.local import loopback
from functions.shared.memory import share_heap
from functions.shared.pipeline import Pipeline, Works
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent


class HttpTarget:
    """Serves the routes, built with the first request.

    The local backend has no accounts, so there it answers this machine only.
    """

    def __init__(self, routes: Callable[[], Sequence[Route]], settings: Settings) -> None:
        share_heap()
        logs.configure()
        self._routes = routes
        self._settings = settings

    @cached_property
    def _app(self) -> flask.Flask:
        app = create_app(self._routes(), self._settings)
        if self._settings.backend == "local":
            loopback.guard(app)
        return app

    def __call__(self, request: flask.Request) -> Response:
        return Response.from_app(self._app, request.environ)


class EventTarget:
    """Runs a stage for each event; the ports are connected with the first one.

    An event that can never be one of ours is logged and acknowledged: it would only come again.
    A temporary error is answered 503, so that the bus delivers the event again later.
    """

    def __init__(self, works: Works, settings: Settings) -> None:
        share_heap()
        logs.configure()
        self._works = works
        self._settings = settings

    @cached_property
    def _pipeline(self) -> Pipeline:
        return Pipeline(connect(self._settings), self._settings, self._works)

    def __call__(self, event: CloudEvent) -> None:
        try:
            parsed = events.parse(event["type"], event.get_data())
        except InvalidRequest as error:
            logs.event("event refused", code=error.code, type=event["type"])
            return
        try:
            self._pipeline.handle(parsed)
        except TemporaryError as error:
            raise ServiceUnavailable(error.code) from error
