"""Adapts a stream to be the source of an upload that may be retried."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

READ_BYTES = 8 * 1024 * 1024


class SourceFailed(Exception):
    """The stream itself failed; unlike network errors, this must not be retried."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class UploadSource:
    """The rest of a stream, as a file with positions from 0 to `size`.

    Errors of the stream are raised as `SourceFailed`, which, unlike network errors, is not retried.
    """

    def __init__(self, data: BinaryIO) -> None:
        self._data = data
        self._start = self._data.tell()
        self.size = self._data.seek(0, os.SEEK_END) - self._start
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes unless the stream ends: an upload takes a short read for the end."""
        content = bytearray()
        try:
            while size < 0 or len(content) < size:
                block = self._data.read(size - len(content) if size >= 0 else READ_BYTES)
                if not block:
                    break
                content += block
        except Exception as error:
            raise SourceFailed(error) from error
        return bytes(content)

    def tell(self) -> int:
        return self._data.tell() - self._start

    def seek(self, position: int) -> int:
        return self._data.seek(self._start + position) - self._start


@contextmanager
def open_source(data: BinaryIO) -> Iterator[UploadSource]:
    """The rest of a stream; one that cannot seek is copied to a temporary file first."""
    if data.seekable():
        yield UploadSource(data)
        return
    with tempfile.TemporaryFile(prefix="samo-upload-") as file:
        shutil.copyfileobj(data, file)
        file.seek(0)
        yield UploadSource(file)
