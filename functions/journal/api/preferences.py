"""How a client would like to be answered. https://www.rfc-editor.org/rfc/rfc7240"""

from __future__ import annotations

import re

import flask

MOST_S = 30
_WAIT = re.compile(r"\bwait\s*=\s*(\d{1,6})\b")


def wait(request: flask.Request) -> int:
    """For how many seconds the client would rather wait than ask again, up to a limit; 0: not at all."""
    found = _WAIT.search(_preferred(request))
    return min(int(found[1]), MOST_S) if found else 0


def applied(request: flask.Request) -> dict[str, str]:
    """The header that says which preference was honoured."""
    if seconds := wait(request):
        return {"Preference-Applied": f"wait={seconds}"}
    return {"Preference-Applied": "respond-async"} if "respond-async" in _preferred(request) else {}


def _preferred(request: flask.Request) -> str:
    return ",".join(request.headers.getlist("Prefer")).lower()
