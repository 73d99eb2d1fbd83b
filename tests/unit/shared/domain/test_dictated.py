"""Whether two texts have the same words."""

from __future__ import annotations

import pytest

from functions.shared.domain.content import LeftOut, Segment
from functions.shared.domain.dictated import recognized_text, words_digest


@pytest.mark.parametrize("other", ["we left early", "We left. Early!", "  we LEFT\nearly…"])
def test_case_and_punctuation_do_not_count(other: str) -> None:
    assert words_digest(other) == words_digest("We left early.")


@pytest.mark.parametrize("other", ["We left.", "We left early early.", "Early we left.", "We left ear ly."])
def test_words_and_their_order_count(other: str) -> None:
    assert words_digest(other) != words_digest("We left early.")


def test_a_text_without_words_has_no_digest() -> None:
    assert words_digest("") is words_digest(" … ") is None


def test_what_was_left_out_was_not_recognized() -> None:
    segments = [Segment(text="We left."), Segment(text="[unclear]", left_out=LeftOut.UNCLEAR)]
    assert recognized_text(segments) == "We left."
