"""Recordings as clients send them: a raw body, or one part of a multipart form."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import flask

from functions.shared.errors import InvalidRequest, UnsupportedMedia
from functions.shared.web.validation import media_type_of

MULTIPART = "multipart/form-data"
_NAME = 200
"""Characters of a file's name that are kept."""
_BINARY: Mapping[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream"}

ACCEPTS: Mapping[str, Mapping[str, Any]] = {
    MULTIPART: {"type": "object", "required": ["audio"], "properties": {"audio": _BINARY}},
    "audio/*": _BINARY,
    "video/*": _BINARY,
    "application/octet-stream": _BINARY,
}
"""What `uploaded_file` reads, for the OpenAPI document."""

ACCEPTS_SEVERAL: Mapping[str, Mapping[str, Any]] = {
    MULTIPART: {
        "type": "object",
        "required": ["audio"],
        "properties": {"audio": {"type": "array", "items": _BINARY}},
    }
}
"""What `uploaded_files` reads."""

PROBLEMS: Mapping[str, int] = {
    "missing_audio": 400,
    "empty_audio": 400,
    "unsupported_content_type": 415,
    "undecodable_audio": 415,
    "no_audio_stream": 415,
    "audio_too_long": 413,
    "payload_too_large": 413,
    "request_too_slow": 408,
}
"""The codes a recording can be refused with."""


def is_recording(request: flask.Request) -> bool:
    """The content type announces one (what it really is, its content says)."""
    media_type = media_type_of(request.content_type)
    return media_type == MULTIPART or media_type in ACCEPTS or media_type.startswith(("audio/", "video/"))


@contextmanager
def uploaded_file(request: flask.Request) -> Iterator[Path]:
    """The recording as a file, for as long as the context lasts.

    Raises:
        UnsupportedMedia: `unsupported_content_type`.
        InvalidRequest: `missing_audio`, the form has no part named `audio`.
    """
    if not is_recording(request):
        raise UnsupportedMedia(
            "send audio/*, video/*, application/octet-stream or multipart/form-data",
            code="unsupported_content_type",
        )
    with tempfile.TemporaryDirectory(prefix="samo-upload-") as folder:
        path = Path(folder) / "recording"
        try:
            _save(request, path)
            yield path
        finally:
            request.close()


class UploadedFile(NamedTuple):
    """A file, and what its sender calls it."""

    name: str
    path: Path


@contextmanager
def uploaded_files(request: flask.Request) -> Iterator[list[UploadedFile]]:
    """Every recording of a form as a file, in their order, for as long as the context lasts.

    Raises:
        UnsupportedMedia: `unsupported_content_type`, it is no form.
        InvalidRequest: `missing_audio`.
    """
    if media_type_of(request.content_type) != MULTIPART:
        raise UnsupportedMedia("send multipart/form-data", code="unsupported_content_type")
    parts = request.files.getlist("audio")
    if not parts:
        raise _no_part()
    with tempfile.TemporaryDirectory(prefix="samo-upload-") as folder:
        try:
            found = [
                UploadedFile((part.filename or "")[:_NAME], Path(folder) / f"{number:03}")
                for number, part in enumerate(parts)
            ]
            for part, file in zip(parts, found, strict=True):
                part.save(file.path)
            yield found
        finally:
            request.close()


def fields(request: flask.Request) -> dict[str, str]:
    """What came beside the recording: the form's other parts, or the query string."""
    return {**request.args.to_dict(), **request.form.to_dict()}


def digest(path: Path) -> bytes:
    """The same for the same bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _save(request: flask.Request, path: Path) -> None:
    if media_type_of(request.content_type) != MULTIPART:
        with path.open("wb") as file:
            shutil.copyfileobj(request.stream, file)
        return
    part = request.files.get("audio") or request.files.get("file")
    if part is None:
        raise _no_part()
    part.save(path)


def _no_part() -> InvalidRequest:
    return InvalidRequest("the form has no file part named audio", code="missing_audio")
