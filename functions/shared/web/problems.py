"""Turns errors into RFC 9457 problem details, or what the route states instead.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask
import msgspec
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from functions.shared.access.authorization import rate_limit_headers
from functions.shared.access.quotas import TooManyRequests
from functions.shared.errors import Forbidden, PayloadTooLarge, SamoError, Unauthenticated
from functions.shared.observability import logs
from functions.shared.web.routing import PROBLEM_DETAILS, ROUTES, ErrorFormat, Problem

RETRY_AFTER_S = 5
"""When to retry after a temporary error."""
_DRAIN_BYTES = 128 * 2**20
_BLOCK_BYTES = 65536


def register(app: flask.Flask) -> None:
    """Responds to every error in the route's format, by default with problem details."""
    app.register_error_handler(SamoError, _samo_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def problem_of(error: Exception, request_id: str) -> Problem:
    """Problem details of an error that is being handled; the server's own failures are logged."""
    if not isinstance(error, SamoError):
        logs.failure("unexpected error", request_id=request_id)
        detail = "an unexpected error occurred; see the log for this request ID"
        return _problem(500, SamoError.code, detail, request_id)
    if error.status >= 500:
        logs.failure("request failed", code=error.code, request_id=request_id)
    return _problem(error.status, error.code, error.detail, request_id)


def _samo_error(error: SamoError) -> flask.Response:
    response = _response(problem_of(error, flask.g.request_id))
    if error.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Forbidden) and error.code == "insufficient_scope":
        response.headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.quota_status.reset_s)
        response.headers.update(rate_limit_headers([error.quota_status]))
    return response


def _http_error(error: HTTPException) -> flask.Response:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        _drain(flask.request.environ)
        limit = flask.current_app.config["MAX_CONTENT_LENGTH"]
        return _error(status, PayloadTooLarge.code, f"the body is larger than {limit} bytes")
    response = _error(status, error.name.lower().replace(" ", "_"), error.description or "")
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unexpected_error(error: Exception) -> flask.Response:
    return _response(problem_of(error, flask.g.request_id))


def _error(status: int, code: str, detail: str) -> flask.Response:
    return _response(_problem(status, code, detail, flask.g.request_id))


def _problem(status: int, code: str, detail: str, request_id: str) -> Problem:
    title = code.replace("_", " ").capitalize()
    return Problem(title=title, status=status, code=code, detail=detail, request_id=request_id)


def _response(problem: Problem) -> flask.Response:
    errors = _error_format()
    body = msgspec.json.encode(errors.convert(problem))
    return flask.Response(body, status=errors.status(problem.status), mimetype=errors.media_type)


def _error_format() -> ErrorFormat:
    """That of the requested route; problem details if there is no such route."""
    rule = flask.request.url_rule
    route = flask.current_app.extensions[ROUTES].get(rule.endpoint) if rule else None
    return route.errors if route else PROBLEM_DETAILS


def _drain(environ: Mapping[str, Any]) -> None:
    """Reads a refused body, up to a limit; otherwise the client sees a reset instead of the response."""
    stream, left = environ["wsgi.input"], min(int(environ.get("CONTENT_LENGTH") or 0), _DRAIN_BYTES)
    while left > 0 and (block := stream.read(min(left, _BLOCK_BYTES))):
        left -= len(block)
