"""Recordings for tests: every format that phones and browsers write, and sounds without speech."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from functions.shared.audio.decoding import SAMPLE_RATE

Samples = NDArray[np.float32]


class Kind(NamedTuple):
    """How PyAV writes a format. `piped`: to a file that cannot seek, as recorders do."""

    container: str
    codec: str
    rate: int
    layout: str = "mono"
    options: Mapping[str, str] = {}
    piped: bool = False


FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "1000000"}
KINDS = {
    "wav": Kind("wav", "pcm_s16le", 44100, "stereo"),
    "piped wav": Kind("wav", "pcm_s16le", 16000, piped=True),
    "mp3": Kind("mp3", "libmp3lame", 44100, "stereo"),
    "m4a": Kind("ipod", "aac", 44100),
    "fragmented m4a": Kind("mp4", "aac", 48000, options=FRAGMENTED),
    "mp4": Kind("mp4", "aac", 48000, "stereo"),
    "aac": Kind("adts", "aac", 44100),
    "ogg": Kind("ogg", "flac", 44100),
    "opus": Kind("ogg", "libopus", 48000),
    "webm": Kind("webm", "libopus", 48000),
    "live webm": Kind("webm", "libopus", 48000, options={"live": "1"}, piped=True),
    "flac": Kind("flac", "flac", 44100),
    "3gp": Kind("3gp", "aac", 16000),
}


class _Pipe:
    """A file with `write` only: PyAV cannot seek back to fill in sizes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)


def encode(samples: Samples, path: Path, kind: Kind) -> Path:
    """Write mono 16 kHz samples in a format, whatever the name of the file."""
    with path.open("wb") as file:
        target: Any = _Pipe(file) if kind.piped else file
        with av.open(target, "w", format=kind.container, options=dict(kind.options)) as container:
            stream = container.add_stream(kind.codec, rate=kind.rate)
            assert isinstance(stream, av.AudioStream)
            stream.layout = kind.layout
            for begin in range(0, len(samples), SAMPLE_RATE // 10):
                block = samples[begin : begin + SAMPLE_RATE // 10]
                frame = av.AudioFrame.from_ndarray(
                    (block * 32767).astype(np.int16)[None], format="s16", layout="mono"
                )
                frame.sample_rate, frame.pts = SAMPLE_RATE, begin
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path


def with_gap(samples: Samples, path: Path, *, begins_s: float, gap_s: float) -> Path:
    """Write WebM whose timestamps have a gap."""
    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream(
            "libopus", rate=48_000, layout="mono", options={"compression_level": "0"}
        )
        assert isinstance(stream, av.AudioStream)
        for begin in range(0, len(samples) + 1, SAMPLE_RATE):
            block = (samples[begin : begin + SAMPLE_RATE] * 32767).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, begin
            for packet in stream.encode(frame if block.size else None):
                if packet.pts is not None and packet.pts * packet.time_base >= begins_s:
                    packet.pts = packet.dts = packet.pts + round(gap_s / packet.time_base)
                container.mux(packet)
    return path


def seconds(duration: float) -> NDArray[np.float64]:
    return np.arange(round(duration * SAMPLE_RATE)) / SAMPLE_RATE


def chirps(duration: float) -> Samples:
    """A rising tone, which differs at every moment, so that any shift in time shows."""
    time = seconds(duration)
    return (0.4 * np.sin(2 * np.pi * (200 + 40 * time) * time)).astype(np.float32)


def _colored(exponent: float) -> Callable[[], Samples]:
    def noise() -> Samples:
        spectrum = np.fft.rfft(np.random.default_rng(5).standard_normal(8 * SAMPLE_RATE))
        spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** exponent
        return _scaled(np.fft.irfft(spectrum))

    return noise


def _scaled(sound: NDArray[np.float64]) -> Samples:
    return np.asarray(sound / np.abs(sound).max() / 2, np.float32)


def _hum(frequency: float) -> Callable[[], Samples]:
    time = seconds(8)
    return lambda: _scaled(_harmonics(frequency, time, 5))


def _note(frequency: float, duration: float) -> NDArray[np.float64]:
    time = seconds(duration)
    return _harmonics(frequency, time, 7) * np.minimum(1, time / 0.02) * np.exp(-1.5 * time)


def _harmonics(frequency: float, time: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    overtones = np.arange(1, count + 1)[:, None]
    return np.asarray((np.sin(2 * np.pi * frequency * overtones * time) / overtones).sum(axis=0))


def _melody() -> Samples:
    pitches = np.random.default_rng(2).integers(0, 24, 16)
    return _scaled(np.concatenate([_note(220 * 2 ** (pitch / 12), 0.5) for pitch in pitches]))


def _chords() -> Samples:
    chords = [[_note(196 * 2 ** ((root + step) / 12), 2) for step in (0, 4, 7)] for root in (0, 5, 7, 0)]
    return _scaled(np.concatenate([np.sum(chord, axis=0) for chord in chords]))


def _drums() -> Samples:
    beat, random = seconds(0.25), np.random.default_rng(4)
    kick = np.exp(-30 * beat) * np.sin(2 * np.pi * 60 * beat)
    snare = np.exp(-40 * beat) * random.standard_normal(len(beat)) * 0.3
    return _scaled(np.concatenate([kick, snare] * 16))


NOT_SPEECH: Mapping[str, Callable[[], Samples]] = {
    "silence": lambda: np.zeros(8 * SAMPLE_RATE, np.float32),
    "100 samples": lambda: np.zeros(100, np.float32),
    "no samples": lambda: np.zeros(0, np.float32),
    "white noise": _colored(0),
    "pink noise": _colored(0.5),
    "brown noise": _colored(1),
    "hum 50 Hz": _hum(50),
    "hum 60 Hz": _hum(60),
    "a tone": lambda: _scaled(np.sin(2 * np.pi * 440 * seconds(8))),
    "a sweep": lambda: chirps(8),
    "a melody": _melody,
    "chords": _chords,
    "drums": _drums,
}
