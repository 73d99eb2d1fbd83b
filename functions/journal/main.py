"""functions-framework targets: `serve` for clients, `on_event` for Pub/Sub and Cloud Scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import flask
import functions_framework
from werkzeug.wrappers import Response

from functions.shared.access import authorization
from functions.shared.access.authorization import Authorizer
from functions.shared.backends.connect import connect
from functions.shared.runtime.settings import Settings
from functions.shared.web.routing import Route
from functions.shared.web.targets import HttpTarget, start

if TYPE_CHECKING:
    from functions.journal.assembly import Assembly


def _client_routes(settings: Settings) -> Sequence[Route]:
    from functions.journal.api import dictation
    from functions.journal.page_server import pages

    def dictation_url(_: str) -> str:
        return settings.dictation_url

    api_routes = [*_assembly(settings).routes(), *dictation.routes(dictation_url)]
    return [*api_routes, *pages.routes(api_routes, settings, dictation=dictation_url)]


def _platform_routes(settings: Settings) -> Sequence[Route]:
    from functions.journal.integrations import platform_routes

    return platform_routes.routes(platform_routes.create_platform_api(settings))


def _client_authorizer(settings: Settings) -> Authorizer:
    return authorization.client_authorizer(
        settings, lambda: connect(settings).records, lambda: _assembly(settings).accounts
    )


@cache
def _assembly(settings: Settings) -> Assembly:
    from functions.journal.assembly import Assembly

    return Assembly(connect(settings), settings)


def _start() -> Settings:
    settings = start()
    if settings.support_lines:
        from functions.journal.support import help_lines

        help_lines.check(settings)
    return settings


_settings = _start()
http = HttpTarget(_client_routes, _settings, _client_authorizer)
events = HttpTarget(_platform_routes, _settings, authorization.platform_authorizer, "on_event")


@functions_framework.http
def serve(request: flask.Request) -> Response:
    return http(request)


@functions_framework.http
def on_event(request: flask.Request) -> Response:
    return events(request)
