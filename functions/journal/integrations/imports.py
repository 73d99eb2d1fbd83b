"""Imports: recordings and text files into a journal, the same bytes at most once ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

import msgspec

from functions.journal.journal import Journal
from functions.shared.errors import Conflict, InvalidRequest
from functions.shared.runtime.settings import Settings
from functions.shared.web.validation import require_text

TEXT_SUFFIXES = frozenset({".txt", ".md"})


class Imported(StrEnum):
    NEW = "new"
    KNOWN = "known"
    DELETED = "deleted"
    REFUSED = "refused"


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file; `code` says why it was refused."""

    file: str
    outcome: Imported
    entry_id: str
    code: str | None = None


def files_in(folder: Path) -> list[Path]:
    """Every file below the folder that is not hidden, in order."""
    visible = (
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return list(visible)


def import_files(journal: Journal, settings: Settings, folder: Path, files: list[Path]) -> Iterator[Import]:
    """Import each file; its entry's time is when it was last changed."""
    for path in files:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        yield import_file(journal, settings, path, str(path.relative_to(folder)), changed)


def import_file(journal: Journal, settings: Settings, path: Path, name: str, recorded_at: datetime) -> Import:
    """Make an entry of one recording or text (as `name` says); its id follows from its bytes.

    Raises:
        TemporaryError: a port cannot be reached; nothing is known about the file.
    """
    entry_id = content_id(path)
    outcome, code = _import(journal, settings, path, name, entry_id, recorded_at)
    return Import(file=name, outcome=outcome, entry_id=entry_id, code=code)


def content_id(path: Path) -> str:
    """An entry id that the same bytes always get."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _import(
    journal: Journal, settings: Settings, path: Path, name: str, entry_id: str, recorded_at: datetime
) -> tuple[Imported, str | None]:
    try:
        if PurePosixPath(name).suffix.lower() in TEXT_SUFFIXES:
            text = require_text(_read(path), settings.max_text_chars)
            journal.create_text_entry(text, recorded_at, entry_id=entry_id)
        else:
            journal.create_voice_entry(path, recorded_at, entry_id=entry_id)
    except Conflict as error:
        return (Imported.DELETED if error.code == "entry_deleted" else Imported.KNOWN), None
    except InvalidRequest as error:
        return Imported.REFUSED, error.code
    return Imported.NEW, None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest("the file is not UTF-8 text", code="not_utf8") from error
