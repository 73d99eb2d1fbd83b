"""Protects a journal without accounts: only this machine may call it, and only from pages it served.

Binding to loopback keeps other machines out. Checking Host keeps out other names that resolve to loopback
(DNS rebinding); checking Origin keeps out other sites open in the same browser.
"""

from __future__ import annotations

import flask

from functions.shared.access.identity import LOOPBACK
from functions.shared.errors import Forbidden
from functions.shared.web import origins


def guard(app: flask.Flask) -> None:
    """Rejects requests with a foreign Host (`forbidden_host`) or Origin (`forbidden_origin`)."""

    @app.before_request
    def check() -> None:
        host = flask.request.headers.get("Host", "")
        if origins.host_name(host) not in LOOPBACK:
            raise Forbidden("this journal answers on the loopback address only", code="forbidden_host")
        origin = flask.request.headers.get("Origin")
        cross_site = flask.request.headers.get("Sec-Fetch-Site") == "cross-site"
        if cross_site or (origin is not None and not _is_same_origin(origin, host)):
            raise Forbidden("other sites may not access this journal", code="forbidden_origin")


def _is_same_origin(origin: str, host: str) -> bool:
    page = origins.parse(origin)
    return page is not None and page.host == host.lower()
