"""Host and Origin checks for ASGI, for a journal without accounts: the rule of `shared.web.loopback`.

The page comes from the journal's own port, so its origin is allowed besides the service's own.
"""

from __future__ import annotations

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.shared.access.identity import LOOPBACK
from functions.shared.web import origins
from functions.shared.web.routing import PROBLEM, Problem


class LoopbackGuard:
    """Refuses another Host (`forbidden_host`) or Origin (`forbidden_origin`) before accepting a connection.

    Args:
        page_port: the port of the journal's page on this machine; None if there is no page.
    """

    def __init__(self, app: ASGIApp, page_port: int | None = None) -> None:
        self._app = app
        self._page_port = page_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        code = self._refusal(Headers(scope=scope)) if scope["type"] in ("http", "websocket") else None
        if code is None:
            await self._app(scope, receive, send)
            return
        problem = Problem(title=code.replace("_", " ").capitalize(), status=403, code=code)
        await Response(msgspec.json.encode(problem), 403, media_type=PROBLEM)(scope, receive, send)

    def _refusal(self, headers: Headers) -> str | None:
        host = headers.get("host", "").lower()
        if origins.host_name(host) not in LOOPBACK:
            return "forbidden_host"
        origin = headers.get("origin")
        cross_site = headers.get("sec-fetch-site") == "cross-site"
        if cross_site or (origin is not None and not self._is_allowed(origin, host)):
            return "forbidden_origin"
        return None

    def _is_allowed(self, origin: str, host: str) -> bool:
        page = origins.parse(origin)
        if page is None:
            return False
        is_journal = page.name in LOOPBACK and page.port is not None and page.port == self._page_port
        return is_journal or page.host == host
