"""Emoji and emoticons are read as words; everything else is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.text.emoji import in_words

SAID = {
    "The flat is ours 🎊": "The flat is ours, yay, celebrating",
    "All good 🙃 he says": "All good, sarcastic smile, he says",
    "He moved out. 💔": "He moved out. heartbroken",
    "😭😭 😭": "crying",
    "😡💔": "angry, heartbroken",
    "Tea 🍵, then bed": "Tea, teacup without handle, then bed",
    "ok:) bye": "ok, happy, bye",
    "I passed :D!": "I passed, laughing!",
    "miss you <3": "miss you, love",
    "alone again :'(": "alone again, crying",
    "(he forgot :( )": "(he forgot, sad )",
    "👩🏽‍⚕️ was kind": "woman health worker, was kind",
    "🤦🏾‍♂️": "frustrated",
    "👍🏿 👍🏻": "good",
    "❤️‍🩹 slowly": "healing heart, slowly",
    "☹️ and ☹": "sad, and, sad",
}


@pytest.mark.parametrize("text", SAID)
def test_emoji_and_emoticons_are_said_in_words(text: str) -> None:
    assert in_words(text) == SAID[text]


@pytest.mark.parametrize(
    "text",
    [
        "Plain: words; and x = 5.",
        "See http://a.example/b or (this): that",
        "At 10:30, ratio 3:0, 5 < 6, a/b",
        "Crème brûlée — “très” bon… ✓ ™",
        "今日は楽しかった",
        "",
        " two  spaces\n",
    ],
)
def test_other_text_is_unchanged(text: str) -> None:
    assert in_words(text) == text


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(in_words(text), str)


@given(st.lists(st.sampled_from(["rain", "I", "slept", "😂", ":(", "🏽", "\u200d", "\ufe0f"]), max_size=30))
def test_no_word_is_lost(pieces: list[str]) -> None:
    said = in_words(" ".join(pieces)).replace(",", " ").split()
    assert all(said.count(word) >= pieces.count(word) for word in ("rain", "I", "slept"))


@pytest.mark.parametrize("unit", ["😂", "😂 ", ":) ", "a:)", ":", "\u200d😂", "😂\u200d", "-_-", "<", "🇰"])
def test_time_is_linear_in_the_length(unit: str) -> None:
    text = (unit * 20_000)[:20_000]
    started = time.process_time()
    in_words(text)
    assert time.process_time() - started < 1.5
