"""Text noise that is typical of real journals; for augmentation and robustness tests.

The same text, kind, strength and generator state produce the same result. Words in square brackets are the
data set's masks (``[NAME]``), which nobody typed: they stay unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

import numpy as np

from build.data import asr_noise

_WORD = re.compile(r"\[[A-Z]+\]|[^\W\d_]+(?:['’][^\W\d_]+)*")
_TOKEN = re.compile(r"\S+")
_PUNCTUATION = re.compile(r"['’](?=\w)|[^\w\s\[\]'’]+")
_WORD_JOINERS = frozenset("-–—/")
_INSERTIONS = (".", ",", "!", "?", "...", "!!", ";", " -")
_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Noise(StrEnum):
    """The kinds of noise."""

    TYPOS = "typos"
    PUNCTUATION = "punctuation"
    CASING = "casing"
    WORD_ORDER = "word_order"
    SPEECH = "speech"


def distort(text: str, kind: Noise, strength: float, random: np.random.Generator) -> str:
    """Add noise to ``text``; ``strength`` (0 to 1) is the expected share of changed words or marks.

    Strength 0 returns the text unchanged. So does noise that would leave no letter or digit: no text is ever
    lost.
    """
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength {strength} is not between 0 and 1")
    if strength == 0.0:
        return text
    distorted = _DISTORTIONS[kind](text, strength, random)
    return distorted if any(map(str.isalnum, distorted)) else text


def _typos(text: str, strength: float, random: np.random.Generator) -> str:
    """One typo in each affected word: an adjacent key, two letters swapped, one letter missing or doubled."""
    return _change_some(_WORD, text, strength, random, _add_typo)


def _add_typo(word: str, random: np.random.Generator) -> str:
    if len(word) < 2 or word[0] == "[":
        return word
    index, kind = int(random.integers(len(word))), int(random.integers(4))
    if kind == 0:
        return word[:index] + _adjacent_key(word[index], random) + word[index + 1 :]
    if kind == 1:
        index = min(index, len(word) - 2)
        return word[:index] + word[index + 1] + word[index] + word[index + 2 :]
    return word[:index] + word[index + 1 :] if kind == 2 else word[: index + 1] + word[index:]


def _adjacent_key(letter: str, random: np.random.Generator) -> str:
    keys = _ADJACENT_KEYS.get(letter.lower())
    if keys is None:
        return letter
    typed = keys[int(random.integers(len(keys)))]
    return typed.upper() if letter.isupper() else typed


def _adjacent_keys() -> dict[str, str]:
    """Keys beside, above and below each key of a QWERTY keyboard (each row is offset by half a key)."""
    positions = {
        key: (row, 2 * index + row)
        for row, keys in enumerate(_KEYBOARD_ROWS)
        for index, key in enumerate(keys)
    }
    return {
        key: "".join(
            other
            for other, (other_row, other_column) in positions.items()
            if other != key
            and abs(other_row - row) <= 1
            and abs(other_column - column) <= 2 - abs(other_row - row)
        )
        for key, (row, column) in positions.items()
    }


_ADJACENT_KEYS = _adjacent_keys()


def _punctuation(text: str, strength: float, random: np.random.Generator) -> str:
    """Marks removed or repeated, and occasionally one added after a word that has none."""

    def change(marks: str, random: np.random.Generator) -> str:
        if marks in "'’" or random.random() < 0.5:
            return " " if marks in _WORD_JOINERS else ""
        return marks * 2

    def add(word: str, random: np.random.Generator) -> str:
        return word + _INSERTIONS[int(random.integers(len(_INSERTIONS)))] if word[-1].isalnum() else word

    return _change_some(
        _TOKEN, _change_some(_PUNCTUATION, text, strength, random, change), strength / 4, random, add
    )


def _casing(text: str, strength: float, random: np.random.Generator) -> str:
    """One style for the whole text (lower, UPPER, Title or rAnDom), applied to the affected words."""
    style = int(random.integers(4))

    def change(word: str, random: np.random.Generator) -> str:
        if word[0] == "[":
            return word
        if style < 3:
            return (word.lower(), word.upper(), word.capitalize())[style]
        flipped = random.random(len(word)) < 0.5
        return "".join(
            letter.swapcase() if flip else letter for letter, flip in zip(word, flipped, strict=True)
        )

    return _change_some(_WORD, text, strength, random, change)


def _word_order(text: str, strength: float, random: np.random.Generator) -> str:
    """Adjacent words swapped; the white space between them stays."""
    words = _TOKEN.findall(text)
    swapped = random.random(max(0, len(words) - 1)) < strength / 2
    next_free = 0
    for first in np.flatnonzero(swapped):
        if first >= next_free:
            words[first], words[first + 1] = words[first + 1], words[first]
            next_free = int(first) + 2
    remaining = iter(words)
    return _TOKEN.sub(lambda _: next(remaining), text)


def _change_some(
    pattern: re.Pattern[str],
    text: str,
    share: float,
    random: np.random.Generator,
    change: Callable[[str, np.random.Generator], str],
) -> str:
    """``text`` with each match changed with probability ``share``."""
    return pattern.sub(
        lambda match: change(match.group(), random) if random.random() < share else match.group(), text
    )


_DISTORTIONS: dict[Noise, Callable[[str, float, np.random.Generator], str]] = {
    Noise.TYPOS: _typos,
    Noise.PUNCTUATION: _punctuation,
    Noise.CASING: _casing,
    Noise.WORD_ORDER: _word_order,
    Noise.SPEECH: asr_noise.simulate_asr_errors,
}
