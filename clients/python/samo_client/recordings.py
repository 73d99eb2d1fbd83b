"""Recordings as callers have them: a path, bytes, or an open file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

Source = str | Path | bytes | BinaryIO
Progress = Callable[[int, int], object]
"""Hears how many bytes of how many are sent (or fetched)."""

BLOCK = 64 * 1024
_MEDIA_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "webm": "audio/webm",
    "flac": "audio/flac",
    "3gp": "audio/3gpp",
}
UNKNOWN = "application/octet-stream"


class Recording:
    """A recording that can be read from anywhere in it, as often as it must be sent.

    Args:
        media_type: None: what its name says, if it has one.
    """

    def __init__(self, file: BinaryIO, name: str, media_type: str | None = None) -> None:
        self.file = file
        self.name = name
        self.size = file.seek(0, SEEK_END)
        self.media_type = media_type or _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)

    def rewound(self) -> BinaryIO:
        """Its file, from the beginning."""
        self.file.seek(0)
        return self.file

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Its bytes from `start` up to `stop`, in blocks."""
        self.file.seek(start)
        while start < stop and (block := self.file.read(min(BLOCK, stop - start))):
            start += len(block)
            yield block


@contextmanager
def opened(source: Source, media_type: str | None = None) -> Iterator[Recording]:
    """The recording, open for as long as the context lasts; what came open stays open."""
    if isinstance(source, bytes):
        yield Recording(BytesIO(source), "", media_type)
    elif isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            yield Recording(file, Path(source).name, media_type)
    else:
        seekable = source if source.seekable() else BytesIO(source.read())
        yield Recording(seekable, Path(str(getattr(source, "name", ""))).name, media_type)
