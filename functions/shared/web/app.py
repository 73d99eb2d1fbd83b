"""HTTP as every function speaks it: typed routes, problem details, request ids, security headers.

A function lists its `Route`s; `create_app` makes a Flask application of them and `openapi.document`
the OpenAPI document, so validation and documentation come from the same structs. Errors are
RFC 9457 problem details with a stable `code`. https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import flask
import msgspec
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from functions.shared.access import identity
from functions.shared.access.authorization import (
    Authorize,
    allow_identified,
    rate_limit_headers,
)
from functions.shared.access.quotas import TooManyRequests
from functions.shared.errors import (
    Forbidden,
    InvalidRequest,
    PayloadTooLarge,
    SamoError,
    Unauthenticated,
)
from functions.shared.observability import logs, metrics, tracing
from functions.shared.runtime.settings import Settings
from functions.shared.web import cors
from functions.shared.web.routing import JSON, PROBLEM, Call, Problem, Reply, Route
from functions.shared.web.slow_clients import PacedInput
from functions.shared.web.validation import (
    json_body,
)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DRAIN_BYTES = 128 * 1024 * 1024

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Sent with every answer that does not set its own."""


B = TypeVar("B")


def create_app(
    routes: Sequence[Route],
    settings: Settings,
    authorize: Authorize = allow_identified(identity.local_user),  # noqa: B008 - it holds nothing
    *,
    name: str = "samo",
) -> flask.Flask:
    """A Flask application that serves the routes and nothing else."""
    app = flask.Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.before_request(_begin)
    cors.enable(app, settings)
    app.after_request(_finish)
    app.register_error_handler(SamoError, _samo_problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected_problem)
    metrics.allow("route", (f"{route.method} {route.path}" for route in routes))
    for route in routes:
        rule = re.sub(r"{(\w+)}", r"<\1>", route.path)
        view = _view(route, authorize)
        app.add_url_rule(rule, f"{route.method} {route.path}", view, methods=[route.method])
    return app


def _view(route: Route, authorize: Authorize) -> Callable[..., flask.Response]:
    def view(**path: str) -> flask.Response:
        request = flask.request
        flask.g.authorization = authorization = authorize(
            request.headers.get("Authorization"), route.requires
        )
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
    given = headers.get("X-Request-Id", "")
    flask.g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
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


def _samo_problem(error: SamoError) -> flask.Response:
    if error.status >= 500:
        logs.failure("request failed", code=error.code, request_id=flask.g.request_id)
    response = _problem(error.status, error.code, error.detail)
    if error.status == 503:
        response.headers["Retry-After"] = "5"
    if isinstance(error, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Forbidden) and error.code == "insufficient_scope":
        response.headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.quota_status.reset_s)
        response.headers.update(rate_limit_headers([error.quota_status]))
    return response


def _http_problem(error: HTTPException) -> flask.Response:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        _drain(flask.request.environ)
        limit = flask.current_app.config["MAX_CONTENT_LENGTH"]
        return _problem(status, PayloadTooLarge.code, f"the body may have {limit} bytes at most")
    response = _problem(status, error.name.lower().replace(" ", "_"), error.description or "")
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unexpected_problem(_: Exception) -> flask.Response:
    logs.failure("unexpected error", request_id=flask.g.request_id)
    return _problem(500, SamoError.code, "an unexpected error; its request id is in the log")


def _problem(status: int, code: str, detail: str) -> flask.Response:
    title = code.replace("_", " ").capitalize()
    problem = Problem(title=title, status=status, code=code, detail=detail, request_id=flask.g.request_id)
    return flask.Response(msgspec.json.encode(problem), status=status, mimetype=PROBLEM)


def _drain(environ: Mapping[str, Any]) -> None:
    """Read a refused body to its end (within reason), or the client sees a reset instead of the answer."""
    left = min(int(environ.get("CONTENT_LENGTH") or 0), _DRAIN_BYTES)
    for block in _blocks(environ["wsgi.input"], left):
        del block


def _blocks(stream: Any, left: int) -> Iterator[bytes]:
    while left > 0 and (block := stream.read(min(left, 65536))):
        left -= len(block)
        yield block
