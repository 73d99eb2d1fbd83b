"""The page's files in `page/`: serves them by name, and lists them for the service worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from functions.shared.errors import NotFound
from functions.shared.web.routing import Call, Reply

WORKER = "service-worker.js"
_MEDIA_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
_DIGEST_BYTES = 12


def media_type(name: str) -> str:
    """A file's media type. The system's table may list scripts as plain text, which browsers do not run."""
    return _MEDIA_TYPES[name.rsplit(".", 1)[-1]]


class PageFiles:
    """All files of the page."""

    def reply(self, call: Call[Any], name: str, headers: Mapping[str, str]) -> Reply:
        """Responds with a file, or with 304 if the browser has it. Raises NotFound `page_not_found`."""
        if name not in self._files:
            raise NotFound("the page has no such file", code="page_not_found")
        hints = {"Link": self._modules} if name == "index.html" else {}
        return _tagged(call, self._files[name].read_bytes(), name, {**headers, **hints})

    def worker(self, call: Call[Any], config: bytes, headers: Mapping[str, str]) -> Reply:
        """The service worker with the list of files; it changes when a file or the configuration does."""
        digest = hashlib.blake2b(config, digest_size=_DIGEST_BYTES)
        for name in sorted(self._files):
            digest.update(name.encode() + b"\0" + self._files[name].read_bytes())
        shell = [
            "/",
            "/page/config.json",
            *(f"/page/{name}" for name in sorted(self._files) if name != WORKER),
        ]
        constants = (
            f'const VERSION = "{digest.hexdigest()}";\nconst SHELL = {msgspec.json.encode(shell).decode()};\n'
        )
        return _tagged(call, constants.encode() + self._files[WORKER].read_bytes(), WORKER, headers)

    @cached_property
    def _files(self) -> Mapping[str, Traversable]:
        return dict(_walk(files("functions.journal") / "page"))

    @cached_property
    def _modules(self) -> str:
        """Preload hints for every module, so that browsers need not discover them one by one."""
        modules = (name for name in sorted(self._files) if name.endswith(".js"))
        return ", ".join(f"</page/{name}>; rel=modulepreload" for name in modules if "/" in name)


def _tagged(call: Call[Any], content: bytes, name: str, headers: Mapping[str, str]) -> Reply:
    tag = hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
    headers = {**headers, "ETag": f'"{tag}"'}
    if tag in call.request.if_none_match:
        return Reply(status=304, headers=headers)
    return Reply(body=content, media_type=media_type(name), headers=headers)


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """The files browsers use, without type declarations and package.json. `client` is clients/javascript."""
    for item in folder.iterdir():
        if item.is_file():
            if item.name.rsplit(".", 1)[-1] in _MEDIA_TYPES:
                yield f"{prefix}{item.name}", item
        elif not item.name.startswith(("_", ".")):
            yield from _walk(item, f"{prefix}{item.name}/")
