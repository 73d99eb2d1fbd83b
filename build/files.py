"""File helpers: digests, verified downloads and atomic writes."""

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
    """Hex digest of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` atomically: readers see the old content or the new one, never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON, atomically."""
    write_bytes(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def fetch(url: str, path: Path, digest: str, timeout_s: float = 60.0) -> Path:
    """Download ``url`` to ``path``, unless the file with this digest is already there.

    Raises:
        DataError: the URL does not respond, or its content has another digest.
    """
    if path.is_file() and sha256(path) == digest:
        return path
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as response:  # noqa: S310
            content = response.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise DataError(f"{url} does not respond: {error}") from error
    actual = hashlib.sha256(content).hexdigest()
    if actual != digest:
        raise DataError(f"{url} has sha256 {actual}, expected {digest}")
    write_bytes(path, content)
    return path
