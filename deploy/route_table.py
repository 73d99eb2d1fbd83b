"""Writes the table of all routes into docs/api.md, from the running services.

python -m deploy.route_table            write the table
python -m deploy.route_table --check    compare it with the running services; exit status 1 if it differs
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from functions.dictation import service as dictation
from functions.shared.access.authorization import Authorization, Requirement
from functions.shared.access.identity import anonymous
from functions.shared.runtime import settings
from functions.shared.web.app import served_routes

DOCUMENT = Path(__file__).parents[1] / "docs" / "api.md"
BEGIN, END = "<!-- routes:begin -->\n", "<!-- routes:end -->\n"
CAPABILITIES = ("transcription", "emotion", "summarization")
_HEADER = """\
| Service | Method | Path | Scope | Public | Irreversible | Departed | Quotas |
|---|---|---|---|---|---|---|---|
"""


class Row(NamedTuple):
    """One route of one service. `requires` is None if only the platform's service account may call it."""

    service: str
    method: str
    path: str
    requires: Requirement | None


def rows() -> Iterator[Row]:
    """Every route of every service. The services are loaded with the settings in the environment."""
    journal = importlib.import_module("functions.journal.main")
    yield from _http_rows("journal", journal.http)
    for name in CAPABILITIES:
        yield from _http_rows(name, importlib.import_module(f"functions.{name}.main").capability.serve)
    yield from _dictation_rows()
    yield from (
        row if row.requires == Requirement(public=True) else row._replace(requires=None)
        for row in _http_rows("journal-events", journal.events)
    )
    for name in CAPABILITIES:
        yield Row(f"{name}-events", "POST", "/", None)


def table() -> str:
    """The table in Markdown."""
    return _HEADER + "".join(map(_line, rows()))


def document(text: str, routes: str) -> str:
    """The document with the table between its markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{routes}{END}{after}"


def main(arguments: list[str]) -> int:
    """Writes or checks the table; returns the exit status."""
    current = DOCUMENT.read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        _use_settings(folder)
        expected = document(current, table())
    if arguments != ["--check"]:
        DOCUMENT.write_text(expected, encoding="utf-8")
        return 0
    difference = difflib.unified_diff(
        current.splitlines(True), expected.splitlines(True), "docs/api.md", "the running services", n=0
    )
    sys.stdout.writelines(difference)
    return int(current != expected)


def _use_settings(folder: str) -> None:
    """Settings of a deployment with accounts, whatever the environment says."""
    for name in [name for name in os.environ if name.startswith("SAMO_")]:
        del os.environ[name]
    os.environ |= {
        "SAMO_DATA_DIR": folder,
        "SAMO_AUTH_ISSUER": "https://issuer.example",
        "SAMO_AUTH_AUDIENCE": "samo",
    }


def _http_rows(service: str, target: Any) -> Iterator[Row]:
    for route in served_routes(target.app):
        yield Row(service, route.method, route.path, route.requires)


def _dictation_rows() -> Iterator[Row]:
    required: list[Requirement] = []

    def record(_: str | None, requirement: Requirement) -> Authorization:
        required.append(requirement)
        return Authorization(anonymous(), requirement)

    loaded = settings.load()
    authorize = dictation.dictation_authorizer(record, loaded)
    authorize(None)
    app = dictation.application(loaded, authorize, lambda _: "", loaded.data_path)
    assert isinstance(app, Starlette)
    for route in app.routes:
        if isinstance(route, WebSocketRoute):
            yield Row("dictation", "WebSocket", route.path, required[0])
        elif isinstance(route, Route):
            yield Row("dictation", "GET", route.path, Requirement(public=True))
        else:
            raise TypeError(f"the dictation service has an unknown kind of route: {route}")


def _line(row: Row) -> str:
    requires = row.requires or Requirement()
    scope = "platform only" if row.requires is None else f"`{requires.scope}`" if requires.scope else ""
    flags = (requires.public, requires.irreversible, requires.departed)
    cells = [
        row.service,
        row.method,
        f"`{row.path}`",
        scope,
        *("yes" if flag else "" for flag in flags),
        ", ".join(requires.quotas),
    ]
    return "| " + " | ".join(cells) + " |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
