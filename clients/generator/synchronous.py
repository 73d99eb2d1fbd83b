"""The blocking Python client, which is the asynchronous one without its awaiting."""

from __future__ import annotations

import re
from pathlib import Path

from clients.generator.formatting import formatted

_WORDS = {
    "async def": "def",
    "async with": "with",
    "async for": "for",
    "await ": "",
    "AsyncGenerator": "Generator",
    "AsyncIterable": "Iterable",
    "AsyncIterator": "Iterator",
    "AsyncSamo": "Samo",
    "AsyncClient": "Client",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "aiter_bytes": "iter_bytes",
    "aread": "read",
    "aclose": "close",
    "aclosing": "closing",
    "asynccontextmanager": "contextmanager",
    "asyncio.sleep": "time.sleep",
    "import asyncio": "import time",
    "AsyncToken": "Token",
    "_async": "_sync",
    "live.asynchronous": "live.blocking",
    "Asynchronous": "Blocking",
}
_PATTERN = re.compile(
    "|".join(rf"\b{re.escape(word)}" if word[0].isalpha() else re.escape(word) for word in _WORDS)
)
_NOTICE = "# Written by `python -m clients.generate` from the module of this name in _async.\n"


def modules(source: Path, target: Path) -> dict[Path, str]:
    """Every module of a package, made blocking, by where it belongs."""
    return {
        target / path.name: formatted(
            _NOTICE + _PATTERN.sub(lambda found: _WORDS[found[0]], path.read_text())
        )
        for path in sorted(source.glob("*.py"))
    }
