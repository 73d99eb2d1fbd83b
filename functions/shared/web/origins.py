"""`Host` and `Origin` as requests bring them, which may be anything at all."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit


class Origin(NamedTuple):
    """Where a page comes from."""

    scheme: str
    host: str
    name: str
    port: int | None


def parse(origin: str) -> Origin | None:
    """None where it is none, as of a page in a file or a sandbox (`null`)."""
    try:
        parts = urlsplit(origin)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not name:
        return None
    return Origin(parts.scheme, parts.netloc.lower(), name, port)


def host_name(host: str) -> str:
    """Of a `Host`, without its port; empty where it names none."""
    origin = parse(f"http://{host}")
    return origin.name if origin else ""
