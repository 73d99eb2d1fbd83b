"""Parses the `Host` and `Origin` headers, which clients may set to anything."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit


class Origin(NamedTuple):
    """The origin of a page: `host` includes the port, `name` does not."""

    scheme: str
    host: str
    name: str
    port: int | None


def parse(origin: str) -> Origin | None:
    """Parses an Origin header; None if it is malformed or opaque (`null`, as for local files)."""
    try:
        parts = urlsplit(origin)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not name:
        return None
    return Origin(parts.scheme, parts.netloc.lower(), name, port)


def host_name(host: str) -> str:
    """The name in a Host header, without the port; empty if the header is malformed."""
    origin = parse(f"http://{host}")
    return origin.name if origin else ""
