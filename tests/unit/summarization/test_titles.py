"""Titles are phrases that can stand alone; there is none rather than a silly one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.summarization.extracts.config import Lexicon
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.titles.phrases import MAX_WORDS, phrases
from functions.summarization.titles.title import CoreSentence, TitleWeights, make_title
from functions.summarization.wording.words import words
from tests.unit.summarization.conftest import LEXICON, MakeEngine, note, read

NOUNS = frozenset({"lake", "birthday", "soup", "garden", "letter", "shed"})
ANY = TitleWeights(constant=0.0, least=0.5, features={})


def texts(sentence: str) -> set[str]:
    return {phrase.text for phrase in phrases(sentence, NOUNS)}


def title(*sentences: str, weights: TitleWeights = ANY, rest: str = "") -> str | None:
    counts = Counter(words(" ".join((*sentences, rest))))
    return make_title([CoreSentence(text, 0.5) for text in sentences], counts, NOUNS, weights)


def preferring(*features: str, least: float = 0.5) -> TitleWeights:
    return TitleWeights(constant=-2.0, least=least, features=dict.fromkeys(features, 4.0))


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("She kept the letter, all these years.", "She kept the letter"),
        ("and then I sold the boat and went home", "I sold the boat"),
        ("Not today, bench.", "Not today, bench"),
        ("We ate in the frozen garden shed.", "the frozen garden shed"),
        ("I rang Dr. Okafor back", "I rang Dr. Okafor back"),
    ],
)
def test_a_phrase_is_a_clause_or_a_noun_phrase(sentence: str, phrase: str) -> None:
    assert phrase in texts(sentence)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("I would leave if she asked me.", "I would leave"),
        ("I never said I hate the garden.", "I hate the garden"),
        ("He was looking at the lake house.", "the lake"),
        ("I rang Dr. Okafor back", "Okafor back"),
        ("The dog which bit me ran off.", "which bit me"),
        ("um I I was so tired", "I I was so tired"),
        ("Do you want soup or not", "Do you want soup"),
        ("It was it was so cold", "It was it was so cold"),
        ('He said "worth it" and left.', 'He said "worth it" and left'),
        ("I was there.", "I was there"),
        ("She sang like my mother sang", "my mother sang"),
    ],
)
def test_what_cannot_stand_alone_is_no_phrase(sentence: str, phrase: str) -> None:
    assert phrase not in texts(sentence)


@given(st.text(max_size=80))
def test_phrases_are_parts_of_the_text_and_short(sentence: str) -> None:
    for phrase in phrases(sentence, NOUNS):
        assert phrase.text in sentence
        assert 2 <= len(phrase.words) <= MAX_WORDS


def test_weights_decide() -> None:
    sentences = ("The soup was cold, and I wept in the garden.", "My father sang all night, and we laughed.")
    assert title(*sentences, weights=preferring("word sang")) == "My father sang all night"
    assert title(*sentences, weights=preferring("word soup")) == "The soup was cold"


def test_there_is_no_title_rather_than_an_unlikely_one() -> None:
    assert title("The soup was cold, and I wept.", weights=preferring("word sang")) is None
    assert title("Um, yeah.") is None


def test_a_title_does_not_repeat_the_whole_entry() -> None:
    assert title("The soup was cold.") is None
    assert title("The soup was cold.", rest="I wept and went to bed.") == "The soup was cold"


def test_a_title_begins_with_a_capital_and_so_does_the_first_person() -> None:
    weights = preferring("word laughed")
    assert (
        title("my sister and i laughed", weights=weights, rest="we stayed up all night")
        == "My sister and I laughed"
    )


def test_a_title_is_from_the_core_though_it_is_not_quoted(make_engine: MakeEngine) -> None:
    lexicon = Lexicon(priors={}, names=frozenset(), nouns=NOUNS, titles=preferring("word sang"))
    entry = note(
        "My father sang all night.",
        "The train was late.",
        "I cried in the garden.",
        "We ate.",
        "It rained a lot.",
    )
    engine = make_engine(lexicon, opening=1.0)
    assert (
        engine.summarize([read(entry, (0.6, 0.0, 0.9, 0.0, 0.0))], max_sentences=1).title
        == "My father sang all night"
    )
    assert engine.summarize([read(entry, (0.4, 0.0, 0.9, 0.0, 0.0))], max_sentences=1).title is None


def test_without_weights_there_is_no_title(make_engine: MakeEngine) -> None:
    lexicon = Lexicon(priors={}, names=frozenset(), nouns=LEXICON.nouns)
    assert (
        make_engine(lexicon).summarize([note("The train was late.", "I cried in the rain, again.")]).title
        is None
    )


SPOKEN = (
    "okay so I'm in the car park and um I got the job",
    "I got the job and I screamed so loud that a man dropped his shopping",
    "anyway I start in March",
)


def test_the_shipped_weights_prefer_what_happened_to_where(shipped_models: Path) -> None:
    engine = ExtractiveEngine.load(shipped_models / "extractive-summarizer", shipped_models / "text-encoder")
    assert engine.summarize([read(note(*SPOKEN), (0.4, 0.9, 0.1), (0.1, 0.0, 0.2))]).title == "I got the job"
