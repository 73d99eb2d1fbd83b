"""Text as a speech recogniser without punctuation would hand it over, its mistakes included.

Recognisers take words of a similar sound for one another (what they find hardest: Goldwater, Jurafsky and
Manning 2010, https://doi.org/10.1016/j.specom.2009.10.001), lose and invent short words, and miss where one
word ends. ``homophones.txt`` beside this module lists what is taken for what.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

_TOKEN = re.compile(r"\[[A-Z]+\]|\d+(?:[.,]\d+)*(?:st|nd|rd|th)?\b|[^\W\d_]+(?:'[^\W\d_]+)*")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b")
# fmt: off
_SHORT = frozenset((
    "a", "an", "the", "and", "or", "but", "so", "to", "of", "in", "on", "at", "as", "is", "was",
    "be", "been", "am", "are", "it", "its", "i", "i'm", "you", "he", "she", "we", "they", "my",
    "your", "his", "her", "our", "that", "this", "for", "with", "by", "from", "up", "out", "just",
    "do", "did", "has", "had", "have", "would", "will",
))
# fmt: on
"""What a recogniser loses."""
_NEGATION = re.compile(r"no|not|never|nor|none|nothing|nobody|nowhere|without|cannot|\w+n't")
"""What is never misheard here, nor run on to another word: a text would say the opposite."""
_INVENTED = ("um", "uh", "er", "like", "you know", "well", "so", "and", "a", "the", "i", "that", "to", "it")
_ENDINGS = ("s", "ed", "ing", "er", "ly")
_YEAR = re.compile(r"1[1-9]\d\d|20[1-9]\d")


def mishear(text: str, strength: float, random: np.random.Generator) -> str:
    """``text`` in lower case, without marks, numbers spelt; a share of the words, ``strength``, misheard."""
    words = spoken(text)
    touched = random.random(len(words)) < strength
    heard: list[str] = []
    run_on = False
    for at, word in enumerate(words):
        parts, merges = _hear(words, at, random) if touched[at] else ([word], False)
        if run_on and parts:
            heard[-1] += parts.pop(0)
        heard += parts
        run_on = merges and bool(heard)
    return " ".join(heard)


def spoken(text: str) -> list[str]:
    """The words of ``text`` as they are said, in lower case; masks such as ``[NAME]`` stay."""
    plain = _CLOCK.sub(r"\1 \2", text.replace("’", "'"))
    return [word for found in _TOKEN.finditer(plain) for word in _said(found.group())]


def _said(token: str) -> list[str]:
    if token[0] == "[":
        return [token]
    return list(_spelt(token)) if token[0].isdigit() else [token.lower()]


@lru_cache(maxsize=4096)
def _spelt(number: str) -> tuple[str, ...]:
    if len(number) > 15:
        return (number,)
    pairs = 2 if _YEAR.fullmatch(number) else 0
    words = str(_speller().number_to_words(number.replace(",", ""), group=pairs, andword=""))
    return tuple(re.findall(r"[a-z]+", words)) or (number,)


@lru_cache(maxsize=1)
def _speller() -> Any:
    import inflect  # a second to load, and few texts hold numbers

    return inflect.engine()


def _hear(words: Sequence[str], at: int, random: np.random.Generator) -> tuple[list[str], bool]:
    """What is heard for one word, and whether the next is run on to it."""
    word, draw = words[at], random.random()
    if word[0] == "[":
        return [word], False
    if draw < 0.15:
        return [_INVENTED[int(random.integers(len(_INVENTED)))], word], False
    if _NEGATION.fullmatch(word):
        return [word, word], False
    if word in _SHORT and draw < 0.5:
        return [], False
    if others := _CONFUSED.get(word):
        return [others[int(random.integers(len(others)))]], False
    if draw < 0.3 and at + 1 < len(words) and _joins(words[at + 1]):
        return [word], True
    return _slur(word, random), False


def _joins(word: str) -> bool:
    return word[0] != "[" and not _NEGATION.fullmatch(word)


def _slur(word: str, random: np.random.Generator) -> list[str]:
    """A word without known rivals: said twice if short, else its ending lost or gained, or cut in two."""
    if len(word) < 4 or "'" in word:
        return [word, word]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return [word[: -len(ending)]]
    if len(word) >= 7 and random.random() < 0.5:
        cut = int(random.integers(3, len(word) - 2))
        return [word[:cut], word[cut:]]
    return [word + "s"]


def _confusions(path: Path) -> dict[str, tuple[str, ...]]:
    """Each single word of the list → what may be heard in its place."""
    rivals: dict[str, dict[str, None]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        group = [] if line.startswith("#") else [member.strip() for member in line.split(",")]
        for word in group:
            rivals.setdefault(word, {}).update(dict.fromkeys(other for other in group if other != word))
    return {word: tuple(others) for word, others in rivals.items() if " " not in word}


_CONFUSED = _confusions(Path(__file__).with_name("homophones.txt"))
