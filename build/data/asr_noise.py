"""Text as a speech recognizer without punctuation would transcribe it, with typical errors.

Recognizers confuse words that sound similar (their most frequent error: Goldwater, Jurafsky and Manning 2010,
https://doi.org/10.1016/j.specom.2009.10.001), drop and insert short words, and miss word boundaries.
``homophones.txt`` next to this module lists the confusions.
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
_DROPPABLE = frozenset((
    "a", "an", "the", "and", "or", "but", "so", "to", "of", "in", "on", "at", "as", "is", "was",
    "be", "been", "am", "are", "it", "its", "i", "i'm", "you", "he", "she", "we", "they", "my",
    "your", "his", "her", "our", "that", "this", "for", "with", "by", "from", "up", "out", "just",
    "do", "did", "has", "had", "have", "would", "will",
))
# fmt: on
"""Short words that a recognizer may drop."""
_NEGATION = re.compile(r"no|not|never|nor|none|nothing|nobody|nowhere|without|cannot|\w+n't")
"""Never changed or joined to another word: the text would state the opposite."""
_INSERTED = ("um", "uh", "er", "like", "you know", "well", "so", "and", "a", "the", "i", "that", "to", "it")
_SUFFIXES = ("s", "ed", "ing", "er", "ly")
_YEAR = re.compile(r"1[1-9]\d\d|20[1-9]\d")


def simulate_asr_errors(text: str, strength: float, random: np.random.Generator) -> str:
    """``text`` in lower case, without punctuation, numbers as words, a ``strength`` share of words wrong."""
    words = spoken_words(text)
    has_error = random.random(len(words)) < strength
    transcript: list[str] = []
    join_next = False
    for index, word in enumerate(words):
        result, joins_next = _with_error(words, index, random) if has_error[index] else ([word], False)
        if join_next and result:
            transcript[-1] += result.pop(0)
        transcript += result
        join_next = joins_next and bool(transcript)
    return " ".join(transcript)


def spoken_words(text: str) -> list[str]:
    """The words of ``text`` as they are spoken, in lower case; masks such as ``[NAME]`` stay."""
    plain = _CLOCK.sub(r"\1 \2", text.replace("’", "'"))
    return [word for match in _TOKEN.finditer(plain) for word in _token_words(match.group())]


def _token_words(token: str) -> list[str]:
    if token[0] == "[":
        return [token]
    return list(_number_words(token)) if token[0].isdigit() else [token.lower()]


@lru_cache(maxsize=4096)
def _number_words(number: str) -> tuple[str, ...]:
    if len(number) > 15:
        return (number,)
    pairs = 2 if _YEAR.fullmatch(number) else 0
    words = str(_number_speller().number_to_words(number.replace(",", ""), group=pairs, andword=""))
    return tuple(re.findall(r"[a-z]+", words)) or (number,)


@lru_cache(maxsize=1)
def _number_speller() -> Any:
    import inflect  # takes a second to import, and few texts contain numbers

    return inflect.engine()


def _with_error(words: Sequence[str], index: int, random: np.random.Generator) -> tuple[list[str], bool]:
    """The transcription of one word, and whether the next word is joined to it."""
    word, draw = words[index], random.random()
    if word[0] == "[":
        return [word], False
    if draw < 0.15:
        return [_INSERTED[int(random.integers(len(_INSERTED)))], word], False
    if _NEGATION.fullmatch(word):
        return [word, word], False
    if word in _DROPPABLE and draw < 0.5:
        return [], False
    if homophones := _CONFUSIONS.get(word):
        return [homophones[int(random.integers(len(homophones)))]], False
    if draw < 0.3 and index + 1 < len(words) and _can_be_joined(words[index + 1]):
        return [word], True
    return _corrupt(word, random), False


def _can_be_joined(word: str) -> bool:
    return word[0] != "[" and not _NEGATION.fullmatch(word)


def _corrupt(word: str, random: np.random.Generator) -> list[str]:
    """A word without homophones: repeated if short, else its suffix dropped or added, or cut in two."""
    if len(word) < 4 or "'" in word:
        return [word, word]
    for ending in _SUFFIXES:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return [word[: -len(ending)]]
    if len(word) >= 7 and random.random() < 0.5:
        cut = int(random.integers(3, len(word) - 2))
        return [word[:cut], word[cut:]]
    return [word + "s"]


def _confusions(path: Path) -> dict[str, tuple[str, ...]]:
    """Each single word of the list → what may be recognized instead."""
    alternatives: dict[str, dict[str, None]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        group = [] if line.startswith("#") else [word.strip() for word in line.split(",")]
        for word in group:
            alternatives.setdefault(word, {}).update(dict.fromkeys(other for other in group if other != word))
    return {word: tuple(words) for word, words in alternatives.items() if " " not in word}


_CONFUSIONS = _confusions(Path(__file__).with_name("homophones.txt"))
