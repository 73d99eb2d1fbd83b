"""Imports recordings and text files. An entry's ID is a hash of its file, so a file is imported only once."""

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


class ImportOutcome(StrEnum):
    NEW = "new"
    KNOWN = "known"
    """There already was an entry for this file."""
    DELETED = "deleted"
    """The user deleted the entry for this file."""
    REFUSED = "refused"


class ImportResult(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for one file; `code` is the error code if it was refused."""

    file: str
    outcome: ImportOutcome
    entry_id: str
    code: str | None = None


def files_in(folder: Path) -> list[Path]:
    """Every file in the folder and its subfolders, sorted, without hidden files and folders."""
    visible = (
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    return list(visible)


def import_files(
    journal: Journal, settings: Settings, folder: Path, files: list[Path]
) -> Iterator[ImportResult]:
    """Import each file; the entry is dated by the file's modification time."""
    for path in files:
        modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        yield import_file(journal, settings, path, str(path.relative_to(folder)), modified_at)


def import_file(
    journal: Journal, settings: Settings, path: Path, name: str, recorded_at: datetime
) -> ImportResult:
    """Create an entry from one file: text if its name ends in `.txt` or `.md`, otherwise a recording.

    Raises:
        TemporaryError: a port cannot be reached; the file may or may not have been imported.
    """
    entry_id = content_id(path)
    outcome, code = _import(journal, settings, path, name, entry_id, recorded_at)
    return ImportResult(file=name, outcome=outcome, entry_id=entry_id, code=code)


def content_id(path: Path) -> str:
    """The entry ID for a file: the first half of its SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _import(
    journal: Journal, settings: Settings, path: Path, name: str, entry_id: str, recorded_at: datetime
) -> tuple[ImportOutcome, str | None]:
    try:
        if PurePosixPath(name).suffix.lower() in TEXT_SUFFIXES:
            text = require_text(_read(path), settings.max_text_chars)
            journal.create_text_entry(text, recorded_at, entry_id=entry_id)
        else:
            journal.create_voice_entry(path, recorded_at, entry_id=entry_id)
    except Conflict as error:
        return (ImportOutcome.DELETED if error.code == "entry_deleted" else ImportOutcome.KNOWN), None
    except InvalidRequest as error:
        return ImportOutcome.REFUSED, error.code
    return ImportOutcome.NEW, None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest("the file is not UTF-8 text", code="not_utf8") from error
