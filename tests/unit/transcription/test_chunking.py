"""Long recordings are cut at pauses, into chunks that cover them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.transcription import chunking
from tests.unit.transcription.media import KINDS, encode, with_gap

FRAMES = 50  # per second


def speech_loudness(
    seconds: float, seed: int, pause_every: float = 7.0
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Loudness of speech with pauses of 0.7 s."""
    loudness = np.random.default_rng(seed).uniform(0.01, 1, round(seconds * FRAMES)).astype(np.float32)
    phase = np.arange(len(loudness)) / FRAMES % pause_every
    loudness[phase > pause_every - 0.7] = 1e-6
    return loudness


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 3700), st.integers(0, 99))
def test_chunks_cover_the_recording_and_are_never_too_long(seconds: float, seed: int) -> None:
    loudness = speech_loudness(seconds, seed)
    spans = chunking.cut_at_pauses(loudness)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(loudness) / FRAMES
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert all(end - start <= chunking.MAX_CHUNK_S for start, end in spans)
    if seconds > chunking.MAX_UNCHUNKED_S:
        assert all(end - start > 120 for start, end in spans)


@settings(max_examples=60, deadline=None)
@given(st.floats(301, 3700), st.integers(0, 99))
def test_no_word_is_cut(seconds: float, seed: int) -> None:
    loudness = speech_loudness(seconds, seed)
    for _, end in chunking.cut_at_pauses(loudness)[:-1]:
        assert loudness[round(end * FRAMES)] < 0.001


def test_an_hour_of_silence_can_be_planned() -> None:
    spans = chunking.cut_at_pauses(np.zeros(3600 * FRAMES, np.float32))
    assert len(spans) >= 12
    assert max(end - start for start, end in spans) <= chunking.MAX_CHUNK_S


def test_a_file_is_cut_at_its_pauses(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 640 * SAMPLE_RATE).astype(np.float32)
    pauses = (205.0, 415.0)
    for pause in pauses:
        noise[round(pause * SAMPLE_RATE) : round((pause + 1) * SAMPLE_RATE)] = 0
    spans = chunking.plan_chunks(encode(noise, tmp_path / "long", KINDS["piped wav"]), 640.0)
    assert [end for _, end in spans] == [
        pytest.approx(205.5, abs=0.3),
        pytest.approx(415.5, abs=0.3),
        pytest.approx(640.0, abs=0.03),
    ]


def test_long_gaps_are_in_no_chunk_and_the_sound_around_them_in_one_each(tmp_path: Path) -> None:
    """Chunks are on the clock of players, like the duration: nothing is lost or transcribed twice."""
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 400 * SAMPLE_RATE).astype(np.float32)
    note = with_gap(noise, tmp_path / "note", begins_s=150.0, gap_s=7200.0)
    duration_s = decoding.probe(note, max_duration_s=500).duration_s
    assert duration_s == pytest.approx(7600.0, abs=0.1)
    spans = chunking.plan_chunks(note, duration_s)
    edges = [edge for span in spans for edge in span]
    assert edges == pytest.approx([0.0, 150.0, 7350.0, 7600.0], abs=0.05)
    around = decoding.decode(note, 7349.5, 7351.0)
    assert len(around) == 1.5 * SAMPLE_RATE
    assert np.abs(around[: round(0.4 * SAMPLE_RATE)]).max() == 0
    assert np.abs(around[round(0.6 * SAMPLE_RATE) :]).max() > 0.1


def test_short_stretches_between_long_gaps_share_a_chunk() -> None:
    loud = np.ones(5 * SAMPLE_RATE, np.float32)
    blocks = [(index * 100.0, loud) for index in range(9)]
    spans = chunking.plan_blocks(blocks)
    assert spans == ((0.0, 205.0), (300.0, 505.0), (600.0, 805.0))
