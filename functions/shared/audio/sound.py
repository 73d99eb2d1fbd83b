"""Turns decoded frames into mono samples at 16 kHz, each at its place on the recording's clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from functions.shared.audio.reading import undecodable

if TYPE_CHECKING:
    import numpy as np
    from av import AudioFrame, AudioResampler
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    Pieces = Iterator[tuple[int, Samples]]

SAMPLE_RATE = 16_000

_SHORTEST_GAP = SAMPLE_RATE // 10  # less is jitter
_MIXED = SAMPLE_RATE  # stereo is mixed second by second
_OPPOSED = 4.0  # channels are opposed if their difference has this many times the energy of their sum
_ZEROS = 30 * SAMPLE_RATE


def mono_pieces(frames: Iterable[AudioFrame]) -> Pieces:
    """Consecutive samples and the position of the first. Between two pieces there may be a gap."""
    return _mixed(_placed(frames))


def filled(pieces: Pieces, first: int, stop: int | None, longest_gap: int | None = None) -> Pieces:
    """The samples from `first` until `stop` or the sound's end, with silence in gaps.

    Gaps longer than `longest_gap` are left out, so that memory stays bounded.
    """
    import numpy as np

    at = first
    for position, piece in pieces:
        if position + len(piece) <= at:
            continue
        begin = position if stop is None else min(position, stop)
        if longest_gap is not None and begin - at > longest_gap:
            at = begin
        while at < begin:
            silence = np.zeros(min(begin - at, _ZEROS), np.float32)
            yield at, silence
            at += len(silence)
        wanted = piece[at - position : None if stop is None else max(0, stop - position)]
        if len(wanted):
            yield at, wanted
            at += len(wanted)
        if stop is not None and at >= stop:
            return


def blocks(pieces: Pieces, size: int) -> Pieces:
    """The pieces joined to blocks of `size` samples; one before a gap, and the last, may be shorter."""
    import numpy as np

    held: list[Samples] = []
    begin = end = 0
    for position, piece in pieces:
        if held and position != end:
            yield begin, np.concatenate(held)
            held = []
        begin = begin if held else position
        held.append(piece)
        end = position + len(piece)
        while end - begin >= size:
            joined = np.concatenate(held)
            yield begin, joined[:size]
            begin += size
            held = [joined[size:]] if end > begin else []
    if held:
        yield begin, np.concatenate(held)


def _placed(frames: Iterable[AudioFrame]) -> Iterator[tuple[int, Samples]]:
    """Samples of one or two channels (the first axis), and their position."""
    position: int | None = None
    for begin, piece in _resampled(frames):
        due = None if begin is None else round(begin * SAMPLE_RATE)
        if position is None:
            position = due or 0
        elif due is not None and due - position > _SHORTEST_GAP:
            position = due
        if piece.size:
            yield position, piece
        position += piece.shape[1]


def _resampled(frames: Iterable[AudioFrame]) -> Iterator[tuple[float | None, Samples]]:
    """The time and samples of each frame. If the stream changes its format, a new resampler is used."""
    from av import AudioResampler

    shape, layout, resampler = None, "mono", AudioResampler("s16", "mono", SAMPLE_RATE)
    for frame in frames:
        new = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != new:
            if shape is not None:
                yield None, _samples(resampler, None)
            layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
            resampler = AudioResampler("s16", layout, SAMPLE_RATE)
        shape = new
        yield frame.time, _samples(resampler, frame)
    if shape is not None:
        yield None, _samples(resampler, None)


def _samples(resampler: AudioResampler, frame: AudioFrame | None) -> Samples:
    """Resampled samples, a row for each channel. Raises UnsupportedMedia for absurd rates."""
    import av
    import numpy as np

    channels = 2 if resampler.layout.name == "stereo" else 1
    try:
        parts = [part.to_ndarray()[0] for part in resampler.resample(frame)]
    except av.FFmpegError as error:
        raise undecodable() from error
    joined = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    return joined.reshape(-1, channels).T.astype(np.float32) / np.float32(32768)


def _mixed(pieces: Iterator[tuple[int, Samples]]) -> Pieces:
    """Stereo mixed to mono, in seconds of the clock, so that a span sounds like that part of the whole."""
    import numpy as np

    held: list[Samples] = []
    begin = end = 0
    for position, piece in pieces:
        if held and (position != end or len(piece) == 1):
            yield begin, _mix(np.concatenate(held, axis=1))
            held = []
        if len(piece) == 1:
            yield position, piece[0]
            continue
        begin = begin if held else position
        held.append(piece)
        end = position + piece.shape[1]
        while (size := _MIXED - begin % _MIXED) <= end - begin:
            joined = np.concatenate(held, axis=1)
            yield begin, _mix(joined[:, :size])
            begin += size
            held = [joined[:, size:]] if end > begin else []
    if held:
        yield begin, _mix(np.concatenate(held, axis=1))


def _mix(stereo: Samples) -> Samples:
    """The mean of both channels. If one is wired the other way round they cancel out: then it is inverted."""
    import numpy as np

    mean, difference = (stereo[0] + stereo[1]) / 2, (stereo[0] - stereo[1]) / 2
    opposed = np.dot(difference, difference) > _OPPOSED * np.dot(mean, mean)
    mixed: Samples = difference if opposed else mean
    return mixed
