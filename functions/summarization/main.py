"""functions-framework targets: `serve` for HTTPS calls, `on_event` for CloudEvents."""

from __future__ import annotations

import flask
import functions_framework
from cloudevents.http import CloudEvent
from werkzeug.wrappers import Response

from functions.shared import settings as configuration
from functions.shared.entries import Stage
from functions.shared.targets import EventTarget, HttpTarget
from functions.summarization import service

_settings = configuration.load()
_http = HttpTarget(lambda: service.routes(_settings), _settings)
_events = EventTarget({Stage.SUMMARIZATION: lambda: service.work(_settings)}, _settings)


@functions_framework.http
def serve(request: flask.Request) -> Response:
    return _http(request)


@functions_framework.cloud_event
def on_event(event: CloudEvent) -> None:
    _events(event)
