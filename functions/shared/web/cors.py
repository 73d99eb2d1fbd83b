"""Cross-origin access for the origins that the settings name. https://fetch.spec.whatwg.org/#http-cors-protocol

Callers authenticate with a header, never with a cookie, so credentials are not allowed.
"""

from __future__ import annotations

import flask

from functions.shared.runtime.settings import Settings

_ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE"
_ALLOWED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, If-Range, Last-Event-ID, Prefer, Range,"
    " X-Request-Id"
)
_EXPOSED_HEADERS = (
    "Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Location, Preference-Applied,"
    " RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
)
_MAX_AGE_S = 7200


def enable(app: flask.Flask, settings: Settings) -> None:
    """Responds to preflight requests, and lets pages of `cors_origins` read responses."""
    origins = frozenset(filter(None, (origin.strip() for origin in settings.cors_origins.split(","))))
    if not origins:
        return

    @app.before_request
    def answer_preflight() -> flask.Response | None:
        is_preflight = "Access-Control-Request-Method" in flask.request.headers
        return flask.Response(status=204) if flask.request.method == "OPTIONS" and is_preflight else None

    @app.after_request
    def allow_origin(response: flask.Response) -> flask.Response:
        response.vary.add("Origin")
        origin = flask.request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            if flask.request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = _ALLOWED_METHODS
                response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
                response.headers["Access-Control-Max-Age"] = str(_MAX_AGE_S)
        return response
