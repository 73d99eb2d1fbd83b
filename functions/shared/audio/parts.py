"""Finds the recordings in a file, from the sizes and marks in its container, without decoding.

Recorders and people put recordings behind one another in a file, and decoders play only the first, or play
the next with its settings. Here each is a `Part` that is opened alone. The same walk finds parts that end
too early (`cut`): inside an element (Matroska/WebM, MP4 boxes, a RIFF chunk, an Ogg page), an Ogg stream
without its end-of-stream page, an MP3 shorter than its Xing header says. Not detected: a cut exactly between
two blocks of a live WebM, and streams that declare no size (ADTS, MP3 without a Xing header). Sizes of 0 or
all ones mean "unknown": a live recording.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from functions.shared.audio import chunked, fragments
from functions.shared.audio.part import MAX_TAGS, UNKNOWN_32, Part

_MAX_PARTS = 200
_MAX_STEPS = 2_000_000  # an hour is a tenth of that: a walk of more is given up
_EBML, _SEGMENT, _CLUSTER, _VOID = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0xEC
_ELEMENTS = frozenset(
    {_VOID, _EBML, _SEGMENT, _CLUSTER, 0xA0, 0xA3, 0xA7, 0xAB, 0xBF, 0xE7}
    | {0x1043A770, 0x114D9B74, 0x1254C367, 0x1549A966, 0x1654AE6B, 0x1941A469, 0x1C53BB6B}
)
"""Elements of segments and clusters."""
_W64 = re.compile(rb"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00")
_FLAC = re.compile(rb"fLaC[\x00\x80]\x00\x00\x22")
_AMR_NB = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)
_AMR_WB = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 6, 1, 1, 1, 1, 1)


def find_parts(path: Path) -> tuple[Part, ...]:
    """The recordings in the file, in order: one that is the whole file, unless there is reason to split."""
    status = path.stat()
    return _find_parts(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=8)
def _find_parts(path: Path, *_version: int) -> tuple[Part, ...]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for mark, offset, walk in _WALKS:
            if data[offset : offset + len(mark)] == mark:
                parts = tuple(walk(data))
                return parts if len(parts) <= _MAX_PARTS else (*parts[:_MAX_PARTS], _rest(parts))
        return (Part(ranges=((0, len(data)),), cut=_mp3_is_cut(data)),)


def _rest(parts: tuple[Part, ...]) -> Part:
    """Everything after the first `_MAX_PARTS`, of which a decoder may miss some."""
    return Part(ranges=((parts[_MAX_PARTS].ranges[-1][0], parts[-1].ranges[-1][1]),), cut=True)


def _webm(data: mmap.mmap) -> Iterator[Part]:
    """Walk the elements: into segments and clusters, over all others. An EBML header begins a part."""
    start = offset = 0
    segment: tuple[int, int, int] | None = None  # the offset and length of its size, and its end
    patches: tuple[tuple[int, bytes], ...] = ()
    cut = False
    for _ in range(_MAX_STEPS):
        if offset >= len(data) or cut:
            break
        begin, (kind, after_kind) = offset, _vint(data, offset, keep_marker=True)
        size, offset = _vint(data, after_kind)
        if kind is None or size is None or (kind not in _ELEMENTS and len(data) - begin <= MAX_TAGS):
            break
        if kind == _EBML and begin > start:
            yield Part(ranges=((start, begin),), patches=patches)
            start, segment, patches = begin, None, ()
        unknown = size == (1 << 7 * (offset - after_kind)) - 1
        if segment and begin >= segment[2] and kind != _VOID:
            patches, segment = ((segment[0], _unknown_size(segment[1])),), None
        if kind == _SEGMENT and not unknown:
            segment = (after_kind, offset - after_kind, offset + size)
        cut = not unknown and offset + size > len(data)
        if kind not in (_SEGMENT, _CLUSTER):
            offset = len(data) if unknown else offset + size
    yield Part(ranges=((start, len(data)),), patches=patches, cut=cut)


def _unknown_size(length: int) -> bytes:
    return bytes([(1 << 9 - length) - 1]) + b"\xff" * (length - 1)


def _vint(data: mmap.mmap, offset: int, *, keep_marker: bool = False) -> tuple[int | None, int]:
    """An EBML variable-length integer and where it ends; None if it is incomplete."""
    length = 9 - data[offset].bit_length() if offset < len(data) else 9
    if length > 8 or offset + length > len(data):
        return None, len(data)
    value = int.from_bytes(data[offset : offset + length], "big")
    return value if keep_marker else value & ((1 << 7 * length) - 1), offset + length


def _ogg(data: mmap.mmap) -> Iterator[Part]:
    """A page that begins a stream, after pages of another, begins a part. The last must end its stream."""
    start = offset = 0
    began = ended = whole = False
    for _ in range(_MAX_STEPS):
        if not 0 <= offset <= len(data) - 27:
            break
        flags, segments = data[offset + 5], data[offset + 26]
        if flags & 2 and began:
            yield Part(ranges=((start, offset),), cut=not ended)
            start, began = offset, False
        end = offset + 27 + segments + sum(data[offset + 27 : offset + 27 + segments])
        began, ended, whole = began or not flags & 2, bool(flags & 4), end <= len(data)
        offset = data.find(b"OggS", min(end, len(data)))
    yield Part(ranges=((start, len(data)),), cut=not (ended and whole and offset < 0))


def _marked(mark: re.Pattern[bytes]) -> Callable[[mmap.mmap], Iterator[Part]]:
    """The walk of a format whose parts begin with a mark that occurs nowhere else."""

    def walk(data: mmap.mmap) -> Iterator[Part]:
        starts = [0, *(match.start() for match in mark.finditer(data, 4)), len(data)]
        yield from (Part(ranges=(span,)) for span in pairwise(starts))

    return walk


def _adts(data: mmap.mmap) -> Iterator[Part]:
    """Frames with a header each. FFmpeg times all with the rate of the first: another rate begins a part."""
    start = offset = 0
    settings = None
    for _ in range(_MAX_STEPS):
        if offset + 7 > len(data) or data[offset] != 0xFF or data[offset + 1] & 0xF6 != 0xF0:
            break
        found = (data[offset + 2] & 0xFD, data[offset + 3] & 0xC0)  # profile, rate and channels
        if settings not in (None, found):
            yield Part(ranges=((start, offset),))
            start = offset
        settings = found
        offset += max(7, (data[offset + 3] & 3) << 11 | data[offset + 4] << 3 | data[offset + 5] >> 5)
    yield Part(ranges=((start, len(data)),))


def _amr(data: mmap.mmap) -> Iterator[Part]:
    """Frames of known sizes; where one is due and a header is found, a part begins."""
    start = offset = 0
    sizes = _AMR_NB
    for _ in range(_MAX_STEPS):
        if offset >= len(data):
            break
        if data[offset : offset + 5] == b"#!AMR":
            if offset:
                yield Part(ranges=((start, offset),))
            wide = data[offset : offset + 9] == b"#!AMR-WB\n"
            sizes, start, offset = (_AMR_WB if wide else _AMR_NB), offset, offset + (9 if wide else 6)
        else:
            offset += sizes[data[offset] >> 3 & 15]
    yield Part(ranges=((start, len(data)),), cut=offset > len(data))


def _mp3_is_cut(data: mmap.mmap) -> bool:
    """The Xing (or Info) header in the first frame may state the total number of bytes."""
    start = 0
    if data[:3] == b"ID3" and len(data) >= 10:
        start = 10 + sum((data[6 + i] & 0x7F) << 7 * (3 - i) for i in range(4))
    head = data[start : start + 200]
    offset = max(head.find(b"Xing"), head.find(b"Info"))
    if offset < 0 or len(head) < offset + 16 or not head[offset + 7] & 2:
        return False
    skip = 8 + 4 * (head[offset + 7] & 1)
    size = int.from_bytes(head[offset + skip : offset + skip + 4], "big")
    return size < UNKNOWN_32 and start + size > len(data)


_WALKS: tuple[tuple[bytes, int, Callable[[mmap.mmap], Iterator[Part]]], ...] = (
    (b"\x1a\x45\xdf\xa3", 0, _webm),
    (b"OggS", 0, _ogg),
    (b"fLaC", 0, _marked(_FLAC)),
    (b"riff\x2e\x91", 0, _marked(_W64)),
    *((bytes([0xFF, second]), 0, _adts) for second in (0xF0, 0xF1, 0xF8, 0xF9)),
    (b"#!AMR", 0, _amr),
    (b"RIFF", 0, chunked.wav),
    (b"FORM", 0, chunked.aiff),
    (b"caff", 0, chunked.caf),
    *((kind, 4, fragments.mp4) for kind in (b"ftyp", b"moov", b"mdat", b"moof", b"styp", b"wide", b"free")),
)
"""The bytes that begin a format, where they are, and how its parts are found."""
