"""Subtitles that players can read, whatever the text."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.audio import subtitles
from functions.shared.domain.content import Segment, Transcript
from functions.shared.errors import InvalidRequest


def transcript(*segments: tuple[float, float, str]) -> Transcript:
    spoken = tuple(Segment(text=text, start=start, end=end) for start, end, text in segments)
    return Transcript(text=" ".join(segment.text for segment in spoken), segments=spoken, language="en")


TWO = transcript((0.0, 1.5, "It was <late> & dark."), (3661.9996, 3662.25, "Then --> nothing.\n\nReally."))


def test_plain_text_has_one_line_per_segment() -> None:
    assert subtitles.render(TWO, "txt") == "It was <late> & dark.\nThen --> nothing. Really.\n"


def test_plain_text_of_an_untimed_transcript_is_its_text() -> None:
    assert subtitles.render(Transcript(text="Typed."), "txt") == "Typed.\n"
    assert subtitles.render(Transcript(text=""), "txt") == ""


def test_plain_text_keeps_what_is_no_sentence() -> None:
    text = "---\ntitle: A walk\n---\nI ran. Far.\n\n| a | b |\n| c | d |\n"
    typed = Transcript(text=text, segments=(Segment(text="I ran."), Segment(text="Far.")))
    expected = "---\ntitle: A walk\n---\nI ran.\nFar.\n| a | b |\n| c | d |\n"
    assert subtitles.render(typed, "txt") == expected


def test_subrip_numbers_its_cues_and_uses_commas() -> None:
    assert subtitles.render(TWO, "srt") == (
        "1\n00:00:00,000 --> 00:00:01,500\nIt was <late> & dark.\n\n"
        "2\n01:01:02,000 --> 01:01:02,250\nThen --> nothing. Really.\n"
    )


def test_webvtt_has_a_header_and_escapes_markup() -> None:
    assert subtitles.render(TWO, "vtt") == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nIt was &lt;late&gt; &amp; dark.\n\n"
        "01:01:02.000 --> 01:01:02.250\nThen --&gt; nothing. Really.\n"
    )


def test_json_is_the_stored_transcript() -> None:
    assert msgspec.json.decode(subtitles.render(TWO, "json"), type=Transcript) == TWO


def test_an_unknown_format_is_rejected() -> None:
    with pytest.raises(InvalidRequest) as raised:
        subtitles.render(TWO, "docx")
    assert raised.value.code == "unknown_format"


CUE = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d)[.,](\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)[.,](\d{3})")
TIMES = st.floats(0, 400_000, allow_nan=False)
CUES = st.lists(st.tuples(TIMES, TIMES, st.text()), max_size=8)


@pytest.mark.parametrize("name", ["srt", "vtt"])
@given(spoken=CUES)
def test_any_text_stays_within_its_cue(name: str, spoken: list[tuple[float, float, str]]) -> None:
    """Parse as a player does: blocks separated by blank lines, one time line each, times in order."""
    rendered = subtitles.render(transcript(*sorted(spoken, key=lambda cue: cue[0])), name)
    blocks = [block.split("\n") for block in rendered.strip("\n").split("\n\n") if block]
    cues = blocks if name == "srt" else blocks[1:]
    assert len(cues) == sum(bool(text.split()) for _, _, text in spoken)
    begins = []
    for index, cue in enumerate(cues, start=1):
        if name == "srt":
            assert cue.pop(0) == str(index)
        times, text = cue
        match = CUE.fullmatch(times)
        assert match
        h, m, s, ms, *end = map(int, match.groups())
        begin = ((h * 60 + m) * 60 + s) * 1000 + ms
        assert begin < ((end[0] * 60 + end[1]) * 60 + end[2]) * 1000 + end[3]
        assert text.strip()
        assert name == "srt" or not set("<>") & set(text)
        begins.append(begin)
    assert begins == sorted(begins)
