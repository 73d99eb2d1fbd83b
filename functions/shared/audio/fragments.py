"""Parts of MP4 files: boxes with sizes, and fragments with times."""

from __future__ import annotations

import mmap
from collections.abc import Iterator

from functions.shared.audio.part import MAX_TAGS, Part

_KINDS = frozenset(
    b"ftyp moov mdat moof mfra free skip wide uuid meta sidx styp ssix emsg prft pdin udta pnot imda".split()
)
"""Boxes of a file."""
_MAX_BOXES = 1_000_000


def mp4(data: mmap.mmap) -> Iterator[Part]:
    """A second `ftyp` begins a part, and so does a fragment whose time goes back: it needs the header too."""
    start = 0
    header: tuple[int, int] | None = None  # what fragments need before them
    prefix: tuple[tuple[int, int], ...] = ()
    times: dict[int, int] = {}
    for offset, kind, end in _boxes(data, 0, len(data)):
        if kind == b"ftyp" and offset > start:
            yield Part(ranges=(*prefix, (start, offset)))
            start, header, prefix, times = offset, None, (), {}
        elif kind == b"moof":
            header = header or (start, offset)
            found = _fragment_times(data, offset + 8, min(end, len(data)))
            if any(time < times.get(track, 0) for track, time in found.items()):
                yield Part(ranges=(*prefix, (start, offset)))
                start, prefix = offset, (header,)
            times |= found
    yield Part(ranges=(*prefix, (start, len(data))), cut=not _is_whole(data))


def _boxes(data: mmap.mmap, offset: int, end: int) -> Iterator[tuple[int, bytes, int]]:
    """Offset, kind and end of each box. The last may claim to end later than `end`."""
    for _ in range(_MAX_BOXES):
        if offset + 8 > end:
            return
        size = int.from_bytes(data[offset : offset + 4], "big")
        if size == 1:
            size = int.from_bytes(data[offset + 8 : offset + 16], "big")
        size = size or end - offset
        if size < 8:
            return
        yield offset, data[offset + 4 : offset + 8], offset + size
        offset += size


def _is_whole(data: mmap.mmap) -> bool:
    """Whether the last box ends with the file, or is none but something short."""
    end = 0
    for offset, kind, after in _boxes(data, 0, len(data)):
        if kind not in _KINDS and len(data) - offset <= MAX_TAGS:
            return True
        end = after
    return end == len(data)


def _fragment_times(data: mmap.mmap, offset: int, end: int) -> dict[int, int]:
    """When each track of a fragment begins, in units of its own."""
    times: dict[int, int] = {}
    for begin, kind, after in _boxes(data, offset, end):
        if kind != b"traf":
            continue
        boxes = {name: at for at, name, _ in _boxes(data, begin + 8, min(after, end))}
        if b"tfhd" in boxes and b"tfdt" in boxes:
            track, time = boxes[b"tfhd"] + 12, boxes[b"tfdt"]
            width = 8 if data[time + 8] else 4
            times[int.from_bytes(data[track : track + 4], "big")] = int.from_bytes(
                data[time + 12 : time + 12 + width], "big"
            )
    return times
