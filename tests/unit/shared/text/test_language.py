"""English is never rejected for being short or informal; other text has a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.domain.content import EmptyReason, LeftOut, Segment
from functions.shared.text.language import (
    detect_language,
    main_language,
    why_not_read,
    why_not_understood,
    with_languages,
)

ENGLISH = [
    "ok",
    "lol ok",
    "idk man its just weird af",
    "OMG can't even 😂😂",
    "Amélie and José visited Zürich",
    "Kawhi, Giannis, Luka",
    "i luv u soooo much",
    "𝓘 𝓪𝓶 𝓼𝓸 𝓱𝓪𝓹𝓹𝔂 𝓽𝓸𝓭𝓪𝔂",
    "My abuela said te quiero mucho mi amor before I left for the airport this morning",
    "Today I learned that 愛 means love and I keep thinking about it",
    "see https://example.com/de/ueber-uns and tell me what you think",
]
FOREIGN = {
    "Aujourd'hui je me sens vraiment fatigué, j'ai mal dormi.": "fr",
    "Heute war ein langer Tag im Büro und ich bin müde.": "de",
    "Estoy muy contento porque mi hermano vino a visitarme.": "es",
    "Oggi ho camminato al parco con il cane.": "it",
    "Hoje acordei cedo e fui correr na praia.": "pt",
    "Vandaag was een drukke dag maar ik voel me goed.": "nl",
    "Dzisiaj byłem bardzo zmęczony po pracy.": "pl",
    "Bugün çok yorgunum ama mutluyum.": "tr",
    "Olen tänään todella väsynyt ja surullinen.": "fi",
    "Сегодня я очень устал, но день был хороший.": "ru",
    "أشعر بالحزن اليوم لأن صديقي سافر.": "ar",
    "היום אני מאוד עצוב": "he",
    "今日はとても疲れたけど楽しかった。": "ja",
    "今天我很开心，因为见到了老朋友。": "zh",
    "오늘은 정말 힘든 하루였어요.": "ko",
    "悲しい": "ja",
}
WORDLESS = ["", "   ", "\u200d\ufe0f", "...?!", "12:30, 4/5", "https://example.com/hello", "\ud800"]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_is_understood(text: str) -> None:
    assert why_not_understood(text) is None


@pytest.mark.parametrize("text", FOREIGN)
def test_another_language_is_the_reason(text: str) -> None:
    assert why_not_understood(text) is EmptyReason.UNSUPPORTED_LANGUAGE


@pytest.mark.parametrize(("text", "code"), FOREIGN.items())
def test_the_language_is_detected(text: str, code: str) -> None:
    assert detect_language(text) == code


def test_english_is_detected() -> None:
    assert detect_language("I walked home in the rain and felt better.") == "en"


@pytest.mark.parametrize("text", ["ok", "Amélie", *WORDLESS])
def test_a_short_text_has_no_language(text: str) -> None:
    assert detect_language(text) is None


def test_an_unknown_script_is_undetermined() -> None:
    text = "𐌰𐌱𐌲𐌳 𐌴𐌵𐌶𐌷"
    assert detect_language(text) == "und"
    assert why_not_understood(text) is EmptyReason.UNSUPPORTED_LANGUAGE


@pytest.mark.parametrize("text", WORDLESS)
def test_missing_words_are_the_reason(text: str) -> None:
    assert why_not_understood(text) is EmptyReason.NO_WORDS


def test_emoji_that_say_something_are_words_where_there_are_no_others() -> None:
    assert why_not_understood("😭😭") is None
    assert why_not_understood("heute 😭 nur Regen und Regen und Regen") is EmptyReason.UNSUPPORTED_LANGUAGE


def test_the_supported_languages_can_be_chosen() -> None:
    german = "Heute war ein langer Tag im Büro und ich bin müde."
    assert why_not_understood(german, frozenset({"en", "de"})) is None
    assert why_not_understood("I walked home in the rain.", frozenset({"de"})) is not None


@given(st.text())
def test_any_text_gets_a_valid_result(text: str) -> None:
    assert why_not_understood(text) in {None, EmptyReason.NO_WORDS, EmptyReason.UNSUPPORTED_LANGUAGE}


# -- sentences ------------------------------------------------------------------------------------

DIARY = (
    "So tired.",
    "Amélie and José visited Zürich.",
    "Bad day.",
    "Met Ana in Rio.",
    "No sleep again last night.",
    "He asked me to get milk.",
    "Okay bye, bye bye.",
)


def marked(*sentences: str, spoken: str | None = None) -> list[str | None]:
    segments = with_languages([Segment(text=sentence) for sentence in sentences], spoken)
    return [segment.language for segment in segments]


@pytest.mark.parametrize("text", [*ENGLISH, *DIARY, *WORDLESS, "😭😭"])
def test_a_short_or_informal_sentence_is_english(text: str) -> None:
    assert marked(text) == [None]


def test_english_stays_english_beside_another_language() -> None:
    french = "Nous avons mangé une crêpe au chocolat devant la cathédrale."
    assert marked(*DIARY, french, *DIARY) == [None] * 7 + ["fr"] + [None] * 7


@pytest.mark.parametrize(("text", "code"), [(text, code) for text, code in FOREIGN.items() if len(text) > 25])
def test_a_sentence_has_its_language_alone_and_amid_english(text: str, code: str) -> None:
    assert marked(text) == [code]
    english = "I walked home in the rain and felt much better after that."
    assert marked(english, text, english) == [None, code, None]


def test_unsure_sentences_are_in_the_language_of_the_others() -> None:
    sentences = ("Ich bin so müde und will nur noch schlafen.", "Mama hat angerufen.", "12:30", "Ja, ja.")
    assert marked(*sentences) == ["de"] * 4
    assert marked("Mama hat angerufen.") == [None]
    assert marked("Mama hat angerufen.", spoken="de") == ["de"]
    assert marked("So tired.", spoken="en") == [None]


def test_english_sentences_of_another_language_are_still_english() -> None:
    german = "Am Abend haben wir zusammen Pizza gegessen und einen Film gesehen."
    assert marked(german, german, "I am so tired of all this.", spoken="de") == ["de", "de", None]


def test_what_was_left_out_and_what_is_known_stays_as_it_is() -> None:
    left_out = Segment(text="[another language]", left_out=LeftOut.UNSUPPORTED_LANGUAGE)
    known = Segment(text="Good morning, everybody, how are you?", language="cy")
    assert with_languages([left_out, known]) == (left_out, known)


def test_an_entry_is_read_if_one_sentence_is() -> None:
    german = Segment(text="Heute war ein langer Tag.", language="de")
    assert why_not_read([german]) is EmptyReason.UNSUPPORTED_LANGUAGE
    assert why_not_read([german, Segment(text="12:30")]) is EmptyReason.UNSUPPORTED_LANGUAGE
    assert why_not_read([german, Segment(text="Good night.")]) is None
    assert why_not_read([Segment(text="12:30")]) is EmptyReason.NO_WORDS
    assert why_not_read([Segment(text="😭😭")]) is None
    assert why_not_read([]) is EmptyReason.NO_WORDS


def test_the_main_language_is_that_of_most_of_an_entry() -> None:
    german = Segment(text="Heute war ein wirklich langer Tag im Büro.", language="de")
    english = Segment(text="I walked home in the rain.")
    assert main_language([german, Segment(text="Good night.")]) == "de"
    assert main_language([german, english, english, english]) == "en"
    assert main_language([Segment(text="ok")]) is None
    assert main_language([Segment(text="ok")], spoken="en") == "en"
