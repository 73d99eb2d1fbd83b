"""Turning probabilities into regions, and asking the network in blocks of any size."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.audio import decoding
from functions.transcription.config import VadConfig
from functions.transcription.vad import WINDOW, Region, VoiceDetector

CONFIG = VadConfig(
    version="1",
    on=0.5,
    off=0.35,
    min_pause_s=0.1,
    certain=0.9,
    min_speech_s=0.1,
    sustained_s=1.0,
    quiet_rms=0.02,
)


@pytest.fixture(scope="module")
def rules() -> VoiceDetector:
    """A detector without a network: only what it makes of probabilities."""
    detector = VoiceDetector.__new__(VoiceDetector)
    detector.config = CONFIG
    return detector


@pytest.fixture(scope="module")
def detector(models: Path) -> VoiceDetector:
    return VoiceDetector(models / "silero-vad")


def probabilities(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def test_a_region_continues_through_uncertain_windows_and_short_pauses(rules: VoiceDetector) -> None:
    heard = probabilities(0.1, 0.6, 0.4, 0.4, 0.6, 0.1, 0.1, 0.6, 0.1, 0.1, 0.1, 0.4, 0.9)
    assert list(rules.regions(heard)) == [Region(1, 8), Region(12, 13)]


@given(st.lists(st.floats(0, 1, width=32), max_size=80))
def test_regions_are_ordered_separate_and_contain_every_voiced_window(values: list[float]) -> None:
    rules = VoiceDetector.__new__(VoiceDetector)
    rules.config = CONFIG
    heard = probabilities(*values)
    regions = list(rules.regions(heard))
    inside = {at for region in regions for at in range(*region)}
    assert set(np.flatnonzero(heard >= CONFIG.on).tolist()) <= inside
    assert all(heard[start] >= CONFIG.on and heard[end - 1] >= CONFIG.off for start, end in regions)
    assert all(later.start - earlier.end >= 3 for earlier, later in pairwise(regions))


@pytest.mark.parametrize(
    ("values", "certain"),
    [
        ([0.95, 0.6, 0.6], True),
        ([0.95, 0.6], False),  # a click
        ([0.85] * 30, False),  # a melody
        ([0.6] * 31, True),  # a telephone
    ],
)
def test_speech_is_certain_by_its_peak_or_by_its_duration(
    rules: VoiceDetector, values: list[float], certain: bool
) -> None:
    assert rules.is_speech([Region(0, len(values))], probabilities(*values)) is certain


@pytest.mark.models
@pytest.mark.parametrize("size", [1, 100, WINDOW, 7 * WINDOW + 3, 10**9])
def test_the_block_size_does_not_change_the_probabilities(
    detector: VoiceDetector, recordings: Path, size: int
) -> None:
    samples = decoding.decode(recordings / "beckett.wav", 0, 2 if size == 1 else 10)

    def blocks() -> Iterator[np.ndarray[tuple[int], np.dtype[np.float32]]]:
        for at in range(0, len(samples), size):
            yield samples[at : at + size]

    heard = detector.probabilities(blocks())
    assert len(heard) == -(-len(samples) // WINDOW)
    np.testing.assert_allclose(heard, detector.probabilities([samples]), atol=1e-5)


@pytest.mark.models
def test_a_previous_recording_does_not_change_the_probabilities(
    detector: VoiceDetector, recordings: Path
) -> None:
    samples = decoding.decode(recordings / "beckett.wav")
    first = detector.detect(samples)[1]
    detector.detect(samples[::-1].copy())
    np.testing.assert_array_equal(detector.detect(samples)[1], first)
    regions, heard = detector.detect(samples[:0])
    assert (regions, len(heard)) == ([], 0)
