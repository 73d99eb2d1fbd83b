"""Parts of WAV, AIFF and CAF files: chunks with sizes, one of which holds the samples.

A recorder that breaks off, or keeps a size from before, leaves more samples behind than it declares. What
follows the samples is then neither a chunk nor a recording, and belongs to them.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from functions.shared.audio.part import UNKNOWN_32, Part

_TAG = re.compile(rb"[A-Za-z0-9 ()_.\xa9-]{4}")
_NEGLIGIBLE = 1024  # bytes after the samples that may be anything


class _Format(NamedTuple):
    """`mark` begins a file of `header` bytes; each chunk has a name of four bytes and a size of `width`."""

    mark: re.Pattern[bytes]
    header: int
    order: Literal["little", "big"]
    width: int
    samples: bytes
    unknown: int


_WAV = _Format(re.compile(rb"RIFF.{4}WAVE", re.DOTALL), 12, "little", 4, b"data", UNKNOWN_32)
_AIFF = _Format(re.compile(rb"FORM.{4}AIF[FC]", re.DOTALL), 12, "big", 4, b"SSND", UNKNOWN_32)
_CAF = _Format(re.compile(rb"caff\x00\x01\x00\x00desc"), 8, "big", 8, b"data", 1 << 63)


def wav(data: mmap.mmap) -> Iterator[Part]:
    """The parts of a RIFF file."""
    return _parts(data, _WAV)


def aiff(data: mmap.mmap) -> Iterator[Part]:
    """The parts of an AIFF or AIFF-C file."""
    return _parts(data, _AIFF)


def caf(data: mmap.mmap) -> Iterator[Part]:
    """The parts of a CAF file."""
    return _parts(data, _CAF)


def _parts(data: mmap.mmap, form: _Format) -> Iterator[Part]:
    start = 0
    while start < len(data):
        part = _part(data, form, start)
        yield part
        start = part.ranges[0][1]


def _part(data: mmap.mmap, form: _Format, start: int) -> Part:
    """The part that begins at `start`."""
    offset = start + form.header
    prefix = 4 + form.width
    while offset + prefix <= len(data):
        size = int.from_bytes(data[offset + 4 : offset + prefix], form.order)
        if data[offset : offset + 4] == form.samples:
            return _sampled(data, form, start, offset, size)
        offset += prefix + size + (size % 2 if form.width == 4 else 0)
    return Part(ranges=((start, len(data)),))


def _sampled(data: mmap.mmap, form: _Format, start: int, offset: int, size: int) -> Part:
    """The part whose samples, of a declared size, are in the chunk at `offset`."""
    begin = offset + 4 + form.width
    if not 0 < size < form.unknown:
        return Part(ranges=((start, _next(data, form, begin)),))
    if begin + size > len(data):
        return Part(ranges=((start, len(data)),), cut=True)
    after = begin + size
    end = _next(data, form, after)
    if end - after <= _NEGLIGIBLE or _is_chunks(data, form, after + (size % 2), end):
        return Part(ranges=((start, end),))
    real = min(end - begin, (1 << 8 * form.width) - 1).to_bytes(form.width, form.order)
    return Part(ranges=((start, end),), patches=((offset + 4, real),))


def _next(data: mmap.mmap, form: _Format, offset: int) -> int:
    """Where the next part begins, or the file ends."""
    match = form.mark.search(data, offset)
    return match.start() if match else len(data)


def _is_chunks(data: mmap.mmap, form: _Format, offset: int, end: int) -> bool:
    """Whether chunks, the last of which may be incomplete, fill the bytes from `offset` to `end`."""
    count = 0
    while offset + 4 + form.width <= end:
        if not _TAG.match(data, offset):
            return count > 0
        size = int.from_bytes(data[offset + 4 : offset + 4 + form.width], form.order)
        offset += 4 + form.width + size + (size % 2 if form.width == 4 else 0)
        count += offset <= end
    return count > 0
