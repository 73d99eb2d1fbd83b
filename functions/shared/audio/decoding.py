"""Decodes recordings to samples with PyAV; the format is detected from the content, never from the name.

Only containers that phones, browsers and recorders write are opened (`FORMATS`): FFmpeg also reads images,
playlists and scripts that name other files or hosts, and an upload must reach none of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from functions.shared.audio.truncation import is_truncated
from functions.shared.errors import InvalidRequest, PayloadTooLarge, UnsupportedMedia

if TYPE_CHECKING:
    import numpy as np
    from av import AudioFrame, AudioResampler, AudioStream, Packet
    from av.container import InputContainer
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

SAMPLE_RATE = 16_000
MAX_DURATION_S = 3600.0
FORMATS = {
    "wav": "wav",
    "w64": "wav",
    "aiff": "aiff",
    "caf": "caf",
    "mp3": "mp3",
    "aac": "aac",
    "amr": "amr",
    "flac": "flac",
    "ogg": "ogg",
    "matroska,webm": "webm",
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
}
"""Containers that may be opened: FFmpeg's name to ours."""

_OPTIONS = {"format_whitelist": ",".join(FORMATS), "protocol_whitelist": "file"}
_PREROLL_S = 0.5  # Opus needs 80 ms decoded before a seek target, MP3 its bit reservoir
_GAPS_S = (0.1, 60.0)  # a gap between timestamps this long is silence; a longer one is an error
_UNREADABLE_PACKETS = 200  # with this many and no frame decoded, the file is not a recording
_ESTIMATED = frozenset({"mp3", "aac", "amr"})  # FFmpeg estimates these durations from the bit rate


class AudioInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Properties of a recording. If it is `partial` (truncated), `duration_s` is what is left of it."""

    duration_s: float
    format: str
    sample_rate: int
    channels: int
    partial: bool = False


def probe(path: Path, *, max_duration_s: float = MAX_DURATION_S) -> AudioInfo:
    """Validate a recording: decode its first frame and read its packets, without decoding the rest.

    The duration is that of the packets: recorders that stream (MediaRecorder, pipes) declare none, and a
    truncated recording declares too much.

    Raises:
        InvalidRequest: `empty_audio`, it has no bytes or no sound.
        UnsupportedMedia: `undecodable_audio` or `no_audio_stream`.
        PayloadTooLarge: `audio_too_long`.
    """
    if path.stat().st_size == 0:
        raise InvalidRequest("the recording is empty", code="empty_audio")
    with _open(path) as (container, source):
        name = FORMATS[container.format.name]
        frame = next(_frames(container, source), None)
        if frame is None:
            raise InvalidRequest("the recording contains no sound", code="empty_audio")
        rate, channels = frame.sample_rate, frame.layout.nb_channels
    with _open(path) as (container, source):
        declared = 0.0 if name in _ESTIMATED else _declared(source)
        end = _end(container, source, max_duration_s)
    cut = declared - end > max(0.5, declared / 100) or is_truncated(path, name)
    return AudioInfo(duration_s=round(end, 3), format=name, sample_rate=rate, channels=channels, partial=cut)


def decode(path: Path, start: float = 0.0, end: float | None = None) -> Samples:
    """Decode [start, end) seconds, by default all, to mono samples at 16 kHz in -1..1.

    Raises:
        UnsupportedMedia: `undecodable_audio` or `no_audio_stream`.
    """
    import numpy as np

    pieces = list(_span(path, start, end))
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def stream(path: Path, block_s: float = 30.0) -> Iterator[Samples]:
    """The samples of `decode` in blocks of `block_s` seconds, so that memory stays bounded."""
    import numpy as np

    buffered: list[Samples] = []
    size = 0
    block = round(block_s * SAMPLE_RATE)
    for piece in _span(path, 0.0, None):
        buffered.append(piece)
        size += len(piece)
        while size >= block:
            joined = np.concatenate(buffered)
            yield joined[:block]
            buffered, size = [joined[block:]], size - block
    if size:
        yield np.concatenate(buffered)


@contextmanager
def _open(path: Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The container and its first audio stream. Raises UnsupportedMedia instead of FFmpeg's errors."""
    import av

    try:
        with av.open(f"file:{path}", options=_OPTIONS, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise UnsupportedMedia("the file has no audio stream", code="no_audio_stream")
            yield container, container.streams.audio[0]
    except av.FFmpegError as error:
        raise _undecodable() from error


def _undecodable() -> UnsupportedMedia:
    return UnsupportedMedia("the recording cannot be decoded", code="undecodable_audio")


def _packets(container: InputContainer, source: AudioStream) -> Iterator[Packet[AudioStream]]:
    """The stream's packets to the end, or to where the file is corrupt."""
    import av

    try:
        yield from (packet for packet in container.demux(source) if packet.size)
    except av.FFmpegError:
        return


def _frames(container: InputContainer, source: AudioStream) -> Iterator[AudioFrame]:
    """Decoded frames. Packets that can't be decoded are skipped, as players do."""
    import av

    failed, decoded = 0, False
    for packet in _packets(container, source):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            failed += 1
            if failed >= _UNREADABLE_PACKETS and not decoded:
                break
            continue
        decoded = decoded or bool(frames)
        yield from frames
    if failed and not decoded:
        raise _undecodable()


def _declared(source: AudioStream) -> float:
    """The stream's declared duration in seconds; 0 if there is none."""
    return float(source.duration * source.time_base) if source.duration and source.time_base else 0.0


def _end(container: InputContainer, source: AudioStream, max_duration_s: float) -> float:
    """Seconds from the stream's start to the end of its last packet.

    Raises:
        PayloadTooLarge: as soon as that passes the limit.
    """
    end = last = 0.0
    origin = _origin(source)
    for packet in _packets(container, source):
        last = float(packet.duration * packet.time_base) if packet.duration else last
        begin = end if packet.pts is None else float(packet.pts * packet.time_base) - origin
        end = max(end, begin + last)
        if end > max_duration_s:
            minutes = f"{max_duration_s / 60:g}"
            raise PayloadTooLarge(f"a recording may last at most {minutes} minutes", code="audio_too_long")
    return end


def _origin(source: AudioStream) -> float:
    return float(source.start_time * source.time_base) if source.start_time and source.time_base else 0.0


def _span(path: Path, start: float, end: float | None) -> Iterator[Samples]:
    """Pieces of the span. Gaps between timestamps become silence, so that times agree with players."""
    import numpy as np

    first, stop = round(start * SAMPLE_RATE), None if end is None else round(end * SAMPLE_RATE)
    position: int | None = None
    with _open(path) as (container, source):
        origin = _origin(source)
        if start > _PREROLL_S:
            container.seek(round((start - _PREROLL_S + origin) * 1_000_000))
        for begin, piece in _resampled(_frames(container, source)):
            due = None if begin is None else round((begin - origin) * SAMPLE_RATE)
            position = (due or 0) if position is None else position
            gap = 0 if due is None else due - position
            if _GAPS_S[0] < gap / SAMPLE_RATE < _GAPS_S[1]:
                piece = np.concatenate([np.zeros(gap, np.float32), piece])
            yield piece[max(0, first - position) : None if stop is None else max(0, stop - position)]
            position += len(piece)
            if stop is not None and position >= stop:
                return


def _resampled(frames: Iterator[AudioFrame]) -> Iterator[tuple[float | None, Samples]]:
    """The time and samples of each frame. If the stream changes its format, a new resampler is used."""
    from av import AudioResampler

    shape, resampler = None, AudioResampler("s16", "mono", SAMPLE_RATE)
    for frame in frames:
        new = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape not in (None, new):
            yield None, _samples(resampler, None)
            resampler = AudioResampler("s16", "mono", SAMPLE_RATE)
        shape = new
        yield frame.time, _samples(resampler, frame)
    if shape is not None:
        yield None, _samples(resampler, None)


def _samples(resampler: AudioResampler, frame: AudioFrame | None) -> Samples:
    import numpy as np

    parts = [part.to_ndarray()[0] for part in resampler.resample(frame)]
    joined = np.concatenate(parts) if parts else np.zeros(0, np.int16)
    return joined.astype(np.float32) / np.float32(32768)
