"""Audio sources: a path, bytes, or an open file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO

Source = str | Path | bytes | BinaryIO
Progress = Callable[[int, int], object]
"""Called with the bytes transferred so far and the total."""

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
    """A seekable recording that can be sent more than once.

    Args:
        media_type: None guesses it from the file name.
    """

    def __init__(self, file: BinaryIO, name: str, media_type: str | None = None) -> None:
        self.file = file
        self.name = name
        self.size = file.seek(0, SEEK_END)
        self.media_type = media_type or _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN)

    def rewound(self) -> BinaryIO:
        """The file, rewound to its start."""
        self.file.seek(0)
        return self.file

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Yields the bytes from `start` up to `stop` in blocks."""
        self.file.seek(start)
        while start < stop and (block := self.file.read(min(BLOCK, stop - start))):
            start += len(block)
            yield block


@contextmanager
def open_recording(source: Source, media_type: str | None = None) -> Iterator[Recording]:
    """Opens a source for the duration of the context; a file that was passed open stays open."""
    if isinstance(source, bytes):
        yield Recording(BytesIO(source), "", media_type)
    elif isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            yield Recording(file, Path(source).name, media_type)
    else:
        seekable = source if source.seekable() else BytesIO(source.read())
        yield Recording(seekable, Path(str(getattr(source, "name", ""))).name, media_type)
