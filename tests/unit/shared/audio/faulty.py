"""Recordings with faults: every container and codec that can have each, and what must be heard in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from tests.unit.shared.audio.formats import KINDS, RATE, Change, Kind, Packets, Samples, voice, write


class Heard(NamedTuple):
    """What must be heard: sounds and when each begins. Without sounds: all that a plain decode yields."""

    sounds: tuple[tuple[float, Samples], ...] = ()


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


class Size(NamedTuple):
    """Where a format declares how much there is: after `mark` and `skip` bytes, in `bits` of `order`."""

    mark: bytes
    skip: int
    bits: int
    order: Literal["little", "big"] = "big"


SIZES: Mapping[str, Size] = {
    "wav": Size(b"data", 0, 32, "little"),
    "aiff": Size(b"SSND", 0, 32),
    "caf": Size(b"data", 0, 64),
    "flac": Size(b"fLaC", 18, 32),
    "mp3": Size(b"Info", 4, 32),
    "matroska": Size(b"\x18\x53\x80\x67\x01", 0, 56),
    "webm": Size(b"\x18\x53\x80\x67\x01", 0, 56),
}


def _stale(path: Path, kind: Kind, seed: int) -> Heard:
    """The declared size is a fifth of the real one."""
    write(path, kind, (voice(seed),))
    content = bytearray(path.read_bytes())
    size = SIZES[kind.container]
    at = content.index(size.mark) + len(size.mark) + size.skip
    width = size.bits // 8
    stale = int.from_bytes(content[at : at + width], size.order) // 5 // 48 * 48
    content[at : at + width] = stale.to_bytes(width, size.order)
    path.write_bytes(content)
    return Heard(((0.0, voice(seed)),))


def _declares_size(kind: Kind) -> bool:
    return kind.container in SIZES and kind.codec != "alac" and "live" not in kind.options


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
    "stale size": (_stale, _declares_size),
}


def cases() -> Iterator[tuple[str, str]]:
    """Every kind and fault that go together."""
    for fault, (_, applies) in FAULTS.items():
        yield from ((name, fault) for name, kind in KINDS.items() if applies(kind))
