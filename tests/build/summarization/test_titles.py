"""The scorer of titles learns from readers' titles which phrases people use."""

from __future__ import annotations

from collections import Counter

import pytest

pytestmark = pytest.mark.build
pytest.importorskip("sklearn", exc_type=ImportError)

from build.data.journal.entries import Entry  # noqa: E402
from build.data.journal.labels import Labels  # noqa: E402
from build.summarization.config import Titles  # noqa: E402
from build.summarization.titles.fitting import fit, resemblance  # noqa: E402
from functions.summarization.titles.title import CoreSentence, make_title  # noqa: E402
from functions.summarization.wording.words import words  # noqa: E402

NOUNS = frozenset({"boat", "lamp", "bread", "shed", "road", "window"})
SETTINGS = Titles(min_count=2, least=0.1)


def entry(name: str, thing: str) -> Entry:
    """An entry of one sentence, titled by its second clause."""
    sentence = f"the {thing} was by the old window, and I sold the {thing}, and it rained on the road"
    labels = Labels(
        primary="joy", also=(), valence=1, feelings=("happy",), topics=(), core=(0,), avoid=(),
        title=f"I sold the {thing}", summary=f"I sold the {thing}.", concern=False, emotions=(("joy",),),
    )  # fmt: skip
    return Entry(name, "written", (sentence,), labels)


ENTRIES = [entry(f"a{number}", thing) for number in range(5) for thing in ("boat", "lamp", "bread", "shed")]


def test_the_phrase_that_people_would_use_is_the_title() -> None:
    weights = fit(ENTRIES, NOUNS, SETTINGS)
    sentence = "The bus was on the wet road, and I sold the piano, and it rained all day"
    assert (
        make_title([CoreSentence(sentence, 0.0)], Counter(words(sentence)), NOUNS, weights)
        == "I sold the piano"
    )


def test_fitting_is_repeatable_and_keeps_frequent_features_only() -> None:
    assert fit(ENTRIES, NOUNS, SETTINGS) == fit(ENTRIES, NOUNS, SETTINGS)
    frequent = fit(ENTRIES, NOUNS, Titles(min_count=20)).features
    assert "word sold" in frequent
    assert "word boat" not in frequent


@pytest.mark.parametrize(
    ("phrase", "title", "alike"),
    [
        ("i sold the boat", "I sold the boat", 1.0),
        ("selling boats", "Sell the boat", 0.89),
        ("it was the", "It was the lamp", 0.0),
        ("a lamp", "The boat", 0.0),
    ],
)
def test_phrases_resemble_titles_by_the_stems_that_they_share(phrase: str, title: str, alike: float) -> None:
    assert resemblance(words(phrase), words(title)) == pytest.approx(alike, abs=0.01)
