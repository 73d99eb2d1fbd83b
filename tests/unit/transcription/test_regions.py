"""Grouping voiced regions into spans that the engine decodes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from functions.transcription.regions import group_regions, pad_groups
from functions.transcription.vad import Region


@st.composite
def speech_regions(draw: st.DrawFn) -> list[Region]:
    steps = draw(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 900)), max_size=20))
    regions, end = [], 0
    for silence, speech in steps:
        regions.append(Region(end + silence, end + silence + speech))
        end += silence + speech
    return regions


@given(speech_regions(), st.integers(4, 600), st.integers(2, 80), st.integers(0, 40))
def test_groups_keep_all_speech_and_fit_the_engine(
    speech: list[Region], max_length: int, pause: int, pad: int
) -> None:
    length = speech[-1].end + 10 if speech else 10
    probabilities = np.random.default_rng(0).random(length).astype(np.float32)
    groups = list(group_regions(speech, probabilities, max_length, pause))
    windows = [window for group in groups for region in group for window in range(*region)]
    assert windows == [window for region in speech for window in range(*region)]
    for group in groups:
        assert group[-1].end - group[0].start <= max_length
        assert all(b.start - a.end < pause for a, b in pairwise(group))
    spans = list(pad_groups(groups, pad, length))
    assert len(spans) == len(groups)
    for group, span in zip(groups, spans, strict=True):
        assert max(0, group[0].start - pad) <= span.start <= group[0].start
        assert group[-1].end <= span.end <= min(length, group[-1].end + pad)
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_a_long_group_is_cut_at_its_longest_pause() -> None:
    speech = [Region(0, 10), Region(12, 30), Region(37, 50), Region(54, 60)]
    assert list(group_regions(speech, np.ones(60, np.float32), 40, 99)) == [
        (Region(0, 10), Region(12, 30)),
        (Region(37, 50), Region(54, 60)),
    ]


def test_speech_without_a_pause_is_cut_where_voice_is_least_likely() -> None:
    probabilities = np.ones(100, np.float32)
    probabilities[61] = 0.4
    assert list(group_regions([Region(0, 100)], probabilities, 70, 9)) == [
        (Region(0, 61),),
        (Region(61, 100),),
    ]
