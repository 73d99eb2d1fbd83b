"""Words that search compares: without case and accents, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.domain.content import LeftOut, Segment
from functions.shared.text.words import MAX_WORDS, fold, indexed_words, opening, query_words, unembedded_words


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("STRASSE", "Die Straße war leer."),
        ("muller", "Müller kam später."),
        ("Łódź", "Bylismy w Lodzi i w lodz."),
        ("smorrebrod", "Vi spiste smørrebrød i går."),
        ("ISTANBUL", "Yarın İstanbul'a gidiyoruz, istanbul güzel."),
        ("isik", "Işık çok güzeldi."),
        ("ελλαδα", "Πίσω στην Ελλάδα."),
        ("ещё", "Еще один день."),
        ("سلام", "سَلَامٌ عليكم"),
        ("مدرسه", "في المدرسة"),
        ("שלום", "שָׁלוֹם לכולם"),
        ("हूँ", "मैं थक गया हूँ।"),
        ("ｎｏｔｔｅ", "Buona notte"),
        ("上海", "明天要去上海出差。"),
        ("海", "明天要去上海出差。"),
        ("친구", "친구가 왔다."),
        ("ทะเล", "ไปทะเลกับเพื่อน"),
        ("ガラス", "ガラスが割れた"),
    ],
)
def test_a_word_is_found_however_it_is_written(query: str, text: str) -> None:
    words = set(indexed_words(text)) | {word.removeprefix("ال") for word in indexed_words(text)}
    assert set(query_words(query)) <= words


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("カラス", "ガラスが割れた"),
        ("海上", "明天要去上海出差。"),
        ("की", "कु"),
        ("Rom", "Roman"),
        ("東京", "京東"),
    ],
)
def test_other_words_are_not_found(query: str, text: str) -> None:
    assert not set(query_words(query)) <= set(indexed_words(text))


def test_the_longest_word_of_a_query_comes_first() -> None:
    assert query_words("in der Bibliothek") == ("bibliothek", "der", "in")
    assert query_words("… !? 😀") == ()


def test_the_index_has_what_the_embedding_does_not_know() -> None:
    segments = (
        Segment(text="I said 愛 to Zoë."),
        Segment(text="Es war schön.", language="de"),
        Segment(text="[another language]", left_out=LeftOut.UNSUPPORTED_LANGUAGE),
    )
    assert unembedded_words(segments) == ("愛", "es", "war", "schon")


def test_the_index_of_an_entry_is_bounded() -> None:
    text = " ".join(f"wort{number}" for number in range(MAX_WORDS + 5))
    assert len(unembedded_words((Segment(text=text, language="de"),))) == MAX_WORDS


def test_an_opening_is_the_first_words_in_one_line() -> None:
    assert opening("Hallo,\n\n Welt") == "Hallo, Welt"
    text = opening("Langsam wurde es dunkel. " * 20)
    assert text.endswith("…")
    assert len(text) <= 141
    assert opening("今" * 300) == "今" * 140 + "…"


@given(st.text())
def test_folding_again_changes_nothing_and_a_text_has_its_own_words(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert set(query_words(text)) <= set(indexed_words(text))
