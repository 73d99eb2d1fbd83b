"""English is never rejected for being short or informal; other text has a reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.domain.content import EmptyReason
from functions.shared.text.language import detect_language, why_not_understood

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
