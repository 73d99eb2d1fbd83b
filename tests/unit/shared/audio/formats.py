"""Recordings in every container and codec that PyAV can write, of sound that is recognized at any moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Packets = list["av.Packet[av.AudioStream]"]

RATE = 16_000
_BLOCK = 960  # divides no codec's frame, so that encoders regroup


class Kind(NamedTuple):
    """How PyAV writes a format. `stamped`: packets carry timestamps, so that there can be gaps."""

    container: str
    codec: str
    rate: int = 48_000
    layout: str = "mono"
    options: Mapping[str, str] = {}
    stamped: bool = True
    video: str = ""


_FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"}
_LIVE = {"live": "1"}
KINDS: Mapping[str, Kind] = {
    "wav pcm_s16le": Kind("wav", "pcm_s16le", stamped=False),
    "wav pcm_s24le": Kind("wav", "pcm_s24le", 44_100, stamped=False),
    "wav pcm_f32le": Kind("wav", "pcm_f32le", 16_000, "stereo", stamped=False),
    "wav pcm_mulaw": Kind("wav", "pcm_mulaw", 8_000, stamped=False),
    "wav adpcm_ima_wav": Kind("wav", "adpcm_ima_wav", 22_050, stamped=False),
    "w64 pcm_s16le": Kind("w64", "pcm_s16le", stamped=False),
    "aiff pcm_s16be": Kind("aiff", "pcm_s16be", 44_100, stamped=False),
    "aiff pcm_s24be": Kind("aiff", "pcm_s24be", 48_000, "stereo", stamped=False),
    "caf pcm_s16le": Kind("caf", "pcm_s16le", 44_100, stamped=False),
    "caf alac": Kind("caf", "alac", 44_100, stamped=False),
    "mp3": Kind("mp3", "libmp3lame", 44_100, stamped=False),
    "mp3 stereo": Kind("mp3", "libmp3lame", 48_000, "stereo", stamped=False),
    "adts aac": Kind("adts", "aac", stamped=False),
    "amr nb": Kind("amr", "libopencore_amrnb", 8_000, stamped=False),
    "flac": Kind("flac", "flac", 44_100, stamped=False),
    "flac stereo": Kind("flac", "flac", 48_000, "stereo", stamped=False),
    "ogg opus": Kind("ogg", "libopus"),
    "ogg vorbis": Kind("ogg", "vorbis", 44_100, "stereo", {"page_duration": "1"}),
    "ogg flac": Kind("ogg", "flac", 44_100),
    "webm opus": Kind("webm", "libopus", video="libvpx"),
    "webm vorbis": Kind("webm", "vorbis", 48_000, "stereo", video="libvpx"),
    "live webm opus": Kind("webm", "libopus", 48_000, "stereo", _LIVE),
    "mkv aac": Kind("matroska", "aac", 44_100, video="mpeg4"),
    "mkv aac 24k": Kind("matroska", "aac", 24_000, "stereo"),
    "mkv flac": Kind("matroska", "flac", 44_100, video="mpeg4"),
    "mkv pcm_s16le": Kind("matroska", "pcm_s16le", 16_000),
    "mkv mp3": Kind("matroska", "libmp3lame", 44_100),
    "mkv opus": Kind("matroska", "libopus", video="mpeg4"),
    "mkv alac": Kind("matroska", "alac", 44_100),
    "mp4 aac": Kind("mp4", "aac", 48_000, "stereo", video="mpeg4"),
    "mp4 opus": Kind("mp4", "libopus", video="mpeg4"),
    "mp4 mp3": Kind("mp4", "libmp3lame", 44_100),
    "mp4 flac": Kind("mp4", "flac", 48_000),
    "m4a aac": Kind("ipod", "aac", 44_100),
    "m4a alac": Kind("ipod", "alac", 44_100),
    "fragmented mp4 aac": Kind("mp4", "aac", 48_000, options=_FRAGMENTED),
    "fragmented mp4 opus": Kind("mp4", "libopus", 48_000, options=_FRAGMENTED),
    "mov aac": Kind("mov", "aac", 44_100, video="mpeg4"),
    "mov pcm_s16le": Kind("mov", "pcm_s16le", 44_100, stamped=False),
    "3gp aac": Kind("3gp", "aac", 16_000),
    "3gp amr": Kind("3gp", "libopencore_amrnb", 8_000),
}


def voice(seed: int, duration: float = 2.5) -> Samples:
    """Three tones that change every fifth of a second, so that every moment is recognized, and quiet ones."""
    random = np.random.default_rng(seed)
    time = np.arange(RATE // 5) / RATE
    slots = round(duration * 5)
    tones = [
        np.sin(2 * np.pi * np.outer(random.uniform(300, 1800, 3), time)).sum(axis=0) for _ in range(slots)
    ]
    loud = np.repeat(np.resize([1.0, 0.6, 0.8, 0.1], slots), len(time))
    return np.asarray(np.concatenate(tones) * loud * 0.25, np.float32)


def packets_of(stream: av.AudioStream, sound: Samples, opposed: bool = False) -> Packets:
    """The sound, encoded; if `opposed`, the second channel is the first inverted."""
    layout = "stereo" if opposed else "mono"
    packets: Packets = []
    for begin in range(0, len(sound), _BLOCK):
        block = (sound[begin : begin + _BLOCK] * 32767).astype(np.int16)
        data = np.stack([block, -block], axis=1).reshape(1, -1) if opposed else block[None]
        frame = av.AudioFrame.from_ndarray(data, format="s16", layout=layout)
        frame.sample_rate, frame.pts = RATE, begin
        packets += stream.encode(frame)
    return packets + stream.encode(None)


Change = Callable[[Packets], Packets]


def write(
    path: Path,
    kind: Kind,
    tracks: tuple[Samples, ...],
    *,
    change: Change = lambda packets: packets,
    opposed: bool = False,
    default: int | None = None,
    film: bool = False,
) -> Path:
    """Write a recording with audio tracks, and a film from 0 if asked; `change` edits its packets."""
    with av.open(str(path), "w", format=kind.container, options=dict(kind.options)) as container:
        pictures = _film(container, kind) if film else []
        streams = []
        for index, _ in enumerate(tracks):
            stream = container.add_stream(kind.codec, rate=kind.rate, options={"strict": "-2"})
            assert isinstance(stream, av.AudioStream)
            stream.layout = "stereo" if opposed else kind.layout
            if default is not None:
                stream.disposition = av.stream.Disposition(index == default)
            streams.append(stream)
        packets = [
            packet
            for stream, sound in zip(streams, tracks, strict=True)
            for packet in change(packets_of(stream, sound, opposed))
        ]
        everything: list[av.Packet[Any]] = [*pictures, *packets]
        for packet in sorted(everything, key=lambda packet: (packet.dts or 0) * packet.time_base):
            container.mux(packet)
    return path


def _film(container: av.container.OutputContainer, kind: Kind) -> list[av.Packet[av.VideoStream]]:
    """Two seconds of black."""
    stream = container.add_stream(kind.video, rate=10, width=64, height=64, pix_fmt="yuv420p")
    assert isinstance(stream, av.VideoStream)
    frames = [av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8)) for _ in range(20)]
    return [packet for frame in (*frames, None) for packet in stream.encode(frame)]
