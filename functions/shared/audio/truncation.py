"""Whether a recording broke off, read from its container's own sizes.

What is seen: any file that ends inside an element (Matroska/WebM, MP4 boxes, a RIFF chunk, an Ogg
page), an Ogg stream without its end-of-stream page, an MP3 shorter than its Xing header says. What
cannot be seen: a cut exactly between two blocks of a live WebM, and streams that declare nothing
(ADTS, AMR, MP3 without a Xing header). Sizes of 0 or all ones mean "unknown": a live recording.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path

Bytes = mmap.mmap

_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_UNKNOWN_32 = 0x7FFF0000  # recorders that stream write a size this large, or 0, in place of the true one


def is_truncated(path: Path, container: str) -> bool:
    """True where the file surely ends too early. `container` as in `audio.FORMATS`."""
    check = _CHECKS.get(container)
    if check is None:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return check(data)


def _webm(data: Bytes) -> bool:
    """Walk the elements, into segments and clusters and over everything else."""
    at = 0
    while at < len(data):
        kind, after_kind = _vint(data, at, keep_marker=True)
        size, at = _vint(data, after_kind)
        if kind is None or size is None:
            return True
        unknown = size == (1 << 7 * (at - after_kind)) - 1
        if not unknown and at + size > len(data):
            return True
        if kind not in (_SEGMENT, _CLUSTER):
            if unknown:
                return False
            at += size
    return False


def _vint(data: Bytes, at: int, *, keep_marker: bool = False) -> tuple[int | None, int]:
    """EBML's variable-length integer and where it ends; None where it is not whole."""
    length = 9 - data[at].bit_length() if at < len(data) else 9
    if length > 8 or at + length > len(data):
        return None, len(data)
    value = int.from_bytes(data[at : at + length], "big")
    return value if keep_marker else value & ((1 << 7 * length) - 1), at + length


def _mp4(data: Bytes) -> bool:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:
            return False
        if size < 8:
            return True
        at += size
    return at != len(data)


def _wav(data: Bytes) -> bool:
    at = 12
    while data[:4] == b"RIFF" and at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return 0 < size < _UNKNOWN_32 and at + 8 + size > len(data)
        at += 8 + size + size % 2
    return False


def _ogg(data: Bytes) -> bool:
    """The last page must be whole and be marked as the stream's last."""
    at = data.rfind(b"OggS")
    if at < 0 or at + 27 > len(data):
        return True
    segments = data[at + 26]
    end = at + 27 + segments + sum(data[at + 27 : at + 27 + segments])
    return end > len(data) or not data[at + 5] & 4


def _mp3(data: Bytes) -> bool:
    """The Xing (or Info) header in the first frame may tell the bytes of all of them."""
    start = 0
    if data[:3] == b"ID3":
        start = 10 + sum((data[6 + i] & 0x7F) << 7 * (3 - i) for i in range(4))
    head = data[start : start + 200]
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0 or not head[at + 7] & 2:
        return False
    skip = 8 + 4 * (head[at + 7] & 1)
    size = int.from_bytes(head[at + skip : at + skip + 4], "big")
    return size < _UNKNOWN_32 and start + size > len(data)


_CHECKS: dict[str, Callable[[Bytes], bool]] = {
    "webm": _webm,
    "mp4": _mp4,
    "wav": _wav,
    "ogg": _ogg,
    "mp3": _mp3,
}
