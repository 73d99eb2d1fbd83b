"""Detects truncated recordings, from the sizes in their containers.

Detected: files that end inside an element (Matroska/WebM, MP4 boxes, a RIFF chunk, an Ogg page), an Ogg
stream without its end-of-stream page, an MP3 shorter than its Xing header says. Not detected: a cut exactly
between two blocks of a live WebM, and streams that declare no size (ADTS, AMR, MP3 without a Xing header).
Sizes of 0 or all ones mean "unknown": a live recording.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

Bytes = mmap.mmap

_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_UNKNOWN_32 = 0x7FFF0000  # recorders that stream write a size this large, or 0, instead of the real one


def is_truncated(path: Path, container: str) -> bool:
    """Whether the file certainly ends too early. `container` is a value of `decoding.FORMATS`."""
    check = _CHECKS.get(container)
    if check is None:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return check(data)


def _webm(data: Bytes) -> bool:
    """Walk the elements: into segments and clusters, over all others."""
    offset = 0
    while offset < len(data):
        kind, after_kind = _vint(data, offset, keep_marker=True)
        size, offset = _vint(data, after_kind)
        if kind is None or size is None:
            return True
        unknown = size == (1 << 7 * (offset - after_kind)) - 1
        if not unknown and offset + size > len(data):
            return True
        if kind not in (_SEGMENT, _CLUSTER):
            if unknown:
                return False
            offset += size
    return False


def _vint(data: Bytes, offset: int, *, keep_marker: bool = False) -> tuple[int | None, int]:
    """An EBML variable-length integer and where it ends; None if it is incomplete."""
    length = 9 - data[offset].bit_length() if offset < len(data) else 9
    if length > 8 or offset + length > len(data):
        return None, len(data)
    value = int.from_bytes(data[offset : offset + length], "big")
    return value if keep_marker else value & ((1 << 7 * length) - 1), offset + length


def _mp4(data: Bytes) -> bool:
    offset = 0
    while offset + 8 <= len(data):
        size = int.from_bytes(data[offset : offset + 4], "big")
        if size == 1:
            size = int.from_bytes(data[offset + 8 : offset + 16], "big")
        if size == 0:
            return False
        if size < 8:
            return True
        offset += size
    return offset != len(data)


def _wav(data: Bytes) -> bool:
    offset = 12
    while data[:4] == b"RIFF" and offset + 8 <= len(data):
        size = int.from_bytes(data[offset + 4 : offset + 8], "little")
        if data[offset : offset + 4] == b"data":
            return 0 < size < _UNKNOWN_32 and offset + 8 + size > len(data)
        offset += 8 + size + size % 2
    return False


def _ogg(data: Bytes) -> bool:
    """The last page must be complete and marked as the end of the stream."""
    offset = data.rfind(b"OggS")
    if offset < 0 or offset + 27 > len(data):
        return True
    segments = data[offset + 26]
    end = offset + 27 + segments + sum(data[offset + 27 : offset + 27 + segments])
    return end > len(data) or not data[offset + 5] & 4


def _mp3(data: Bytes) -> bool:
    """The Xing (or Info) header in the first frame may state the total number of bytes."""
    start = 0
    if data[:3] == b"ID3":
        start = 10 + sum((data[6 + i] & 0x7F) << 7 * (3 - i) for i in range(4))
    head = data[start : start + 200]
    offset = max(head.find(b"Xing"), head.find(b"Info"))
    if offset < 0 or not head[offset + 7] & 2:
        return False
    skip = 8 + 4 * (head[offset + 7] & 1)
    size = int.from_bytes(head[offset + skip : offset + skip + 4], "big")
    return size < _UNKNOWN_32 and start + size > len(data)


_CHECKS: dict[str, Callable[[Bytes], bool]] = {
    "webm": _webm,
    "mp4": _mp4,
    "wav": _wav,
    "ogg": _ogg,
    "mp3": _mp3,
}
