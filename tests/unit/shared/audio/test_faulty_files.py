"""Files with faults against a plain decode of them: nothing is lost, doubled or misplaced.

`HYPOTHESIS_PROFILE=verify` makes every file with two signals; otherwise, each kind and fault is made once.
"""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pytest

from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.errors import UnsupportedMedia
from tests.unit.shared.audio.faulty import FAULTS, Heard, cases
from tests.unit.shared.audio.formats import KINDS, Samples

TOLERANCE_S = 0.1
_WINDOW = SAMPLE_RATE // 2
_ALL = sorted(cases())


def _share() -> list[tuple[str, str, int]]:
    """A seeded share in which every kind and every fault occurs."""
    if os.environ.get("HYPOTHESIS_PROFILE") == "verify":
        return [(*case, seed) for case in _ALL for seed in (11, 23)]
    random = np.random.default_rng(7)
    kinds, faults, chosen = set(KINDS), set(FAULTS), []
    for index in random.permutation(len(_ALL)):
        kind, fault = _ALL[index]
        if kind in kinds or fault in faults:
            chosen.append((kind, fault, int(index)))
            kinds.discard(kind)
            faults.discard(fault)
    return chosen


def plainly_decoded_s(path: Path) -> float:
    """Seconds of sound in the longest track, as FFmpeg decodes it without regard for times."""
    lengths = [0.0]
    with av.open(str(path), metadata_errors="ignore") as container:
        count = len(container.streams.audio)
    for index in range(count):
        length = 0.0
        with av.open(str(path), metadata_errors="ignore") as container:
            stream = container.streams.audio[index]
            try:
                for packet in container.demux(stream):
                    try:
                        length += sum(frame.samples / frame.sample_rate for frame in packet.decode())
                    except av.FFmpegError:
                        continue
            except av.FFmpegError:
                pass
        lengths.append(length)
    return max(lengths)


def unheard(decoded: Samples, sound: Samples) -> float:
    """The share of half seconds of `sound` that aren't in `decoded`, which begins 0.1 s earlier, in place."""
    slack = round(TOLERANCE_S * SAMPLE_RATE)
    decoded = np.pad(decoded, (0, 2 * slack + len(sound)))
    missed = []
    for begin in range(0, len(sound) - _WINDOW + 1, _WINDOW // 2):
        window = sound[begin : begin + _WINDOW]
        around = decoded[begin : begin + _WINDOW + 2 * slack]
        products = np.correlate(around, window, "valid")
        squares = np.cumsum(np.square(np.pad(around, (1, 0)), dtype=np.float64))
        norms = np.sqrt(np.maximum(squares[_WINDOW:] - squares[:-_WINDOW], 1e-9) * np.square(window).sum())
        missed.append(float((products / norms).max()) < 0.5)
    return float(np.mean(missed))


def check(path: Path, heard: Heard) -> None:
    info = decoding.probe(path)
    for begin, sound in heard.sounds:
        start = begin - TOLERANCE_S
        lead = np.zeros(round(-min(start, 0) * SAMPLE_RATE), np.float32)
        end = begin + len(sound) / SAMPLE_RATE + TOLERANCE_S
        found = np.concatenate([lead, decoding.decode(path, max(start, 0), end)])
        assert unheard(found, sound) == 0
    if heard.sounds:
        last, sound = heard.sounds[-1]
        assert info.duration_s == pytest.approx(last + len(sound) / SAMPLE_RATE, abs=TOLERANCE_S)
        assert not info.partial
    blocks = list(decoding.timed_blocks(path, longest_gap_s=TOLERANCE_S))
    sounding = sum(len(block) for _, block in blocks) / SAMPLE_RATE
    if not heard.sounds and not info.partial:
        assert sounding > plainly_decoded_s(path) - TOLERANCE_S
    begin, block = blocks[-1]
    assert begin + len(block) / SAMPLE_RATE == pytest.approx(
        info.duration_s, abs=0.15 if info.partial else TOLERANCE_S
    )


@pytest.mark.parametrize(("kind", "fault", "seed"), _share())
def test_a_faulty_file_is_heard_whole_and_in_its_place(
    kind: str, fault: str, seed: int, tmp_path: Path
) -> None:
    heard = FAULTS[fault][0](tmp_path / "note", KINDS[kind], seed)
    try:
        check(tmp_path / "note", heard)
    except UnsupportedMedia:
        assert fault in ("cut", "damaged")
        with pytest.raises(av.FFmpegError):
            assert plainly_decoded_s(tmp_path / "note") == 0
