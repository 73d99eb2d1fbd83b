"""The files of the page, as they lie in `page/`: served by name, and listed for its service worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from functions.shared.errors import NotFound
from functions.shared.http import Call, Reply

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
    """Not from the machine's own table: some call scripts plain text, which browsers then refuse to run."""
    return _MEDIA_TYPES[name.rsplit(".", 1)[-1]]


class PageFiles:
    """All of them; `headers` are those they are served with."""

    def reply(self, call: Call[Any], name: str, headers: Mapping[str, str]) -> Reply:
        """A file, or 304 where the browser has it. Raises NotFound `page_not_found`."""
        if name not in self._known:
            raise NotFound("the page has no such file", code="page_not_found")
        hints = {"Link": self._modules} if name == "index.html" else {}
        return _tagged(call, self._known[name].read_bytes(), name, {**headers, **hints})

    @property
    def rooms(self) -> Sequence[str]:
        """The folders of the page."""
        return sorted({name.split("/")[0] for name in self._known if "/" in name})

    def worker(self, call: Call[Any], told: bytes, headers: Mapping[str, str]) -> Reply:
        """The service worker, told which files there are; it changes when one of them or `told` does."""
        digest = hashlib.blake2b(told, digest_size=_DIGEST_BYTES)
        for name in sorted(self._known):
            digest.update(name.encode() + b"\0" + self._known[name].read_bytes())
        shell = [
            "/",
            "/page/config.json",
            *(f"/page/{name}" for name in sorted(self._known) if name != WORKER),
        ]
        facts = (
            f'const VERSION = "{digest.hexdigest()}";\nconst SHELL = {msgspec.json.encode(shell).decode()};\n'
        )
        return _tagged(call, facts.encode() + self._known[WORKER].read_bytes(), WORKER, headers)

    @cached_property
    def _known(self) -> Mapping[str, Traversable]:
        return dict(_walk(files("functions.journal") / "page"))

    @cached_property
    def _modules(self) -> str:
        """Every module, so that a browser need not find out one from another."""
        modules = (name for name in sorted(self._known) if name.endswith(".js"))
        return ", ".join(f"</page/{name}>; rel=modulepreload" for name in modules if "/" in name)


def _tagged(call: Call[Any], content: bytes, name: str, headers: Mapping[str, str]) -> Reply:
    tag = hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
    headers = {**headers, "ETag": f'"{tag}"'}
    if tag in call.request.if_none_match:
        return Reply(status=304, headers=headers)
    return Reply(body=content, media_type=media_type(name), headers=headers)


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """What a browser can use: neither type declarations nor package.json. `client` is clients/javascript."""
    for item in folder.iterdir():
        if item.is_file():
            if item.name.rsplit(".", 1)[-1] in _MEDIA_TYPES:
                yield f"{prefix}{item.name}", item
        elif not item.name.startswith(("_", ".")):
            yield from _walk(item, f"{prefix}{item.name}/")
