"""Puts an artifact in its place: whole or not at all, then pinned in the manifest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from build.errors import ArtifactError
from build.files import sha256, write_json

SCHEMA_VERSION = 1

Writer = Callable[[Path], None]
"""Fills an empty folder."""


def install(folder: Path, write: Writer) -> None:
    """Replace ``folder`` with what ``write`` puts into an empty one; on any error the old folder stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(folder) as scratch:
        fresh = scratch / "new"
        fresh.mkdir()
        write(fresh)
        _swap(fresh, folder, scratch / "old")


def pin(folder: Path, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """sha256 and size of each named file.

    Raises:
        ArtifactError: one of them is missing.
    """
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise ArtifactError(f"{folder.name} lacks {', '.join(missing)}")
    return {
        name: {"sha256": sha256(folder / name), "bytes": (folder / name).stat().st_size} for name in names
    }


def copy(source: Path, target: Path) -> None:
    """Copy a folder's files into another."""
    for path in source.iterdir():
        shutil.copyfile(path, target / path.name)


def enter(manifest: Path, name: str, entry: dict[str, Any]) -> None:
    """Write one artifact's entry into the manifest; whatever else it holds stays.

    Raises:
        ArtifactError: the manifest is not one, or of a later schema.
    """
    content = _read(manifest)
    artifacts = {**content.get("artifacts", {}), name: entry}
    write_json(manifest, {**content, "schema_version": SCHEMA_VERSION, "artifacts": artifacts})


def _read(manifest: Path) -> dict[str, Any]:
    if not manifest.is_file():
        return {}
    try:
        content = msgspec.json.decode(manifest.read_bytes(), type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise ArtifactError(f"{manifest.name}: {error}") from error
    if content.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise ArtifactError(f"{manifest.name} has schema {content['schema_version']}, not {SCHEMA_VERSION}")
    return content


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder on the same disk as ``folder``, so that moving between them is one step."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch)


def _swap(fresh: Path, folder: Path, old: Path) -> None:
    """Move ``folder`` to ``old`` and ``fresh`` in its place; if the second move fails, undo the first."""
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
