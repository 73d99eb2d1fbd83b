"""Pages of other origins, where the settings name them. https://fetch.spec.whatwg.org/#http-cors-protocol

Callers prove themselves with a header, never with a cookie, so no credentials are allowed along.
"""

from __future__ import annotations

import flask

from functions.shared.runtime.settings import Settings

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_SENT = (
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, If-Range, Last-Event-ID, Prefer, Range,"
    " X-Request-Id"
)
_EXPOSED = (
    "Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Location, Preference-Applied,"
    " RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)
_REMEMBERED_S = 7200


def enable(app: flask.Flask, settings: Settings) -> None:
    """Answer preflights, and let the pages of `cors_origins` read the answers."""
    origins = frozenset(filter(None, (each.strip() for each in settings.cors_origins.split(","))))
    if not origins:
        return

    @app.before_request
    def preflight() -> flask.Response | None:
        asked = "Access-Control-Request-Method" in flask.request.headers
        return flask.Response(status=204) if flask.request.method == "OPTIONS" and asked else None

    @app.after_request
    def let_in(response: flask.Response) -> flask.Response:
        response.vary.add("Origin")
        origin = flask.request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            if flask.request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = _METHODS
                response.headers["Access-Control-Allow-Headers"] = _SENT
                response.headers["Access-Control-Max-Age"] = str(_REMEMBERED_S)
        return response
