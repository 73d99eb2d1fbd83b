"""What a browser opens: the journal's page, and the API's interactive documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import msgspec

from functions.shared import openapi
from functions.shared.errors import NotFound
from functions.shared.http import Call, Reply, Route

TAG = "Pages"
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:;"
    " connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_DOCS_POLICY = _PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
_MICROPHONE = "microphone=(self), camera=(), geolocation=()"
_MEDIA_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
}
_DOCS_HTML = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>SAMO API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/page/icon.svg">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
_DOCS_START = b"""SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true });
"""
_DESCRIPTION = (
    "A voice note in, an insight out. Errors are RFC 9457 problem details with a stable `code`. "
    "In the cloud, send an ID token (Authorization: Bearer …); a laptop's one user needs none."
)


def routes(api: Sequence[Route], *, page: bool = True) -> Sequence[Route]:
    """The OpenAPI document of the routes in `api`, its interactive form and, where there is no sign-in,
    the journal's page.
    """
    document = msgspec.json.encode(
        openapi.document(api, title="SAMO", version=version("samo"), description=_DESCRIPTION)
    )
    journal = [_page("/", lambda _: _packaged("index.html"))] if page else []
    return [
        *journal,
        _page("/page/{name}", lambda call: _packaged(call.path["name"])),
        _page("/openapi.json", lambda _: Reply(body=document, media_type="application/json; charset=utf-8")),
        _page("/docs", lambda _: _documentation(_DOCS_HTML, "text/html")),
        _page("/docs/start.js", lambda _: _documentation(_DOCS_START, "text/javascript")),
        _page("/docs/swagger-ui.css", lambda _: _swagger("swagger-ui.css")),
        _page("/docs/swagger-ui-bundle.js", lambda _: _swagger("swagger-ui-bundle.js")),
    ]


def _page(path: str, handler: Callable[[Call[Any]], Reply]) -> Route:
    return Route(
        method="GET",
        path=path,
        handler=handler,
        summary="",
        tag=TAG,
        replies={200: None},
        documented=False,
        public=True,
    )


def _packaged(name: str) -> Reply:
    """A file of the page, as it lies beside this module."""
    folder = files("functions.journal") / "page"
    known = {file.name: file for file in folder.iterdir() if file.is_file()}
    if name not in known:
        raise NotFound("the page has no such file", code="page_not_found")
    return _file(known[name].read_bytes(), name, _PAGE_POLICY)


def _swagger(name: str) -> Reply:
    content = (files("swagger_ui") / "static" / name).read_bytes()
    return Reply(
        body=content, media_type=_media_type(name), headers=_headers(_DOCS_POLICY, "private, max-age=86400")
    )


def _documentation(content: bytes, media_type: str) -> Reply:
    return Reply(body=content, media_type=media_type, headers=_headers(_DOCS_POLICY, "no-cache"))


def _file(content: bytes, name: str, policy: str) -> Reply:
    return Reply(body=content, media_type=_media_type(name), headers=_headers(policy, "no-cache"))


def _headers(policy: str, cache: str) -> Mapping[str, str]:
    return {"Content-Security-Policy": policy, "Cache-Control": cache, "Permissions-Policy": _MICROPHONE}


def _media_type(name: str) -> str:
    """Not from the machine's own table: some call scripts plain text, which browsers then refuse to run."""
    return _MEDIA_TYPES[name.rsplit(".", 1)[-1]]
