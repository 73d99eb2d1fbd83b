"""Extracts of entries that a journal reader has read quote the core, and nothing silly."""

from __future__ import annotations

import pytest

from functions.shared.domain.content import Arc, Segment, Word
from functions.summarization.engine import Text
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.extracts.quoting import without_empty_edges
from tests.unit.summarization.conftest import MakeEngine, note, read

EVENING = note(
    "Right, so this is going to be a long one.",
    "The bus left the depot at ten past six.",
    "My son waved at me from the window of the school.",
    "We had soup for dinner, the green one.",
    "I stood in the road and cried because he looked happy.",
    "Then I brushed my teeth.",
    "He has a friend now.",
)
CORE = (0.1, 0.1, 0.6, 0.1, 0.9, 0.1, 0.8)


@pytest.fixture
def engine(make_engine: MakeEngine) -> ExtractiveEngine:
    return make_engine(opening=1.0)


def quoted(engine: ExtractiveEngine, text: Text, *, limit: int = 3) -> list[int]:
    return [quote.segment for quote in engine.summarize([text], max_sentences=limit).quotes]


def test_the_core_is_quoted_in_order(engine: ExtractiveEngine) -> None:
    assert quoted(engine, read(EVENING, CORE)) == [2, 4, 6]
    assert quoted(engine, read(EVENING, CORE), limit=1) == [4]


def test_the_end_of_a_long_entry_counts(engine: ExtractiveEngine) -> None:
    entry = note(*[f"The {word} train was at the table." for word in "abcdefghijklmnopqrst"], "I cried.")
    assert quoted(engine, read(entry, [0.1] * 20 + [0.9])) == [20]


def test_a_sentence_that_is_hardly_core_is_not_quoted_to_fill_up(engine: ExtractiveEngine) -> None:
    assert quoted(engine, read(EVENING, (0.1, 0.1, 0.3, 0.1, 0.9, 0.1, 0.44))) == [4]


def test_a_sentence_to_avoid_is_not_quoted_though_it_is_of_the_core(engine: ExtractiveEngine) -> None:
    avoid = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6)
    assert quoted(engine, read(EVENING, CORE, avoid)) == [2, 4]


def test_something_is_quoted_though_all_is_to_be_avoided(engine: ExtractiveEngine) -> None:
    assert quoted(engine, read(EVENING, CORE, [0.9] * 7)) == [2, 4, 6]


def test_what_has_been_quoted_is_not_quoted_again_in_other_words(engine: ExtractiveEngine) -> None:
    entry = note(
        "My sister forgot my birthday again.",
        "The kettle is on.",
        "Again she forgot my birthday, my own sister.",
        "I bought a cake.",
        "I ate all of it alone on the stairs.",
    )
    assert quoted(engine, read(entry, (0.8, 0.1, 0.9, 0.1, 0.7))) == [2, 4]


def test_quotes_have_about_sixty_words_at_most(engine: ExtractiveEngine) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    long = [" ".join(f"{word}{letter}" for letter in letters) for word in ("happy", "sad", "glad")]
    values = (0.9, 0.8, 0.85, 0.7, 0.0)
    summary = engine.summarize([read(note(*long, "I cried.", "The table."), values)])
    assert 3 in [quote.segment for quote in summary.quotes]
    assert 26 < len(summary.text.split()) <= 60


def test_one_long_sentence_is_quoted_whole(engine: ExtractiveEngine) -> None:
    long = " ".join(["and on"] * 40)
    assert quoted(engine, read(note("Hello there.", f"It went on {long}.", "Bye."), (0.0, 1.0, 0.0))) == [1]


def test_a_short_entry_is_its_own_summary_without_meta_talk(engine: ExtractiveEngine) -> None:
    entry = note("Testing, is this on?", "I was sad.", "I cried.")
    assert quoted(engine, read(entry, (0.1, 0.4, 0.9), (0.9, 0.1, 0.0))) == [1, 2]
    assert quoted(engine, entry) == [0, 1, 2]


def test_without_the_readers_scores_informative_sentences_are_quoted(engine: ExtractiveEngine) -> None:
    half_read = Text(EVENING.segments, Arc(points=read(EVENING, CORE).arc.points[:4]))  # type: ignore[union-attr]
    without = quoted(engine, EVENING, limit=1)
    assert without == quoted(engine, half_read, limit=1) == [0]


def test_no_entry_dominates_a_digest_of_cores(engine: ExtractiveEngine) -> None:
    first = read(EVENING, (0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.5))
    second = read(note("I cried.", "My cat ate.", "Rain fell.", "Maria won.", "We left."), [0.9] * 5)
    quotes = engine.summarize([first, second], max_sentences=4).quotes
    assert [quote.entry for quote in quotes] == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("spoken", "quoted"),
    [
        ("um so yeah I told him I was leaving and um", "I told him I was leaving"),
        ("okay anyway, she never called me back, you know", "she never called me back"),
        ("and I just sat in the car because", "I just sat in the car"),
        ("So that was that.", "So that was that."),
        ("I like to swim, but I hate to run.", "I like to swim, but I hate to run."),
        ("So, so, so. Well.", "So, so, so. Well."),
    ],
)
def test_a_quote_leaves_out_fillers_at_its_edges(spoken: str, quoted: str) -> None:
    assert without_empty_edges(Segment(text=spoken)).text == quoted


def test_a_quote_lies_where_its_words_are_spoken() -> None:
    spoken = "um so I got the job and"
    words = tuple(
        Word(text=word, start=index * 0.5, end=index * 0.5 + 0.4) for index, word in enumerate(spoken.split())
    )
    part = without_empty_edges(Segment(text=spoken, start=0.0, end=3.5, words=words))
    assert part == ("I got the job", 1.0, 2.9)


def test_a_quote_has_its_segments_times_if_its_words_have_none() -> None:
    part = without_empty_edges(Segment(text="um so I got the job and", start=1.0, end=4.0))
    assert part == ("I got the job", 1.0, 4.0)


def test_only_quotes_of_the_core_are_cut(engine: ExtractiveEngine) -> None:
    entry = note("um so I was sad and uh I cried")
    assert engine.summarize([entry]).quotes[0].text == entry.segments[0].text
    assert engine.summarize([read(entry, [0.9])]).quotes[0].text == "I was sad and uh I cried"
