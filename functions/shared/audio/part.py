"""A recording within a file, and the file object that FFmpeg reads it from."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec

UNKNOWN_32 = 0x7FFF0000
"""Recorders that stream write a 32-bit size this large, or 0, instead of the real one."""

MAX_TAGS = 4096
"""Bytes after a recording that may be anything: players append tags in formats of their own."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One recording: the ranges of bytes it is in, and sizes in its header to correct.

    It is `cut` if some of it is missing.
    """

    ranges: tuple[tuple[int, int], ...]
    patches: tuple[tuple[int, bytes], ...] = ()
    cut: bool = False


class PartFile(io.RawIOBase):
    """Reads a part as if it were a file of its own."""

    def __init__(self, path: Path, part: Part) -> None:
        self._file = path.open("rb", buffering=0)
        self._part = part
        self._size = sum(end - start for start, end in part.ranges)
        self._offset = 0

    def close(self) -> None:
        self._file.close()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset, io.SEEK_END: self._size}[whence]
        self._offset = max(0, base + offset)
        return self._offset

    def read(self, size: int = -1) -> bytes:
        """The next bytes, fewer than `size` where a range ends."""
        skipped = 0
        for start, end in self._part.ranges:
            at = start + self._offset - skipped
            if at < end:
                self._file.seek(at)
                data = self._patched(at, self._file.read(end - at if size < 0 else min(size, end - at)))
                self._offset += len(data)
                return data
            skipped += end - start
        return b""

    def _patched(self, at: int, data: bytes) -> bytes:
        for offset, patch in self._part.patches:
            for index, value in enumerate(patch, offset - at):
                if 0 <= index < len(data):
                    data = data[:index] + bytes([value]) + data[index + 1 :]
        return data
