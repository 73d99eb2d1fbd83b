"""Endpointing on given probabilities, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.dictation.phrases import FAINT_PAD_S, MAX_PHRASE_S, PAD_S, Phrase, PhraseDetector
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.transcription.config import FaintVoice, VadConfig
from functions.transcription.vad import WINDOW, VoiceDetector

Samples = NDArray[np.float32]
WINDOW_S = WINDOW / SAMPLE_RATE


class FakeDetector:
    """A detector that takes the first sample of each window as its voice probability."""

    config = VadConfig(
        version="1",
        on=0.5,
        off=0.35,
        min_pause_s=0.1,
        certain=0.9,
        min_speech_s=0.1,
        sustained_s=1.0,
        quiet_rms=0.0,
    )

    def __init__(self) -> None:
        self._buffer = np.zeros(0, np.float32)

    def stream(self) -> FakeDetector:
        return FakeDetector()

    def process(self, samples: Samples) -> Samples:
        self._buffer = np.concatenate([self._buffer, samples])
        complete = len(self._buffer) // WINDOW * WINDOW
        windows, self._buffer = self._buffer[:complete].reshape(-1, WINDOW), self._buffer[complete:]
        return windows[:, 0]

    def flush(self) -> Samples:
        return self._buffer[:1]


def phrases() -> PhraseDetector:
    return PhraseDetector(cast(VoiceDetector, FakeDetector()))


def speech(*parts: tuple[float, float]) -> Samples:
    """Whole windows of each (voice probability, seconds), one part after the other."""
    return np.concatenate(
        [np.full(round(seconds / WINDOW_S) * WINDOW, voice, np.float32) for voice, seconds in parts]
    )


def cut(samples: Samples, step: int = 1600) -> list[Phrase]:
    detector = phrases()
    starts = range(0, len(samples), step)
    ended = [phrase for start in starts for phrase in detector.process(samples[start : start + step])]
    return [*ended, *detector.finish()]


def spans(phrases: Sequence[Phrase]) -> list[tuple[float, float]]:
    return [(round(phrase.start, 1), round(phrase.end, 1)) for phrase in phrases]


def test_a_pause_ends_a_phrase_which_keeps_some_silence_around_it() -> None:
    ended = cut(speech((0, 2), (0.9, 2), (0, 3), (0.9, 1), (0, 1)))
    assert spans(ended) == [(2 - PAD_S, 4 + PAD_S), (7 - PAD_S, 8 + PAD_S)]


def test_a_short_pause_ends_only_a_long_phrase() -> None:
    assert len(cut(speech((0.9, 2), (0, 0.45), (0.9, 2)))) == 1
    assert spans(cut(speech((0.9, 8), (0, 0.45), (0.9, 2)))) == [(0.0, 8.4), (8.4, 10.4)]


def test_a_phrase_ends_as_soon_as_its_pause_is_long_enough() -> None:
    detector = phrases()
    assert detector.process(speech((0.9, 1), (0, 0.5))) == []
    assert detector.current() is not None
    assert len(detector.process(speech((0, 0.2)))) == 1
    assert detector.current() is None
    assert detector.finish() == []


def test_the_phrase_in_progress_is_available_and_ends_with_the_audio() -> None:
    detector = phrases()
    detector.process(speech((0, 1), (0.9, 1)))
    first = detector.current()
    detector.process(speech((0.9, 1)))
    second = detector.current()
    assert first is not None
    assert second is not None
    assert first.start == second.start == pytest.approx(1 - PAD_S, abs=WINDOW_S)
    assert len(second.samples) - len(first.samples) == len(speech((0.9, 1)))
    (last,) = detector.finish()
    np.testing.assert_array_equal(last.samples, second.samples)


def test_speech_without_pauses_is_cut_where_voice_is_least_likely() -> None:
    ended = cut(speech((0.9, 9), (0.5, 0.3), (0.9, 11)))
    assert ended[0].end == pytest.approx(9.15, abs=0.1)
    assert ended[1].start == pytest.approx(ended[0].end)
    assert sum(len(phrase.samples) for phrase in ended) == len(speech((0.9, 9), (0.5, 0.3), (0.9, 11)))


def test_a_click_before_a_phrase_is_not_part_of_it() -> None:
    assert spans(cut(speech((0.9, 0.1), (0, 3), (0.9, 1), (0, 1))))[1] == (3.1 - PAD_S, 4.1 + PAD_S)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.4, 0.9]), st.floats(0.04, 9)), max_size=12),
    st.integers(100, 20_000),
)
@settings(deadline=None)
def test_phrases_are_ordered_separate_short_enough_and_contain_all_speech(
    parts: list[tuple[float, float]], step: int
) -> None:
    samples = speech((0, 0.1), *parts)
    samples += np.linspace(0, 1e-3, len(samples), dtype=np.float32)
    ended = cut(samples, step)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(ended))
    assert all(phrase.end - phrase.start <= MAX_PHRASE_S + 2 * PAD_S for phrase in ended)
    covered = np.zeros(len(samples), bool)
    for phrase in ended:
        begin = round(phrase.start * SAMPLE_RATE)
        np.testing.assert_array_equal(phrase.samples, samples[begin : begin + len(phrase.samples)])
        covered[begin : begin + len(phrase.samples)] = True
    assert not np.any((samples >= 0.5) & ~covered)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.9]), st.floats(0.04, 5)), max_size=8))
@settings(deadline=None)
def test_the_block_size_does_not_change_the_phrases(parts: list[tuple[float, float]]) -> None:
    samples = speech((0, 0.1), *parts)
    assert spans(cut(samples, 517)) == spans(cut(samples, 16_000))


def test_silence_takes_no_memory() -> None:
    detector = phrases()
    for _ in range(60):
        detector.process(speech((0, 10)))
    buffers = cast(Any, detector)
    assert len(buffers._samples) <= (PAD_S + 1) * SAMPLE_RATE
    assert len(buffers._probabilities) <= (PAD_S + 1) / WINDOW_S


class FaintDetector(FakeDetector):
    config = msgspec.structs.replace(FakeDetector.config, faint=FaintVoice(on=0.2, off=0.1, peak=0.3))


def test_a_whisper_becomes_a_phrase() -> None:
    detector = PhraseDetector(cast(VoiceDetector, FaintDetector()))
    whisper = speech((0, 2), (0.4, 0.2), (0.15, 1), (0, 0.8), (0.4, 0.5), (0, 3))
    (phrase,) = [*detector.process(whisper), *detector.finish()]
    assert phrase.start == pytest.approx(2 - FAINT_PAD_S, abs=0.1)
    assert phrase.end == pytest.approx(4.5 + PAD_S, abs=0.2)


def test_speech_is_cut_as_before_where_faint_voices_are_looked_for() -> None:
    detector = PhraseDetector(cast(VoiceDetector, FaintDetector()))
    said = speech((0, 2), (0.9, 2), (0.15, 3), (0.9, 1), (0, 1))
    assert spans([*detector.process(said), *detector.finish()]) == [
        (2 - PAD_S, 4 + PAD_S),
        (7 - PAD_S, 8 + PAD_S),
    ]
