"""The summarization stage: a summary of the transcript, or the reason for its absence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from functions.shared.domain.content import Arc, EmptyReason, Segment, Transcript
from functions.shared.domain.entries import Entry, Source, Stage, Status
from functions.shared.domain.insight import Quote, Summary
from functions.shared.domain.stage_work import ReportProgress, StageInput, StageWork, no_progress
from functions.shared.errors import PermanentError
from functions.shared.runtime.settings import Style
from functions.summarization.engine import Text
from functions.summarization.stage import SummarizationWork

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY = Entry(
    uid="u",
    entry_id="e",
    source=Source.TEXT,
    status=Status.PROCESSING,
    created_at=NOW,
    recorded_at=NOW,
    updated_at=NOW,
)


class FirstSentence:
    """An engine that quotes the first segment and records its inputs."""

    name = "first-sentence"
    version = "9"
    style = Style.EXTRACT

    def __init__(self) -> None:
        self.inputs: list[Text] = []

    def summarize(
        self,
        texts: Sequence[Text],
        *,
        max_sentences: int | None = None,
        progress: ReportProgress = no_progress,
    ) -> Summary:
        self.inputs += texts
        text = texts[0].segments[0].text
        progress(1.0)
        return Summary(text=text, engine=self.name, quotes=(Quote(text=text, segment=0),))


@pytest.fixture
def engine() -> FirstSentence:
    return FirstSentence()


@pytest.fixture
def work(engine: FirstSentence) -> StageWork:
    return SummarizationWork(engine)


def test_the_engine_receives_segments_and_arc_and_is_recorded(work: StageWork, engine: FirstSentence) -> None:
    segments = (Segment(text="I cried.", start=0.0, end=1.0), Segment(text="I slept."))
    arc = Arc()
    job = StageInput(entry=ENTRY, transcript=Transcript(text="I cried. I slept.", segments=segments), arc=arc)
    result = work.run(job)
    assert work.stage is Stage.SUMMARIZATION
    assert engine.inputs == [Text(segments, arc)]
    assert result.findings.summary is not None
    assert result.findings.summary.text == "I cried."
    assert (result.engine, result.model_version) == ("first-sentence", "9")
    assert result.empty_reason is None


def test_a_transcript_without_segments_is_split_into_sentences(
    work: StageWork, engine: FirstSentence
) -> None:
    work.run(StageInput(entry=ENTRY, transcript=Transcript(text="I cried. I slept.")))
    (text,) = engine.inputs
    assert [segment.text for segment in text.segments] == ["I cried.", "I slept."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("… 7!", EmptyReason.NO_WORDS),
        ("Heute war ein langer Tag im Büro.", EmptyReason.UNSUPPORTED_LANGUAGE),
    ],
)
def test_text_that_cant_be_understood_is_not_summarized(
    work: StageWork, engine: FirstSentence, text: str, reason: EmptyReason
) -> None:
    result = work.run(StageInput(entry=ENTRY, transcript=Transcript(text=text)))
    assert result.empty_reason is reason
    assert result.findings.summary is None
    assert engine.inputs == []


def test_only_english_sentences_are_summarized(work: StageWork, engine: FirstSentence) -> None:
    french = Segment(text="Nous avons mangé une crêpe devant la cathédrale.")
    transcript = Transcript(text="", segments=(french, Segment(text="I cried all the way home.")))
    summary = work.run(StageInput(entry=ENTRY, transcript=transcript)).findings.summary
    (text,) = engine.inputs
    assert [segment.text for segment in text.segments] == ["I cried all the way home."]
    assert summary is not None
    assert [quote.segment for quote in summary.quotes] == [1]


def test_an_entry_without_a_transcript_fails_permanently(work: StageWork) -> None:
    with pytest.raises(PermanentError) as raised:
        work.run(StageInput(entry=ENTRY))
    assert raised.value.code == "transcript_missing"
