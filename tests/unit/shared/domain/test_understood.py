"""Sentences of an entry that models read, and their numbers."""

from __future__ import annotations

from functions.shared.domain.content import Arc, ArcPoint, Embedding, LeftOut, PassageVector, Segment
from functions.shared.domain.corrections import Corrections, SegmentCorrection
from functions.shared.domain.understood import Understood

SEGMENTS = (
    Segment(text="[unclear]", left_out=LeftOut.UNCLEAR),
    Segment(text="One."),
    Segment(text="[another language]", left_out=LeftOut.UNSUPPORTED_LANGUAGE),
    Segment(text="Two.", language="en"),
    Segment(text="Drei.", language="de"),
)


def arc(*segments: int) -> Arc:
    return Arc(points=tuple(ArcPoint(segment=segment, emotions=(), sentiment=0.0) for segment in segments))


def test_models_read_what_was_said_and_nothing_else() -> None:
    understood = Understood(SEGMENTS)
    assert understood.text == "One. Two."
    assert not understood.is_all


def test_results_are_about_the_sentences_of_the_entry() -> None:
    understood = Understood(SEGMENTS)
    assert understood.arc(arc(0, 1)) == arc(1, 3)
    assert understood.arc_of_sentences(arc(1, 3)) == arc(0, 1)
    embedding = Embedding(model="m", passages=(PassageVector(first=0, last=1, vector=b""),))
    (passage,) = understood.embedding(embedding).passages
    assert (passage.first, passage.last) == (1, 3)
    corrections = Corrections(segments=(SegmentCorrection(segment=3, emotions=("joy",)),))
    assert understood.corrections(corrections).segments[0].segment == 1


def test_an_entry_without_gaps_is_read_as_it_is() -> None:
    understood = Understood(SEGMENTS[1:4:2])
    assert understood.is_all
    assert understood.arc(arc(0, 1)) == arc(0, 1)
