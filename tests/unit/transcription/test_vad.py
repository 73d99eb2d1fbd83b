"""Regions from probabilities, and probabilities from blocks of any size."""

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
    """A detector without a network, to test the rules on given probabilities."""
    detector = VoiceDetector.__new__(VoiceDetector)
    detector.config = CONFIG
    return detector


@pytest.fixture(scope="module")
def detector(models: Path) -> VoiceDetector:
    return VoiceDetector(models / "silero-vad")


def probabilities(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def test_a_region_continues_through_uncertain_windows_and_short_pauses(rules: VoiceDetector) -> None:
    likely = probabilities(0.1, 0.6, 0.4, 0.4, 0.6, 0.1, 0.1, 0.6, 0.1, 0.1, 0.1, 0.4, 0.9)
    assert list(rules.regions(likely)) == [Region(1, 8), Region(12, 13)]


@given(st.lists(st.floats(0, 1, width=32), max_size=80))
def test_regions_are_ordered_separate_and_contain_every_voiced_window(values: list[float]) -> None:
    rules = VoiceDetector.__new__(VoiceDetector)
    rules.config = CONFIG
    likely = probabilities(*values)
    regions = list(rules.regions(likely))
    inside = {window for region in regions for window in range(*region)}
    assert set(np.flatnonzero(likely >= CONFIG.on).tolist()) <= inside
    assert all(likely[start] >= CONFIG.on and likely[end - 1] >= CONFIG.off for start, end in regions)
    assert all(later.start - earlier.end >= 3 for earlier, later in pairwise(regions))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.95, 0.6, 0.6], True),
        ([0.95, 0.6], False),  # a click
        ([0.85] * 30, False),  # a melody
        ([0.6] * 31, True),  # telephone speech
    ],
)
def test_speech_is_certain_by_its_peak_or_by_its_duration(
    rules: VoiceDetector, values: list[float], expected: bool
) -> None:
    assert rules.is_speech([Region(0, len(values))], probabilities(*values)) is expected


@pytest.mark.models
@pytest.mark.parametrize("size", [1, 100, WINDOW, 7 * WINDOW + 3, 10**9])
def test_the_block_size_does_not_change_the_probabilities(
    detector: VoiceDetector, recordings: Path, size: int
) -> None:
    samples = decoding.decode(recordings / "beckett.wav", 0, 2 if size == 1 else 10)

    def blocks() -> Iterator[np.ndarray[tuple[int], np.dtype[np.float32]]]:
        for start in range(0, len(samples), size):
            yield samples[start : start + size]

    likely = detector.probabilities(blocks())
    assert len(likely) == -(-len(samples) // WINDOW)
    np.testing.assert_allclose(likely, detector.probabilities([samples]), atol=1e-5)


@pytest.mark.models
def test_a_previous_recording_does_not_change_the_probabilities(
    detector: VoiceDetector, recordings: Path
) -> None:
    samples = decoding.decode(recordings / "beckett.wav")
    first = detector.detect(samples)[1]
    detector.detect(samples[::-1].copy())
    np.testing.assert_array_equal(detector.detect(samples)[1], first)
    regions, likely = detector.detect(samples[:0])
    assert (regions, len(likely)) == ([], 0)
