"""The extractive engine quotes entries verbatim, in order, with times and emotions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.shared.domain.content import Arc, ArcPoint, EmotionScore
from functions.shared.errors import ArtifactError
from functions.shared.runtime.settings import Style
from functions.shared.text.encoder import load_encoder
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.extracts.scoring import SentenceWeights, WordWeights
from tests.unit.summarization.conftest import LEXICON, MakeEngine, note

DAY = note(
    "The train was at the table.",
    "Rain, rain and rain on the train again.",
    "I was so sad that I cried.",
    "Um, so, you know.",
    "The table was the table.",
    "The rain was on the table, and the rain was on the train.",
)

WORDS = st.sampled_from(["happy", "sad", "rain", "um", "the", "I", "."])
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=8)


@pytest.fixture
def engine(make_engine: MakeEngine) -> ExtractiveEngine:
    return make_engine(opening=1.0, emotion=1.0)


def quoted(engine: ExtractiveEngine, *, limit: int = 1) -> list[int]:
    return [quote.segment for quote in engine.summarize([DAY], max_sentences=limit).quotes]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(texts=SENTENCES, limit=st.integers(1, 4))
def test_a_summary_is_a_subset_of_the_sentences_in_order(
    engine: ExtractiveEngine, texts: list[str], limit: int
) -> None:
    entry = note(*texts)
    summary = engine.summarize([entry], max_sentences=limit)
    assert 1 <= len(summary.quotes) <= limit
    indexes = [quote.segment for quote in summary.quotes]
    assert indexes == sorted(set(indexes))
    for quote in summary.quotes:
        segment = entry.segments[quote.segment]
        assert (quote.text, quote.start, quote.end) == (segment.text, segment.start, segment.end)


def test_the_emotional_sentence_is_quoted(make_engine: MakeEngine) -> None:
    assert quoted(make_engine(emotion=1.0)) == [2]
    assert quoted(make_engine(emotion_weight=1.0)) == [2]


def test_feature_weights_decide(make_engine: MakeEngine) -> None:
    assert quoted(make_engine(opening=1.0)) == [0]
    assert quoted(make_engine(closing=1.0)) == [5]


def test_word_weights_decide(make_engine: MakeEngine) -> None:
    likely = WordWeights(
        constant=-6.0, prior=1.0, count=0, sentences=0, opening=0, place=0, function=0, function_count=0,
        note=0, score=0,
    )  # fmt: skip
    lexicon = LEXICON.__class__(priors={"again": 9.0}, names=frozenset(), nouns=frozenset())
    assert quoted(make_engine(lexicon, words=likely)) == [1]


def test_fillers_are_not_quoted_even_in_the_best_position(make_engine: MakeEngine) -> None:
    entry = note("Um, so, yeah.", *(segment.text for segment in DAY.segments))
    summary = make_engine(opening=1.0).summarize([entry], max_sentences=1)
    assert summary.quotes[0].text == DAY.segments[0].text


def test_a_note_of_only_fillers_is_quoted_unchanged(engine: ExtractiveEngine) -> None:
    assert engine.summarize([note("Um, yeah.")]).quotes[0].text == "Um, yeah."


@pytest.mark.parametrize("text", ["Rain.", "rain", "I was sad."])
def test_one_sentence_is_its_own_summary(engine: ExtractiveEngine, text: str) -> None:
    assert [quote.text for quote in engine.summarize([note(text)]).quotes] == [text]


def test_a_very_short_note_is_its_own_summary(engine: ExtractiveEngine) -> None:
    entry = note("I was sad.", "The train was late.")
    assert engine.summarize([entry]).text == "I was sad. The train was late."


def test_a_short_note_still_respects_the_sentence_limit(engine: ExtractiveEngine) -> None:
    assert len(engine.summarize([note("I was sad.", "The train.")], max_sentences=1).quotes) == 1


def test_the_summary_is_tidied_and_the_quotes_are_verbatim(engine: ExtractiveEngine) -> None:
    summary = engine.summarize([note("um so I I was sad and uh I cried")])
    assert summary.text == "I was sad and I cried."
    assert summary.quotes[0].text == "um so I I was sad and uh I cried"


def test_quotes_have_emotions(engine: ExtractiveEngine) -> None:
    summary = engine.summarize([DAY], max_sentences=6)
    emotions = {quote.segment: [score.emotion for score in quote.emotions] for quote in summary.quotes}
    assert emotions[2] == ["sadness"]


def test_the_emotion_stages_scores_are_used(engine: ExtractiveEngine) -> None:
    scores = (EmotionScore(emotion="pride", confidence=0.9),)
    arc = Arc(points=tuple(ArcPoint(segment=index, emotions=scores, sentiment=0.5) for index in range(6)))
    summary = engine.summarize([DAY.__class__(DAY.segments, arc)])
    assert all(quote.emotions == scores for quote in summary.quotes)


def test_a_digest_states_the_entry_of_each_quote(engine: ExtractiveEngine) -> None:
    other = note("The table was happy.", "Glad rain on the glad train.", "Glad, happy, glad and happy.")
    summary = engine.summarize([DAY, other, DAY], max_sentences=3)
    assert [quote.entry for quote in summary.quotes] == sorted(quote.entry or 0 for quote in summary.quotes)
    for quote in summary.quotes:
        assert quote.text == (DAY, other, DAY)[quote.entry or 0].segments[quote.segment].text
    assert engine.summarize([DAY]).quotes[0].entry is None


def test_no_entry_dominates_a_digest(make_engine: MakeEngine) -> None:
    engine = make_engine(emotion=5.0)
    neutral = note(*["The table was the table at the table."] * 5)
    emotional = note(*[f"I was sad and cried in the rain {word}." for word in "abcdef"])
    entries = [quote.entry for quote in engine.summarize([neutral, emotional], max_sentences=4).quotes]
    assert entries.count(1) <= 3


def test_progress_is_reported_for_every_entry(engine: ExtractiveEngine) -> None:
    shares: list[float] = []
    engine.summarize([DAY, DAY], progress=shares.append)
    assert shares == [0.5, 1.0]


def test_the_engine_has_a_default_number_of_sentences(engine: ExtractiveEngine) -> None:
    assert len(engine.summarize([DAY]).quotes) <= engine.max_sentences == 3


def test_more_sentences_may_have_more_words(make_engine: MakeEngine) -> None:
    engine = make_engine(max_sentence_words=8, opening=1.0, closing=1.0)
    entry = note(*[f"The rain was on table {word} again." for word in "abcdefghi"])
    counts = [len(engine.summarize([entry], max_sentences=count).quotes) for count in (1, 3, 6)]
    assert counts[0] == 1
    assert counts == sorted(counts)


def test_the_same_note_gets_the_same_summary(engine: ExtractiveEngine) -> None:
    assert engine.summarize([DAY]) == engine.summarize([DAY])


def test_the_summary_names_its_engine_and_its_style(engine: ExtractiveEngine) -> None:
    summary = engine.summarize([DAY])
    assert (summary.engine, summary.style, summary.fallback_reason) == (engine.name, Style.EXTRACT, None)
    assert engine.version == "0.0.1"


def test_an_engine_without_its_weights_is_rejected(tmp_path: Path, tiny_encoder: Path) -> None:
    with pytest.raises(ArtifactError, match=r"config\.json is missing"):
        ExtractiveEngine.load(tmp_path, tiny_encoder)


def test_weights_of_another_encoder_are_rejected(make_engine: MakeEngine) -> None:
    wide = SentenceWeights(
        features=dict.fromkeys(make_engine()._config.sentences.features, 0.0), emotions=(0.0,), embedding=()
    )
    with pytest.raises(ArtifactError, match="was not made for"):
        make_engine(sentences=wide)


def test_the_shipped_engine_can_be_loaded_with_the_shipped_encoder(shipped_models: Path) -> None:
    engine = ExtractiveEngine.load(shipped_models / "extractive-summarizer", shipped_models / "text-encoder")
    assert engine.name == "extractive-summarizer"
    assert 1 <= len(engine.summarize([DAY]).quotes) <= 3
    assert load_encoder(shipped_models / "text-encoder").config.name == "text-encoder"
