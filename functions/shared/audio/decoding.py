"""Decodes recordings to samples; the format is detected from the content, never from the name.

All times are those that a player shows: the duration, the spans, and so the times of words. See `Clock` for
timestamps that have gaps or restart, `find_parts` for several recordings in one file, and `choose_track` for
several tracks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from functions.shared.audio import sound
from functions.shared.audio.reading import Reader
from functions.shared.audio.sound import blocks, filled, mono_pieces
from functions.shared.audio.tracks import choose_track
from functions.shared.domain.content import PartialReason
from functions.shared.errors import InvalidRequest, PayloadTooLarge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

SAMPLE_RATE = sound.SAMPLE_RATE
MAX_DURATION_S = 3600.0
_PREROLL_S = 1.5  # Opus needs 80 ms decoded before the wanted time, MP3 its bit reservoir, stereo a second


class AudioInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Properties of a recording. If it is `partial`, `duration_s` is what can be heard of it."""

    duration_s: float
    format: str
    sample_rate: int
    channels: int
    partial: bool = False
    partial_reason: PartialReason | None = None


def probe(path: Path, *, max_duration_s: float = MAX_DURATION_S) -> AudioInfo:
    """Validate a recording: decode its first frame and read its packets, without decoding the rest.

    The duration is that of the packets: recorders that stream (MediaRecorder, pipes) declare none, and a
    truncated recording declares too much. Gaps count in the duration, but not against its maximum.

    Raises:
        InvalidRequest: `empty_audio`, it has no bytes or no sound.
        UnsupportedMedia: `undecodable_audio` or `no_audio_stream`.
        PayloadTooLarge: `audio_too_long`.
    """
    if path.stat().st_size == 0:
        raise InvalidRequest("the recording is empty", code="empty_audio")
    frame = next(Reader(path, choose_track).frames(), None)
    if frame is None:
        raise InvalidRequest("the recording contains no sound", code="empty_audio")
    reader = Reader(path, choose_track)
    for _ in reader.packets():
        if round(reader.clock.end - reader.clock.gaps, 3) > max_duration_s:
            minutes = f"{max_duration_s / 60:g}"
            raise PayloadTooLarge(f"a recording may last at most {minutes} minutes", code="audio_too_long")
    return AudioInfo(
        duration_s=round(reader.clock.end, 3),
        format=reader.format,
        sample_rate=frame.sample_rate,
        channels=frame.layout.nb_channels,
        partial=reader.missing is not None,
        partial_reason=reader.missing,
    )


def decode(path: Path, start: float = 0.0, end: float | None = None) -> Samples:
    """Decode [start, end) seconds, by default all, to mono samples at 16 kHz in -1..1. Gaps are silence.

    Raises:
        UnsupportedMedia: `undecodable_audio` or `no_audio_stream`.
    """
    import numpy as np

    first, stop = round(start * SAMPLE_RATE), None if end is None else round(end * SAMPLE_RATE)
    frames = Reader(path, choose_track).frames(start - _PREROLL_S)
    pieces = [piece for _, piece in filled(mono_pieces(frames), first, stop)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def stream(path: Path, block_s: float = 30.0) -> Iterator[Samples]:
    """The samples of `decode` in blocks of `block_s` seconds, so that memory stays bounded."""
    yield from (block for _, block in timed_blocks(path, block_s))


def timed_blocks(
    path: Path, block_s: float = 30.0, longest_gap_s: float | None = None
) -> Iterator[tuple[float, Samples]]:
    """The blocks of `stream` and when each begins.

    Gaps longer than `longest_gap_s` are left out; the block before one may be shorter.
    """
    gap = None if longest_gap_s is None else round(longest_gap_s * SAMPLE_RATE)
    pieces = filled(mono_pieces(Reader(path, choose_track).frames()), 0, None, gap)
    for position, block in blocks(pieces, round(block_s * SAMPLE_RATE)):
        yield position / SAMPLE_RATE, block
