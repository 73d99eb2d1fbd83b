"""functions-framework targets: `serve` for HTTPS requests, `on_event` for CloudEvents."""

from __future__ import annotations

import flask
import functions_framework
from cloudevents.http import CloudEvent
from werkzeug.wrappers import Response

from functions.shared.domain.entries import Stage
from functions.shared.web.targets import Capability
from functions.summarization import service

capability = Capability(service.routes, Stage.SUMMARIZATION, service.work)


@functions_framework.http
def serve(request: flask.Request) -> Response:
    return capability.serve(request)


@functions_framework.cloud_event
def on_event(event: CloudEvent) -> None:
    capability.on_event(event)
