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
from typing import Any, Generic, TypeVar

import flask
import msgspec
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from functions.shared.access import identity
from functions.shared.access.authorization import Admission, Admit, open_to, rate_limit_headers
from functions.shared.access.identity import Caller
from functions.shared.domain.records import Scope
from functions.shared.errors import (
    Forbidden,
    InvalidRequest,
    PayloadTooLarge,
    SamoError,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMedia,
)
from functions.shared.observability import logs, metrics, tracing
from functions.shared.runtime.settings import Settings
from functions.shared.web import cors
from functions.shared.web.slow_clients import PacedInput

JSON = "application/json"
PROBLEM = "application/problem+json"
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

TEXT_PROBLEMS = {"empty_text": 400, "null_bytes": 400, "text_too_long": 413}
"""The codes `require_text` refuses a text with."""

B = TypeVar("B")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem details; `code` is stable and meant for programs."""

    title: str
    status: int
    code: str
    detail: str = ""
    type: str = "about:blank"
    request_id: str = ""


class Call(Generic[B]):
    """One request of a user, with its JSON body (if the route declares one) already validated."""

    def __init__(
        self, request: flask.Request, body: B, query: Any, path: Mapping[str, str], admission: Admission
    ) -> None:
        self.request = request
        self.body = body
        self.query = query
        self.path = path
        self.admission = admission

    @property
    def caller(self) -> Caller:
        return self.admission.caller

    @property
    def uid(self) -> str:
        return self.admission.caller.uid


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: a struct as JSON, bytes or text as they are, or a stream."""

    body: Any = None
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = {}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation, as it is served and as it is documented.

    Attributes:
        path: with `{name}` for path parameters.
        body: struct of the JSON body; None for no body or one the handler reads itself.
        query: struct of the query string.
        replies: status → struct type, or a media type for anything that is not JSON.
        also: media types that the same statuses may come with instead.
        accepts: media type → JSON schema, for bodies the handler reads itself.
        problems: the error codes a client should know, with their status.
        headers: what a client may send along, by the header's name.
        documented: False for pages, which are for people.
        public: True for what needs no user.
        scope: what the caller must be allowed; None: any caller will do.
        irreversible: True where a token is looked up again, in case it was taken back.
        departed: True for what a user whose account was deleted may still ask.
    """

    method: str
    path: str
    handler: Callable[[Call[Any]], Reply | flask.Response]
    summary: str
    description: str = ""
    tag: str
    body: type | None = None
    query: type | None = None
    replies: Mapping[int, type | str | None]
    also: Mapping[int, Sequence[str]] = {}
    accepts: Mapping[str, Mapping[str, Any]] = {}
    problems: Mapping[str, int] = {}
    headers: Mapping[str, str] = {}
    documented: bool = True
    public: bool = False
    scope: Scope | None = None
    irreversible: bool = False
    departed: bool = False


def create_app(
    routes: Sequence[Route],
    settings: Settings,
    admit: Admit = open_to(identity.local_user),  # noqa: B008 - it holds nothing
    *,
    name: str = "samo",
) -> flask.Flask:
    """A Flask application that serves the routes and nothing else."""
    app = flask.Flask(name, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.before_request(_begin)
    cors.allow(app, settings)
    app.after_request(_finish)
    app.register_error_handler(SamoError, _samo_problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected_problem)
    metrics.allow("route", (f"{route.method} {route.path}" for route in routes))
    for route in routes:
        rule = re.sub(r"{(\w+)}", r"<\1>", route.path)
        view = _view(route, admit)
        app.add_url_rule(rule, f"{route.method} {route.path}", view, methods=[route.method])
    return app


def require_text(text: str, limit: int) -> str:
    """The text itself, if it is one.

    Raises:
        InvalidRequest: `empty_text`, or `null_bytes`.
        PayloadTooLarge: `text_too_long`, more than `limit` characters.
    """
    if not text.strip():
        raise InvalidRequest("the text is empty", code="empty_text")
    if "\x00" in text:
        raise InvalidRequest("the text contains null bytes", code="null_bytes")
    if len(text) > limit:
        raise PayloadTooLarge(f"{len(text)} characters; the limit is {limit}", code="text_too_long")
    return text


def require_batch(items: Sequence[object], limit: int) -> None:
    """Raises InvalidRequest `empty_batch`, or PayloadTooLarge `batch_too_large`."""
    if not items:
        raise InvalidRequest("the batch is empty", code="empty_batch")
    if len(items) > limit:
        raise PayloadTooLarge(f"{len(items)} items; the limit is {limit}", code="batch_too_large")


def media_type_of(content_type: str | None) -> str:
    """A media type without its parameters, in lower case."""
    return (content_type or "").split(";")[0].strip().lower()


def _view(route: Route, admit: Admit) -> Callable[..., flask.Response]:
    def view(**path: str) -> flask.Response:
        request = flask.request
        flask.g.admission = admission = admit(request, route)
        body = json_body(request, route.body) if route.body else None
        query = _query(request, route.query) if route.query else None
        reply = route.handler(Call(request, body, query, path, admission))
        return _response(reply) if isinstance(reply, Reply) else reply

    return view


def json_body(request: flask.Request, struct: type[B]) -> B:
    """The body as a struct.

    Raises:
        UnsupportedMedia: `unsupported_content_type`.
        InvalidRequest: `invalid_json`, or `invalid_field` with the field's path.
    """
    media_type = media_type_of(request.content_type)
    if media_type != JSON and not media_type.endswith("+json"):
        raise UnsupportedMedia(
            "send JSON, with Content-Type: application/json", code="unsupported_content_type"
        )
    try:
        return msgspec.json.decode(request.get_data(cache=False), type=struct)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), code="invalid_field") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest("the body is not valid JSON", code="invalid_json") from error


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
    if (admission := flask.g.get("admission")) is not None:
        response.headers.update(rate_limit_headers(admission.standings))
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
        response.headers["Retry-After"] = str(error.standing.reset_s)
        response.headers.update(rate_limit_headers([error.standing]))
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
