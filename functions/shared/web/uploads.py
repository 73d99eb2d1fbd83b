"""Receives recordings: as a raw body, or as parts of a multipart form."""

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
_MAX_NAME_CHARS = 200
_TEXT_FIELDS = frozenset({"dictated"})
_BINARY: Mapping[str, Any] = {"type": "string", "contentMediaType": "application/octet-stream"}

ACCEPTS: Mapping[str, Mapping[str, Any]] = {
    MULTIPART: {"type": "object", "required": ["audio"], "properties": {"audio": _BINARY}},
    "audio/*": _BINARY,
    "video/*": _BINARY,
    "application/octet-stream": _BINARY,
}
"""What `uploaded_file` accepts, for the OpenAPI document."""

ACCEPTS_SEVERAL: Mapping[str, Mapping[str, Any]] = {
    MULTIPART: {
        "type": "object",
        "required": ["audio"],
        "properties": {"audio": {"type": "array", "items": _BINARY}},
    }
}
"""What `uploaded_files` accepts, for the OpenAPI document."""

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
"""The errors with which a recording can be refused."""


class UploadedFile(NamedTuple):
    """A file, and the name its sender gave it."""

    name: str
    path: Path


def is_recording(request: flask.Request) -> bool:
    """Whether the content type announces a recording; the actual format is detected from the content."""
    media_type = media_type_of(request.content_type)
    return media_type == MULTIPART or media_type in ACCEPTS or media_type.startswith(("audio/", "video/"))


@contextmanager
def uploaded_file(request: flask.Request, part: str = "audio") -> Iterator[Path]:
    """The recording as a temporary file, which exists until the context ends.

    Args:
        part: what clients of the route call the file's part of a form; `audio` and `file` are both accepted.

    Raises:
        UnsupportedMedia: `unsupported_content_type`.
        InvalidRequest: `missing_audio`, the form has no such part.
    """
    if not is_recording(request):
        raise UnsupportedMedia(
            "send audio/*, video/*, application/octet-stream or multipart/form-data",
            code="unsupported_content_type",
        )
    close = request.close  # of the request itself: a stream ends after Flask's context, and the proxy with it
    with tempfile.TemporaryDirectory(prefix="samo-upload-") as folder:
        path = Path(folder) / "recording"
        try:
            _save(request, path, part)
            yield path
        finally:
            close()


@contextmanager
def uploaded_files(request: flask.Request) -> Iterator[list[UploadedFile]]:
    """All recordings of a form as temporary files, in order, which exist until the context ends.

    Raises:
        UnsupportedMedia: `unsupported_content_type`, the body is not a form.
        InvalidRequest: `missing_audio`.
    """
    if media_type_of(request.content_type) != MULTIPART:
        raise UnsupportedMedia("send multipart/form-data", code="unsupported_content_type")
    parts = request.files.getlist("audio")
    if not parts:
        raise _missing_audio()
    with tempfile.TemporaryDirectory(prefix="samo-upload-") as folder:
        try:
            files = [
                UploadedFile((part.filename or "")[:_MAX_NAME_CHARS], Path(folder) / f"{number:03}")
                for number, part in enumerate(parts)
            ]
            for part, file in zip(parts, files, strict=True):
                part.save(file.path)
            yield files
        finally:
            request.close()


def fields(request: flask.Request) -> dict[str, str]:
    """What was sent with a recording: the other fields of the form, and the query string without text.

    Text is accepted in forms only, because addresses are logged everywhere.
    """
    query = {name: value for name, value in request.args.items() if name not in _TEXT_FIELDS}
    return {**query, **request.form.to_dict()}


def digest(path: Path) -> bytes:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _save(request: flask.Request, path: Path, name: str) -> None:
    if media_type_of(request.content_type) != MULTIPART:
        with path.open("wb") as file:
            shutil.copyfileobj(request.stream, file)
        return
    part = request.files.get("audio") or request.files.get("file")
    if part is None:
        raise _missing_audio(name)
    part.save(path)


def _missing_audio(name: str = "audio") -> InvalidRequest:
    return InvalidRequest(f"the form has no file part named `{name}`", code="missing_audio")
