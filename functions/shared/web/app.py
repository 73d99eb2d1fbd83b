"""Builds a Flask application from typed routes: authorization, validation, request IDs and security headers.

Each service lists its `Route`s. The same list yields the application here and the OpenAPI document in
`openapi`, so validation and documentation come from the same structs.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import flask
import msgspec

from functions.shared.access import identity
from functions.shared.access.authorization import (
    Authorize,
    allow_identified,
    rate_limit_headers,
)
from functions.shared.errors import InvalidRequest
from functions.shared.observability import logs, metrics, tracing
from functions.shared.runtime.settings import Settings
from functions.shared.web import cors, problems
from functions.shared.web.routing import JSON, ROUTES, Call, Reply, Route
from functions.shared.web.slow_clients import PacedInput
from functions.shared.web.validation import json_body

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Sent with every response that does not set its own."""


def create_app(
    routes: Sequence[Route],
    settings: Settings,
    authorize: Authorize = allow_identified(identity.local_user),  # noqa: B008 - stateless
    *,
    name: str = "samo",
) -> flask.Flask:
    """A Flask application that serves the routes and nothing else."""
    app = flask.Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.before_request(_begin)
    cors.enable(app, settings)
    app.after_request(_finish)
    problems.register(app)
    app.extensions[ROUTES] = {_endpoint(route): route for route in routes}
    metrics.allow("route", app.extensions[ROUTES])
    for endpoint, route in app.extensions[ROUTES].items():
        rule = re.sub(r"{(\w+)}", r"<\1>", route.path)
        app.add_url_rule(rule, endpoint, _view(route, authorize), methods=[route.method])
    return app


def served_routes(app: flask.Flask) -> list[Route]:
    """Every route that an application serves.

    Raises:
        LookupError: the application serves a path that no `Route` describes.
    """
    return [app.extensions[ROUTES][rule.endpoint] for rule in app.url_map.iter_rules()]


def _endpoint(route: Route) -> str:
    return f"{route.method} {route.path}"


def _view(route: Route, authorize: Authorize) -> Callable[..., flask.Response]:
    def view(**path: str) -> flask.Response:
        request = flask.request
        authorization = authorize(request.headers.get("Authorization"), route.requires)
        flask.g.authorization = authorization
        body = json_body(request, route.body) if route.body else None
        query = _query(request, route.query) if route.query else None
        reply = route.handler(Call(request, body, query, path, authorization))
        return _response(reply) if isinstance(reply, Reply) else reply

    return view


def _query(request: flask.Request, struct: type) -> Any:
    try:
        return msgspec.convert(request.args.to_dict(), struct, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), code="invalid_parameter") from error


def _response(reply: Reply) -> flask.Response:
    body = reply.body
    if reply.media_type == JSON and body is not None:
        body = msgspec.json.encode(body)
    response = flask.Response(body, status=reply.status, mimetype=reply.media_type)
    response.headers.update(reply.headers)
    if body is None:
        response.headers.pop("Content-Type", None)
    return response


def _begin() -> None:
    environ = flask.request.environ
    environ["wsgi.input"] = PacedInput(environ["wsgi.input"])
    headers = flask.request.headers
    tracing.begin(headers.get("traceparent"), headers.get("X-Cloud-Trace-Context"))
    request_id = headers.get("X-Request-Id", "")
    flask.g.request_id = request_id if _REQUEST_ID.fullmatch(request_id) else uuid.uuid4().hex
    flask.g.started = time.perf_counter()


def _finish(response: flask.Response) -> flask.Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = flask.g.request_id
    if (authorization := flask.g.get("authorization")) is not None:
        response.headers.update(rate_limit_headers(authorization.quota_statuses))
    logs.event(
        "request",
        method=flask.request.method,
        route=flask.request.endpoint,
        status=response.status_code,
        duration_ms=round((time.perf_counter() - flask.g.started) * 1000, 1),
        request_id=flask.g.request_id,
    )
    return response
