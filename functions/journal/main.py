"""functions-framework target: `serve` for the clients' HTTPS calls."""

from __future__ import annotations

from collections.abc import Sequence

import flask
import functions_framework
from werkzeug.wrappers import Response

from functions.journal import api, pages
from functions.journal.service import OWNER, Journal
from functions.shared import settings as configuration
from functions.shared.backend import connect
from functions.shared.http import Route
from functions.shared.targets import HttpTarget

_settings = configuration.load()


def _routes() -> Sequence[Route]:
    journal = Journal(connect(_settings), _settings, OWNER)
    operations = api.routes(api.JournalApi(journal, _settings))
    return [*operations, *pages.routes(operations)]


_http = HttpTarget(_routes, _settings)


@functions_framework.http
def serve(request: flask.Request) -> Response:
    return _http(request)
