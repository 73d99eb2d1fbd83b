"""Routes for browsers: the journal's page, and the API's interactive documentation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.resources import files
from typing import Any

import msgspec

from functions.journal.page_server import config
from functions.journal.page_server.files import PageFiles, media_type
from functions.journal.views.dictation import DictationUrl
from functions.shared.access.authorization import Requirement
from functions.shared.runtime.settings import Settings
from functions.shared.web import openapi
from functions.shared.web.origins import host_name
from functions.shared.web.routing import JSON, Call, Reply, Route

API_VERSION = "1.1"
"""The version of the API; docs/api-changelog.md has its history."""
TAG = "Pages"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:;"
    " connect-src {connect}; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none';"
    " form-action 'none'"
)
_DOCS_POLICY = _POLICY.format(connect="'self'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
_MICROPHONE = "microphone=(self), camera=(), geolocation=()"
_DOCS_HTML = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>SAMO API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/docs/icon.svg">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
_DOCS_START = b"""SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true });
"""
_DESCRIPTION = (
    "Turns voice notes into transcripts, emotions and summaries. Errors are RFC 9457 problem details with a "
    "stable `code`. In the cloud, send an ID token or an API key (`Authorization: Bearer …`); a journal on a "
    "laptop without accounts needs neither."
)


def routes(
    api: Sequence[Route], settings: Settings, *, dictation: DictationUrl = lambda _: ""
) -> Sequence[Route]:
    """The OpenAPI document of the routes in `api`, its interactive form, and the journal's page.

    In the cloud, the page is served only if the settings let people sign in on it.
    """
    has_page = settings.backend == "local" or bool(settings.auth_web_api_key)
    document = msgspec.json.encode(
        openapi.document(api, title="SAMO", version=API_VERSION, description=_DESCRIPTION)
    )
    return [
        *(_page_routes(WebPage(settings, {route.path for route in api}, dictation)) if has_page else ()),
        _page("/docs/icon.svg", _docs_icon),
        _page("/openapi.json", lambda _: Reply(body=document, media_type="application/json; charset=utf-8")),
        _page("/docs", lambda _: _documentation(_DOCS_HTML, "text/html")),
        _page("/docs/start.js", lambda _: _documentation(_DOCS_START, "text/javascript")),
        _page("/docs/swagger-ui.css", lambda _: _swagger("swagger-ui.css")),
        _page("/docs/swagger-ui-bundle.js", lambda _: _swagger("swagger-ui-bundle.js")),
    ]


class WebPage:
    """The journal's page. It may call only this server, the sign-in service, dictation and upload storage."""

    def __init__(self, settings: Settings, paths: Collection[str], dictation: DictationUrl) -> None:
        self._settings = settings
        self._paths = paths
        self._dictation = dictation
        self._files = PageFiles()

    def file(self, call: Call[Any], name: str) -> Reply:
        return self._files.reply(call, name, self._headers(call))

    def config_file(self, call: Call[Any]) -> Reply:
        return Reply(body=self._config(call), media_type=JSON, headers=self._headers(call))

    def worker(self, call: Call[Any]) -> Reply:
        encoded = msgspec.json.encode(self._config(call))
        return self._files.worker(call, encoded, self._headers(call))

    def _config(self, call: Call[Any]) -> config.PageConfig:
        host = host_name(call.request.host)
        return config.build_page_config(self._settings, self._paths, self._dictation(host))

    def _headers(self, call: Call[Any]) -> Mapping[str, str]:
        connect = " ".join(("'self'", *config.connect_sources(self._config(call))))
        return _headers(_POLICY.format(connect=connect), "no-cache")


def _page_routes(page: WebPage) -> Sequence[Route]:
    return [
        _page("/", lambda call: page.file(call, "index.html")),
        _page("/service-worker.js", page.worker),  # at the root: its folder is its scope
        _page("/page/config.json", page.config_file),
        _page("/page/{name}", lambda call: page.file(call, call.path["name"])),
        _page("/page/{folder}/{name}", lambda call: page.file(call, "{folder}/{name}".format(**call.path))),
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
        requires=Requirement(public=True),
    )


def _swagger(name: str) -> Reply:
    content = (files("swagger_ui") / "static" / name).read_bytes()
    return Reply(
        body=content, media_type=media_type(name), headers=_headers(_DOCS_POLICY, "private, max-age=86400")
    )


def _docs_icon(call: Call[Any]) -> Reply:
    return PageFiles().reply(call, "icons/icon.svg", _headers(_DOCS_POLICY, "no-cache"))


def _documentation(content: bytes, media_type: str) -> Reply:
    return Reply(body=content, media_type=media_type, headers=_headers(_DOCS_POLICY, "no-cache"))


def _headers(policy: str, cache: str) -> Mapping[str, str]:
    return {"Content-Security-Policy": policy, "Cache-Control": cache, "Permissions-Policy": _MICROPHONE}
