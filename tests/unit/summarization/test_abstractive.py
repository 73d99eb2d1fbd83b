"""The abstractive engine writes summaries, checks them, and falls back to extracts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from functions.shared.domain.insight import FallbackReason
from functions.shared.errors import ArtifactError
from functions.shared.runtime.settings import Style
from functions.summarization.abstracts.engine import AbstractiveEngine
from functions.summarization.abstracts.seq2seq import DECODER, LengthToken, Seq2Seq
from functions.summarization.engine import FallbackEngine
from tests.unit.summarization.conftest import MakeEngine, note
from tests.unit.summarization.writer import make_writer

DAY = note(
    "My sister and I took the train to Oslo.",
    "The rain was on the train, and I was not sad.",
    "We slept for nine hours at the table.",
)
WORDS = """
my sister and i took the train to oslo . , rain was on not sad we slept for nine hours at table maria ten
cried
happy brother
"""
VOCABULARY = WORDS.split()


class MakeAbstractive:
    """Makes engines that copy their source, or always write `says`."""

    def __init__(self, folder: Path, make_engine: MakeEngine) -> None:
        self.folder = folder
        self.extractive = make_engine(opening=1.0)

    def __call__(self, says: str | None = None, **settings: Any) -> AbstractiveEngine:
        words: Sequence[str] | None = None if says is None else says.split()
        return AbstractiveEngine.load(
            make_writer(self.folder, VOCABULARY, words, **settings), self.extractive
        )


@pytest.fixture
def make(tmp_path: Path, make_engine: MakeEngine) -> MakeAbstractive:
    return MakeAbstractive(tmp_path / "writer", make_engine)


def test_the_summary_is_cased_as_in_the_source(make: MakeAbstractive) -> None:
    summary = make("i took the train to oslo .").summarize([DAY])
    assert summary.text == "I took the train to Oslo."
    assert (summary.engine, summary.style, summary.fallback_reason) == ("writer-test", Style.ABSTRACT, None)
    assert summary.title


def test_quotes_are_the_sentences_that_support_the_summary(make: MakeAbstractive) -> None:
    summary = make("we slept for nine hours . i took the train .").summarize([DAY])
    assert [quote.segment for quote in summary.quotes] == [0, 2]
    assert [quote.start for quote in summary.quotes] == [0.0, 2.0]


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("i took the train for maria .", FallbackReason.INVENTED_NAME),
        ("we slept for ten hours .", FallbackReason.INVENTED_NUMBER),
        ("my brother took the train .", FallbackReason.INVENTED_PERSON),
        ("i was sad .", FallbackReason.CHANGED_NEGATION),
        ("cried happy .", FallbackReason.INVENTED_WORDS),
        (". , .", FallbackReason.NOTHING_WRITTEN),
    ],
)
def test_an_unfaithful_summary_is_replaced_by_extracts(
    make: MakeAbstractive, says: str, reason: FallbackReason
) -> None:
    engine = make(says)
    summary = engine.summarize([DAY])
    assert summary.fallback_reason is reason
    assert summary.style is Style.EXTRACT
    assert summary.engine == make.extractive.name
    assert summary.text == make.extractive.summarize([DAY]).text


def test_a_very_short_note_is_returned_unchanged(make: MakeAbstractive) -> None:
    summary = make("cried .").summarize([note("I was sad.", "The train was late.")])
    assert (summary.text, summary.fallback_reason) == ("I was sad. The train was late.", None)


def test_the_summary_has_at_most_the_sentences_asked_for(make: MakeAbstractive) -> None:
    engine = make("i took the train . we slept . i was not sad .")
    assert engine.summarize([DAY], max_sentences=2).text == "I took the train. We slept."


def test_a_long_entry_is_summarized_in_chunks_to_its_end(make: MakeAbstractive) -> None:
    entry = note(*["The train was at the table ."] * 30, "We slept for nine hours.")
    shares: list[float] = []
    make(max_source=60).summarize([entry], progress=shares.append)
    assert len(shares) >= 3
    assert all(0.0 < share < 1.0 for share in shares)
    engine = make(max_source=60)
    model = Seq2Seq.load(make.folder)
    chunks = engine._chunks([segment.text for segment in entry.segments])
    assert all(len(model.source(chunk)) <= 60 for chunk in chunks)
    assert [line for chunk in chunks for line in chunk] == [segment.text for segment in entry.segments]


def test_a_streamed_draft_grows_token_by_token(make: MakeAbstractive) -> None:
    drafts = list(make("i was not sad .").stream(["I was not sad."], 1))
    assert drafts == ["I", "I was", "I was not", "I was not sad", "I was not sad."]


def test_the_opening_token_depends_on_the_length_wanted(make: MakeAbstractive) -> None:
    marks = (LengthToken(3, 12), LengthToken(4, 40))
    config = Seq2Seq.load(make_writer(make.folder, VOCABULARY, marks=marks)).config
    assert [config.opening_for(words) for words in (5, 12, 13, 400)] == [3, 3, 4, 4]


def test_without_a_model_extracts_state_the_reason(make: MakeAbstractive) -> None:
    summary = FallbackEngine(make.extractive).summarize([DAY])
    assert summary.fallback_reason is FallbackReason.NOT_INSTALLED
    assert summary.quotes == make.extractive.summarize([DAY]).quotes


def test_a_model_without_its_decoder_is_rejected(make: MakeAbstractive) -> None:
    make("cried .")
    (make.folder / DECODER).unlink()
    with pytest.raises(ArtifactError, match=r"decoder\.onnx is missing"):
        AbstractiveEngine.load(make.folder, make.extractive)


def test_a_guided_model_reads_the_extractive_quotes_first(make: MakeAbstractive) -> None:
    engine = make(guided=True, max_source=300)
    quotes = make.extractive.summarize([DAY]).quotes
    (first, *_) = list(engine.stream([segment.text for segment in DAY.segments], 3))
    assert quotes[0].text.startswith(first)
    model = Seq2Seq.load(make.folder)
    guide, lines = ["the table . "] * 100, ["I slept ."] * 30
    assert model.source(lines, guide)[-3 * len(lines) :] == model.source(lines)[-3 * len(lines) :]
    assert model.token_budget < 300 - 100
