"""Sentence timestamps from voiced regions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.shared.domain.content import Segment, Word
from functions.transcription.alignment import align_sentences, cut_at_sentences

SENTENCE = st.builds(
    lambda words, mark: "Well" + " again" * words + mark, st.integers(0, 20), st.sampled_from(".!?")
)


@st.composite
def voiced(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Voiced regions as the detector returns them: 32 ms or longer, separate, in order."""
    steps = draw(st.lists(st.tuples(st.integers(5, 100), st.integers(1, 300)), min_size=1, max_size=12))
    regions, end = [], 0
    for silence, speech in steps:
        regions.append(((end + silence) * 0.032, (end + silence + speech) * 0.032))
        end += silence + speech
    return regions


@settings(deadline=None)
@given(sentences=st.lists(SENTENCE, min_size=1, max_size=12), regions=voiced())
def test_segments_cover_the_text_in_order_within_the_speech(
    sentences: list[str], regions: list[tuple[float, float]]
) -> None:
    text = " ".join(sentences)
    segments = align_sentences(text, regions)
    assert " ".join(segment.text for segment in segments) == text
    times = [time for segment in segments for time in (segment.start, segment.end) if time is not None]
    assert len(times) == 2 * len(segments)
    assert times == sorted(times)
    assert times[0] == pytest.approx(regions[0][0], abs=0.01)
    assert times[-1] == pytest.approx(regions[-1][1], abs=0.01)


def test_a_sentence_ends_at_a_nearby_pause() -> None:
    first, second = align_sentences("It rained all day. I stayed in bed.", [(1.0, 2.9), (4.0, 5.7)], 0.9)
    assert (first.start, first.end, first.text) == (1.0, 2.9, "It rained all day.")
    assert (second.start, second.end, second.confidence) == (4.0, 5.7, 0.9)


def test_without_a_pause_sentences_split_by_their_share_of_characters() -> None:
    first, second = align_sentences("Yes it is so. It is not so!", [(0.0, 10.0)])
    assert first.end == second.start == pytest.approx(5.0, abs=0.1)


def test_silence_does_not_count_as_spoken_time() -> None:
    first, second = align_sentences("Yes it is so. It is not so!", [(0.0, 2.0), (62.0, 64.0)])
    assert (first.end, second.start) == (2.0, 62.0)


def test_empty_text_has_no_segments() -> None:
    assert align_sentences("", [(0.0, 1.0)]) == []


def _timed(text: str) -> Segment:
    """One word a second."""
    words = tuple(Word(text=word, start=at, end=at + 0.8) for at, word in enumerate(text.split()))
    return Segment(text=text, start=0.0, end=len(words) - 0.2, confidence=0.8, words=words)


def test_the_sentences_of_a_segment_keep_the_times_of_their_words() -> None:
    text = "It rained. we sat on the porch and talked for hours it was really nice my brother made tea"
    parts = cut_at_sentences(_timed(text))
    assert len(parts) > 2
    assert " ".join(part.text for part in parts) == text
    assert [word for part in parts for word in part.words] == list(_timed(text).words)
    for part in parts:
        assert [word.text for word in part.words] == part.text.split()
        assert (part.start, part.end) == (part.words[0].start, part.words[-1].end)
        assert part.confidence == 0.8


def test_a_segment_of_one_sentence_or_without_words_is_unchanged() -> None:
    single = _timed("It rained all day.")
    without_words = Segment(text="It rained. I slept.", start=0.0, end=3.0)
    assert cut_at_sentences(single) == [single]
    assert cut_at_sentences(without_words) == [without_words]
