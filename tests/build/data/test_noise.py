"""Noise is reproducible, proportional to its strength, and never loses a text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.build
pytest.importorskip("inflect", exc_type=ImportError)

from build.data import asr_noise  # noqa: E402
from build.data.noise import Noise, distort  # noqa: E402

TEXT = "I met [NAME] at the park today, and honestly? We didn't want to leave; it was SO good!"
KINDS = st.sampled_from(list(Noise))
STRENGTHS = st.floats(0.0, 1.0)
SEEDS = st.integers(0, 2**32)


def noisy(text: str, kind: Noise, strength: float, seed: int = 0) -> str:
    return distort(text, kind, strength, np.random.default_rng(seed))


@given(st.text(max_size=80), KINDS, STRENGTHS, SEEDS)
def test_same_generator_state_gives_the_same_noise(
    text: str, kind: Noise, strength: float, seed: int
) -> None:
    assert noisy(text, kind, strength, seed) == noisy(text, kind, strength, seed)


@given(st.text(max_size=80), KINDS, STRENGTHS, SEEDS)
def test_noise_leaves_a_letter_or_digit(text: str, kind: Noise, strength: float, seed: int) -> None:
    distorted = noisy(text, kind, strength, seed)
    assert any(map(str.isalnum, distorted)) or distorted == text


@given(st.text(max_size=80), KINDS, SEEDS)
def test_strength_zero_changes_nothing(text: str, kind: Noise, seed: int) -> None:
    assert noisy(text, kind, 0.0, seed) == text


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_strength_must_be_between_0_and_1(strength: float) -> None:
    with pytest.raises(ValueError, match="strength"):
        noisy(TEXT, Noise.TYPOS, strength)


@given(KINDS, STRENGTHS, SEEDS)
def test_masks_stay_unchanged(kind: Noise, strength: float, seed: int) -> None:
    assert "[NAME]" in noisy(TEXT, kind, strength, seed)


@pytest.mark.parametrize("kind", list(Noise))
def test_every_kind_changes_a_text_at_full_strength(kind: Noise) -> None:
    assert len({noisy(TEXT, kind, 1.0, seed) for seed in range(20)} - {TEXT}) > 1


@pytest.mark.parametrize("strength", [0.1, 0.5])
def test_share_of_words_with_typos_is_the_strength(strength: float) -> None:
    text = " ".join(["wonderful"] * 2000)
    touched = np.mean([word != "wonderful" for word in noisy(text, Noise.TYPOS, strength).split(" ")])
    assert touched == pytest.approx(strength, abs=0.04)


@given(SEEDS)
def test_a_typo_changes_one_or_two_letters(seed: int) -> None:
    typed = noisy("wonderful", Noise.TYPOS, 1.0, seed)
    assert abs(len(typed) - len("wonderful")) <= 1
    assert len(set("wonderful") - set(typed)) <= 1


def test_mistyped_key_is_adjacent() -> None:
    typed = {noisy("aa", Noise.TYPOS, 1.0, seed) for seed in range(200)}
    assert typed <= {"aa", "a", "aaa"} | {f"a{key}" for key in "qwsz"} | {f"{key}a" for key in "qwsz"}
    assert len(typed) > 5


@given(st.text(max_size=80), STRENGTHS, SEEDS)
def test_casing_changes_only_case(text: str, strength: float, seed: int) -> None:
    assert noisy(text, Noise.CASING, strength, seed).casefold() == text.casefold()


def test_casing_has_four_styles() -> None:
    results = {noisy("Some Words here", Noise.CASING, 1.0, seed) for seed in range(60)}
    assert {"some words here", "SOME WORDS HERE", "Some Words Here"} <= results
    assert len(results) > 4


@given(st.text(max_size=80), STRENGTHS, SEEDS)
def test_word_order_keeps_every_word(text: str, strength: float, seed: int) -> None:
    assert sorted(noisy(text, Noise.WORD_ORDER, strength, seed).split()) == sorted(text.split())


@given(SEEDS)
def test_words_move_by_at_most_one_place(seed: int) -> None:
    words = [str(number) for number in range(30)]
    moved = noisy(" ".join(words), Noise.WORD_ORDER, 1.0, seed).split()
    assert all(abs(moved.index(word) - place) <= 1 for place, word in enumerate(words))


@given(st.text(max_size=80), STRENGTHS, SEEDS)
def test_punctuation_keeps_letters_and_digits(text: str, strength: float, seed: int) -> None:
    distorted = noisy(text, Noise.PUNCTUATION, strength, seed)
    assert [mark for mark in distorted if mark.isalnum()] == [mark for mark in text if mark.isalnum()]


def test_punctuation_is_removed_repeated_and_added() -> None:
    results = {noisy("well, good", Noise.PUNCTUATION, 1.0, seed) for seed in range(60)}
    assert any("," not in text for text in results)
    assert any(",," in text for text in results)
    assert any(not text.endswith("good") for text in results)


def test_removed_word_joiner_leaves_a_space() -> None:
    results = {noisy("and/or don't", Noise.PUNCTUATION, 1.0, seed) for seed in range(60)}
    assert any(text.startswith("and or dont") for text in results)
    assert not any("andor" in text for text in results)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("It's 7:30, I've 2 cats!", "it's seven thirty i've two cats"),
        ("On the 3rd of May 1999…", "on the third of may nineteen ninety nine"),
        ("1,200 steps; 3.5 km", "one thousand two hundred steps three point five km"),
        ("I don’t KNOW, [NAME].", "i don't know [NAME]"),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_spoken_words_have_no_punctuation_capitals_or_digits(written: str, spoken: str) -> None:
    assert " ".join(asr_noise.spoken_words(written)) == spoken


@given(st.text("abcdefghij KLM.,!?'0123456789", max_size=60), STRENGTHS, SEEDS)
def test_transcript_is_lower_case(text: str, strength: float, seed: int) -> None:
    assert re.fullmatch(
        r"[a-z0-9' ]*", asr_noise.simulate_asr_errors(text, strength, np.random.default_rng(seed))
    )


def test_asr_errors_are_homophones_or_short_words() -> None:
    transcripts = {noisy("they knew their way here", Noise.SPEECH, 0.3, seed) for seed in range(300)}
    words = set(" ".join(transcripts).split())
    assert {"new", "there", "hear", "weigh", "um"} <= words


@pytest.mark.parametrize("word", ["not", "never", "no", "don't", "can't", "without"])
def test_negations_are_never_changed(word: str) -> None:
    transcripts = [
        asr_noise.simulate_asr_errors(f"was {word} sad", 1.0, np.random.default_rng(seed))
        for seed in range(300)
    ]
    assert all(word in text.split() for text in transcripts)


def test_share_of_asr_errors_is_the_strength() -> None:
    text = " ".join(["wonderful"] * 2000)
    left = noisy(text, Noise.SPEECH, 0.2).split().count("wonderful") / 2000
    assert left == pytest.approx(0.8, abs=0.05)
