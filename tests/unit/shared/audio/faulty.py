"""Recordings with faults: every container and codec that can have each, and what must be heard in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

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


class Heard(NamedTuple):
    """What must be heard: sounds and when each begins. Without sounds: all that a plain decode yields."""

    sounds: tuple[tuple[float, Samples], ...] = ()


def voice(seed: int, duration: float = 2.5) -> Samples:
    """Three tones that change every fifth of a second, so that every moment is recognized, and quiet ones."""
    random = np.random.default_rng(seed)
    time = np.arange(RATE // 5) / RATE
    slots = round(duration * 5)
    tones = [
        np.sin(2 * np.pi * np.outer(random.uniform(300, 1800, 3), time)).sum(axis=0) for _ in range(slots)
    ]
    loud = np.repeat(np.resize([1.0, 0.6, 0.8, 0.1], slots), len(time))
    return (np.concatenate(tones) * loud * 0.25).astype(np.float32)


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
        if film:
            picture = container.add_stream(kind.video, rate=10, width=64, height=64, pix_fmt="yuv420p")
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
        if film:
            for _ in range(20):
                packets += picture.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8)))
            packets += picture.encode(None)
        packets.sort(key=lambda packet: float((packet.dts or 0) * packet.time_base))
        for packet in packets:
            container.mux(packet)
    return path


def shifted(seconds: float, after: float = 0.0) -> Change:
    """Timestamps later by `seconds`, from the first packet `after` that time on."""

    def change(packets: Packets) -> Packets:
        for packet in packets:
            if packet.pts is not None and packet.pts * packet.time_base >= after - 0.01:
                packet.pts = packet.dts = packet.pts + round(seconds / packet.time_base)
        return packets

    return change


def lossy(packets: Packets) -> Packets:
    """Two of every nine packets are lost, as over a network; never the first or last."""
    return [p for i, p in enumerate(packets) if i % 9 not in (4, 5) or i >= len(packets) - 1]


def jittery(packets: Packets) -> Packets:
    """Timestamps of arrival: early and late by up to a third of a packet."""
    random = np.random.default_rng(3)
    for packet in packets[1:-1]:
        late = round(random.uniform(-0.3, 0.3) * (packet.duration or 0))
        packet.pts = packet.dts = (packet.pts or 0) + late
    return packets


def _whole(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (voice(seed),))
    return Heard(((0.0, voice(seed)),))


def _concatenated(path: Path, kind: Kind, seed: int, other: Kind | None = None) -> Heard:
    first, second = voice(seed), voice(seed + 1, 4.0)
    write(path, kind, (first,))
    added = write(path.with_suffix(".2"), other or kind, (second,))
    path.write_bytes(path.read_bytes() + added.read_bytes())
    return Heard(((0.0, first), (len(first) / RATE, second)))


def _other_settings(path: Path, kind: Kind, seed: int) -> Heard:
    layout = "mono" if kind.layout == "stereo" and kind.codec != "vorbis" else "stereo"
    if "amr" in kind.codec:
        layout = "mono"
    rates = {48_000: 24_000, 44_100: 48_000, 24_000: 48_000, 16_000: 32_000, 22_050: 44_100}
    return _concatenated(path, kind, seed, kind._replace(layout=layout, rate=rates.get(kind.rate, kind.rate)))


def _gap(seconds: float) -> Callable[[Path, Kind, int], Heard]:
    def make(path: Path, kind: Kind, seed: int) -> Heard:
        sound = voice(seed, 4.0)
        write(path, kind, (sound,), change=shifted(seconds, 2.0))
        edge = round(2.0 * RATE)
        return Heard(((0.0, sound[: edge - RATE // 4]), (2.25 + seconds, sound[edge + RATE // 4 :])))

    return make


def _changed(change: Change) -> Callable[[Path, Kind, int], Heard]:
    def make(path: Path, kind: Kind, seed: int) -> Heard:
        write(path, kind, (voice(seed, 4.0),), change=change)
        return Heard()

    return make


def _jitter(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (voice(seed, 4.0),), change=jittery)
    return Heard(((0.0, voice(seed, 4.0)),))


def _late(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (voice(seed),), change=shifted(1.4), film=True)
    return Heard(((1.4, voice(seed)),))


def _second_track(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (np.zeros_like(voice(seed)), voice(seed)), default=1)
    return Heard(((0.0, voice(seed)),))


def _silent_default(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (np.zeros_like(voice(seed)), voice(seed)), default=0)
    return Heard(((0.0, voice(seed)),))


def _noisy_first(path: Path, kind: Kind, seed: int) -> Heard:
    noise = np.random.default_rng(seed).normal(0, 0.02, len(voice(seed))).astype(np.float32)
    write(path, kind, (noise, voice(seed)))
    return Heard(((0.0, voice(seed)),))


def _opposed(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (voice(seed),), opposed=True)
    return Heard(((0.0, voice(seed)),))


def _cut(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (voice(seed, 4.0),))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 7 // 10])
    return Heard()


def _damaged(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (voice(seed, 4.0),))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = np.random.default_rng(seed).bytes(300)
    path.write_bytes(content)
    return Heard()


def _tagged(path: Path, kind: Kind, seed: int) -> Heard:
    write(path, kind, (voice(seed),))
    path.write_bytes(path.read_bytes() + b"TAG" + b"My note".ljust(125, b"\0"))
    return Heard(((0.0, voice(seed)),))


SIZES: Mapping[str, tuple[bytes, int, str]] = {
    "wav": (b"data", 4, "little"),
    "aiff": (b"SSND", 4, "big"),
    "caf": (b"data", 8, "big"),
}
"""The chunk that holds the samples, and how its size is written."""


def _stale(path: Path, kind: Kind, seed: int) -> Heard:
    """The size of the samples is that of the first half second."""
    write(path, kind, (voice(seed),))
    content = bytearray(path.read_bytes())
    mark, width, order = SIZES[kind.container]
    at = content.index(mark) + 4
    stale = int.from_bytes(content[at : at + width], order) // 5 // 48 * 48  # type: ignore[arg-type]
    content[at : at + width] = stale.to_bytes(width, order)  # type: ignore[arg-type]
    path.write_bytes(content)
    return Heard(((0.0, voice(seed)),))


_MULTITRACK = ("matroska", "webm", "mp4", "mov", "ipod")
Make = Callable[[Path, Kind, int], Heard]
FAULTS: Mapping[str, tuple[Make, Callable[[Kind], bool]]] = {
    "none": (_whole, lambda kind: True),
    "concatenated": (_concatenated, lambda kind: True),
    "concatenated, other settings": (_other_settings, lambda kind: True),
    "opposed channels": (_opposed, lambda kind: "amr" not in kind.codec),
    "cut": (_cut, lambda kind: True),
    "damaged": (_damaged, lambda kind: True),
    "tagged": (_tagged, lambda kind: kind.container != "amr"),
    "gap of 3 s": (_gap(3.0), lambda kind: kind.stamped),
    "gap of 75 s": (_gap(75.0), lambda kind: kind.stamped),
    "gap of 2 h": (_gap(7200.0), lambda kind: kind.stamped),
    "lost packets": (_changed(lossy), lambda kind: kind.stamped),
    "jitter": (_jitter, lambda kind: kind.container in ("matroska", "webm")),
    "starts late": (_late, lambda kind: bool(kind.video)),
    "second track": (_second_track, lambda kind: kind.container in _MULTITRACK),
    "silent default": (_silent_default, lambda kind: kind.container in _MULTITRACK),
    "noisy first": (_noisy_first, lambda kind: kind.container in _MULTITRACK),
    "stale size": (_stale, lambda kind: kind.container in SIZES and kind.codec.startswith("pcm")),
}


def cases() -> Iterator[tuple[str, str]]:
    """Every kind and fault that go together."""
    for fault, (_, applies) in FAULTS.items():
        yield from ((name, fault) for name, kind in KINDS.items() if applies(kind))
