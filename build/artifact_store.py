"""Installs artifacts atomically and records them in the manifest."""

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


def replace_folder(folder: Path, write: Writer) -> None:
    """Replace ``folder`` by the content that ``write`` creates; on any error the old folder stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(folder) as scratch:
        new_folder = scratch / "new"
        new_folder.mkdir()
        write(new_folder)
        _swap(new_folder, folder, scratch / "old")


def pin_files(folder: Path, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Sha256 and size of each named file.

    Raises:
        ArtifactError: a file is missing.
    """
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise ArtifactError(f"{folder.name} lacks {', '.join(missing)}")
    return {
        name: {"sha256": sha256(folder / name), "bytes": (folder / name).stat().st_size} for name in names
    }


def copy_files(source: Path, target: Path) -> None:
    """Copy the files of a folder into another folder."""
    for path in source.iterdir():
        shutil.copyfile(path, target / path.name)


def update_manifest(manifest: Path, name: str, entry: dict[str, Any]) -> None:
    """Write one artifact's entry into the manifest and keep everything else in it.

    Raises:
        ArtifactError: the manifest cannot be read, or has another schema version.
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
    """A temporary folder on the same file system as ``folder``, so that moves between them are atomic."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch)


def _swap(new_folder: Path, folder: Path, old: Path) -> None:
    """Replace ``folder`` by ``new_folder``, keeping the old one; if the second move fails, undo the first."""
    if folder.exists():
        folder.rename(old)
    try:
        new_folder.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
