"""Small file habits every step shares: digests, checked downloads, writes that are whole or absent."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import msgspec

from build.errors import DataError

_CHUNK = 1 << 20


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` in one step: a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, in one step."""
    write_bytes(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def fetch(url: str, path: Path, digest: str, timeout_s: float = 60.0) -> Path:
    """Download ``url`` to ``path`` unless the pinned file already lies there.

    Raises:
        DataError: the address does not answer, or its content is not the pinned one.
    """
    if path.is_file() and sha256(path) == digest:
        return path
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:  # noqa: S310
            content = answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise DataError(f"{url} does not answer: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise DataError(f"{url} has sha256 {found}, expected {digest}")
    write_bytes(path, content)
    return path
