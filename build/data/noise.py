"""The ways in which real journals differ from clean text; for augmentation and for measuring robustness.

The same text, kind, strength and generator state give the same result. Words in square brackets stay as they
are: they are the data set's masks (``[NAME]``), nobody wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

import numpy as np

from build.data import asr_noise

_WORD = re.compile(r"\[[A-Z]+\]|[^\W\d_]+(?:['’][^\W\d_]+)*")
_TOKEN = re.compile(r"\S+")
_MARKS = re.compile(r"['’](?=\w)|[^\w\s\[\]'’]+")
_JOINS = frozenset("-–—/")
_ADDED = (".", ",", "!", "?", "...", "!!", ";", " -")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Noise(StrEnum):
    """The kinds of noise."""

    TYPOS = "typos"
    PUNCTUATION = "punctuation"
    CASING = "casing"
    WORD_ORDER = "word_order"
    SPEECH = "speech"


def distort(text: str, kind: Noise, strength: float, random: np.random.Generator) -> str:
    """``text`` with noise; ``strength`` (0 to 1) is the expected share of words or marks touched.

    Strength 0 returns the text as it stands, and a text that noise would leave without a letter or digit
    comes back as it stands, so that no text is ever lost.
    """
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength {strength} is not within 0 and 1")
    if strength == 0.0:
        return text
    distorted = _DISTORTIONS[kind](text, strength, random)
    return distorted if any(map(str.isalnum, distorted)) else text


def _typos(text: str, strength: float, random: np.random.Generator) -> str:
    """One slip in each touched word: a neighbouring key, two letters swapped, one missing or doubled."""
    return _each(_WORD, text, strength, random, _mistype)


def _mistype(word: str, random: np.random.Generator) -> str:
    if len(word) < 2 or word[0] == "[":
        return word
    at, slip = int(random.integers(len(word))), int(random.integers(4))
    if slip == 0:
        return word[:at] + _neighbour(word[at], random) + word[at + 1 :]
    if slip == 1:
        at = min(at, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if slip == 2 else word[: at + 1] + word[at:]


def _neighbour(letter: str, random: np.random.Generator) -> str:
    near = _NEIGHBOURS.get(letter.lower())
    if near is None:
        return letter
    typed = near[int(random.integers(len(near)))]
    return typed.upper() if letter.isupper() else typed


def _neighbours() -> dict[str, str]:
    """Keys beside, above and below each key of a QWERTY keyboard (each row half a key to the right)."""
    places = {key: (row, 2 * at + row) for row, keys in enumerate(_ROWS) for at, key in enumerate(keys)}
    return {
        key: "".join(
            other
            for other, (down, across) in places.items()
            if other != key and abs(down - row) <= 1 and abs(across - column) <= 2 - abs(down - row)
        )
        for key, (row, column) in places.items()
    }


_NEIGHBOURS = _neighbours()


def _punctuation(text: str, strength: float, random: np.random.Generator) -> str:
    """Marks removed or repeated, and here and there one added behind a word that has none."""

    def change(marks: str, random: np.random.Generator) -> str:
        if marks in "'’" or random.random() < 0.5:
            return " " if marks in _JOINS else ""
        return marks * 2

    def add(word: str, random: np.random.Generator) -> str:
        return word + _ADDED[int(random.integers(len(_ADDED)))] if word[-1].isalnum() else word

    return _each(_TOKEN, _each(_MARKS, text, strength, random, change), strength / 4, random, add)


def _casing(text: str, strength: float, random: np.random.Generator) -> str:
    """One habit for the whole text (lower, UPPER, Title or rAnDom), shown by the touched words."""
    habit = int(random.integers(4))

    def change(word: str, random: np.random.Generator) -> str:
        if word[0] == "[":
            return word
        if habit < 3:
            return (word.lower(), word.upper(), word.capitalize())[habit]
        flipped = random.random(len(word)) < 0.5
        return "".join(
            letter.swapcase() if flip else letter for letter, flip in zip(word, flipped, strict=True)
        )

    return _each(_WORD, text, strength, random, change)


def _word_order(text: str, strength: float, random: np.random.Generator) -> str:
    """Neighbouring words swapped; the white space between them stays."""
    words = _TOKEN.findall(text)
    swapped = random.random(max(0, len(words) - 1)) < strength / 2
    at = 0
    for first in np.flatnonzero(swapped):
        if first >= at:
            words[first], words[first + 1] = words[first + 1], words[first]
            at = int(first) + 2
    following = iter(words)
    return _TOKEN.sub(lambda _: next(following), text)


def _each(
    pattern: re.Pattern[str],
    text: str,
    share: float,
    random: np.random.Generator,
    change: Callable[[str, np.random.Generator], str],
) -> str:
    """``text`` with each match changed with probability ``share``."""
    return pattern.sub(
        lambda found: change(found.group(), random) if random.random() < share else found.group(), text
    )


_DISTORTIONS: dict[Noise, Callable[[str, float, np.random.Generator], str]] = {
    Noise.TYPOS: _typos,
    Noise.PUNCTUATION: _punctuation,
    Noise.CASING: _casing,
    Noise.WORD_ORDER: _word_order,
    Noise.SPEECH: asr_noise.mishear,
}
