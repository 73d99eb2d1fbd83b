"""functions-framework targets: `serve` for the clients' HTTPS calls, `on_event` for the platform's."""

from __future__ import annotations

from collections.abc import Sequence

import flask
import functions_framework
from werkzeug.wrappers import Response

from functions.shared import access
from functions.shared.access import Access
from functions.shared.backend import connect
from functions.shared.http import Route
from functions.shared.settings import Settings
from functions.shared.targets import HttpTarget, start


def _for_clients(settings: Settings) -> Sequence[Route]:
    from functions.journal import pages
    from functions.journal.assembly import Assembly

    operations = Assembly(connect(settings), settings).routes()
    return [*operations, *pages.routes(operations, page=settings.backend == "local")]


def _for_the_platform(settings: Settings) -> Sequence[Route]:
    from functions.journal import operations

    return operations.routes(operations.connected(settings))


def _clients(settings: Settings) -> Access:
    return access.of_clients(settings, lambda: connect(settings).records, journal=True)


_settings = start()
_http = HttpTarget(_for_clients, _settings, _clients)
_events = HttpTarget(_for_the_platform, _settings, access.of_the_platform, "on_event")


@functions_framework.http
def serve(request: flask.Request) -> Response:
    return _http(request)


@functions_framework.http
def on_event(request: flask.Request) -> Response:
    return _events(request)
