"""The Prefer header. https://www.rfc-editor.org/rfc/rfc7240"""

from __future__ import annotations

import re

import flask

MAX_WAIT_S = 30
_WAIT = re.compile(r"\bwait\s*=\s*(\d{1,6})\b")


def wait(request: flask.Request) -> int:
    """How many seconds the client wants to wait for the result, at most `MAX_WAIT_S`; 0 if not at all."""
    match = _WAIT.search(_preferred(request))
    return min(int(match[1]), MAX_WAIT_S) if match else 0


def applied(request: flask.Request) -> dict[str, str]:
    """The header that says which preference was applied."""
    if seconds := wait(request):
        return {"Preference-Applied": f"wait={seconds}"}
    return {"Preference-Applied": "respond-async"} if "respond-async" in _preferred(request) else {}


def _preferred(request: flask.Request) -> str:
    return ",".join(request.headers.getlist("Prefer")).lower()
