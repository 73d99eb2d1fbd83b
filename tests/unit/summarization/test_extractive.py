"""The extractive engine quotes the entry's own words, in order, with their times."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.shared.encoder import load_encoder
from functions.shared.entries import Segment
from functions.shared.errors import ArtifactError
from functions.summarization.engine import Engine
from functions.summarization.extractive import ExtractiveConfig, ExtractiveEngine
from functions.summarization.features import Weights

NOTHING = Weights(topic=0, wording=0, emotion=0, opening=0, closing=0, first_person=0)
CONFIG = ExtractiveConfig(
    name="extractive-test",
    version="0.0.1",
    max_sentences=3,
    max_words=60,
    short_note_words=12,
    redundancy=0.3,
    weights=msgspec.structs.replace(NOTHING, topic=1.0, emotion=1.0),
)


@pytest.fixture
def engine(tiny_encoder: Path) -> Engine:
    return ExtractiveEngine(CONFIG, load_encoder(tiny_encoder))


def _weighted(folder: Path, **weights: float) -> Engine:
    config = msgspec.structs.replace(
        CONFIG, weights=msgspec.structs.replace(NOTHING, **weights), redundancy=0.0
    )
    return ExtractiveEngine(config, load_encoder(folder))


def _note(*texts: str) -> list[Segment]:
    return [Segment(text=text, start=float(index), end=index + 1.0) for index, text in enumerate(texts)]


DAY = _note(
    "The train was at the table.",
    "Rain, rain and rain on the train again.",
    "I was so sad that I cried.",
    "Um, so, you know.",
    "The table was the table.",
    "The rain was on the table, and the rain was on the train.",
)

WORDS = st.sampled_from(["happy", "sad", "rain", "um", "the", "I", "."])
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(texts=SENTENCES, limit=st.integers(1, 4))
def test_a_summary_is_some_of_the_sentences_in_order(engine: Engine, texts: list[str], limit: int) -> None:
    note = _note(*texts)
    summary = engine.summarize(note, max_sentences=limit)
    assert 1 <= len(summary.quotes) <= limit
    indexes = [quote.segment for quote in summary.quotes]
    assert indexes == sorted(set(indexes))
    for quote in summary.quotes:
        segment = note[quote.segment]
        assert (quote.text, quote.start, quote.end) == (segment.text, segment.start, segment.end)
    assert summary.text == " ".join(quote.text for quote in summary.quotes)


def test_the_emotional_sentence_is_quoted(tiny_encoder: Path) -> None:
    summary = _weighted(tiny_encoder, emotion=1.0).summarize(DAY, max_sentences=1)
    assert [quote.segment for quote in summary.quotes] == [2]


def test_the_weights_decide(tiny_encoder: Path) -> None:
    first = _weighted(tiny_encoder, opening=1.0).summarize(DAY, max_sentences=1)
    last = _weighted(tiny_encoder, closing=1.0).summarize(DAY, max_sentences=1)
    assert [quote.segment for quote in (*first.quotes, *last.quotes)] == [0, 5]


def test_fillers_are_not_quoted_even_where_they_stand_best(tiny_encoder: Path) -> None:
    engine = _weighted(tiny_encoder, opening=1.0)
    summary = engine.summarize(_note("Um, so, yeah.", *(segment.text for segment in DAY)), max_sentences=1)
    assert summary.text == DAY[0].text


def test_a_note_of_fillers_alone_is_quoted_as_it_is(engine: Engine) -> None:
    assert engine.summarize(_note("Um, yeah.")).text == "Um, yeah."


def test_a_very_short_note_is_its_own_summary(engine: Engine) -> None:
    note = _note("I was sad.", "The train was late.")
    assert engine.summarize(note).text == "I was sad. The train was late."


def test_a_short_note_still_keeps_to_the_sentences_asked_for(engine: Engine) -> None:
    assert len(engine.summarize(_note("I was sad.", "The train."), max_sentences=1).quotes) == 1


def test_the_engine_has_a_number_of_sentences_of_its_own(engine: Engine) -> None:
    assert len(engine.summarize(DAY).quotes) == CONFIG.max_sentences


def test_who_asks_for_more_sentences_gets_room_for_them(tiny_encoder: Path) -> None:
    engine = ExtractiveEngine(
        msgspec.structs.replace(CONFIG, max_words=24, redundancy=0.0), load_encoder(tiny_encoder)
    )
    note = _note(*["The rain was on the table again."] * 9)
    assert [len(engine.summarize(note, max_sentences=count).quotes) for count in (1, 3, 6)] == [1, 3, 6]


def test_the_same_note_gets_the_same_summary(engine: Engine) -> None:
    assert engine.summarize(DAY) == engine.summarize(DAY)


def test_the_summary_names_its_engine(engine: Engine) -> None:
    assert engine.summarize(DAY).engine == engine.name == "extractive-test"
    assert engine.version == "0.0.1"


def test_an_engine_without_its_weights_is_refused(tmp_path: Path, tiny_encoder: Path) -> None:
    with pytest.raises(ArtifactError, match=r"config\.json is missing"):
        ExtractiveEngine.load(tmp_path, tiny_encoder)


def test_the_shipped_configuration_can_be_loaded(shipped_models: Path, tiny_encoder: Path) -> None:
    engine = ExtractiveEngine.load(shipped_models / "extractive-summarizer", tiny_encoder)
    assert engine.name == "extractive-summarizer"
    assert 1 <= len(engine.summarize(DAY).quotes) <= 3
