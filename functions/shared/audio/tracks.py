"""Chooses the track to listen to, where a file has several."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from functions.shared.audio.part import Part
from functions.shared.audio.reading import Reader, undecodable
from functions.shared.audio.sound import SAMPLE_RATE, blocks, mono_pieces
from functions.shared.errors import UnsupportedMedia

if TYPE_CHECKING:
    import numpy as np
    from av import AudioStream
    from av.container import InputContainer
    from numpy.typing import NDArray

_MAX_TRACKS = 8
_BLOCK_S = 10.0
_LISTENED_S = 1800.0  # to each track at most
_FRAME = SAMPLE_RATE // 50
_QUIET = 1e-8  # mean square of a frame (-80 dBFS): below it, nothing was recorded
_VARIES = 10.0  # loud frames are this many times as loud as quiet ones in speech, but not in hum or hiss


def choose_track(path: Path, part: Part, container: InputContainer) -> AudioStream:
    """The default track, or the first, unless nobody speaks in it and somebody does in another.

    Raises:
        UnsupportedMedia: `no_audio_stream` or `undecodable_audio`.
    """
    from av.stream import Disposition

    streams = container.streams.audio
    if not streams:
        raise UnsupportedMedia("the file has no audio stream", code="no_audio_stream")
    decodable = [stream for stream in streams if stream.codec_context is not None]
    if not decodable:
        raise undecodable()
    if len(decodable) == 1:
        return decodable[0]
    ranked = sorted(decodable, key=lambda stream: not stream.disposition & Disposition.default)
    order = tuple(stream.index for stream in ranked[:_MAX_TRACKS])
    status = path.stat()
    index = _voiced(path, part, order, status.st_ino, status.st_size, status.st_mtime_ns)
    return next(stream for stream in streams if stream.index == index)


@lru_cache(maxsize=32)
def _voiced(path: Path, part: Part, order: tuple[int, ...], *_version: int) -> int:
    """The first track with a voice; else the first with sound; else the first."""
    import numpy as np

    audible: int | None = None
    for index in order:
        for loudness in _loudness(path, part, index):
            if loudness.max() < _QUIET:
                continue
            audible = index if audible is None else audible
            quiet, loud = np.percentile(loudness, (10, 95))
            if loud > _VARIES * quiet:
                return index
    return order[0] if audible is None else audible


def _loudness(path: Path, part: Part, index: int) -> Iterator[NDArray[np.float64]]:
    """The mean square of each 20 ms, in blocks; nothing if the track can't be decoded."""
    import numpy as np

    def choose(_path: Path, _part: Part, container: InputContainer) -> AudioStream:
        return next(stream for stream in container.streams.audio if stream.index == index)

    try:
        frames = Reader(path, choose, (part,)).frames()
        for position, block in blocks(mono_pieces(frames), round(_BLOCK_S * SAMPLE_RATE)):
            if position > _LISTENED_S * SAMPLE_RATE:
                return
            whole = block[: len(block) // _FRAME * _FRAME].reshape(-1, _FRAME)
            if len(whole):
                yield np.mean(np.square(whole, dtype=np.float64), axis=1)
    except UnsupportedMedia:
        return
