"""The words of a text as search compares them: without case, accents or vowel points.

Chinese, Japanese, Korean, Thai and their neighbors are not, or only loosely, divided into words by spaces, so
their characters and pairs of characters take the place of words. Every change here needs entries to be
indexed again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from functions.shared.domain.content import Segment
from functions.shared.domain.understood import is_understood

MAX_WORDS = 3_000
"""Different words of one entry; half an hour of speech has about 1,500."""
_MAX_CHARS = 64
_OPENING_CHARS = 140

_DENSE = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
    "\uac00-\ud7af"  # Hangul
)
_DENSE_RUN = re.compile(f"[{_DENSE}]+|[^{_DENSE}]+")
_IS_DENSE = re.compile(f"[{_DENSE}]")
_ACCENTS = re.compile(
    "[\u0300-\u036f"  # of Latin, Greek and Cyrillic letters
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]"  # Arabic points, and what stretches words
)
"""In other scripts, marks are vowels and tones: without them, words would be others."""
_LETTERS = str.maketrans(
    {
        **{"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"},
        **{"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ς": "σ"},
    }
)
"""Letters that are not a letter and a mark to Unicode but are typed for one another."""


def fold(text: str) -> str:
    """Text without the differences that search ignores."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed).translate(_LETTERS))


def unembedded_words(segments: Sequence[Segment]) -> tuple[str, ...]:
    """The words of an entry that its embedding does not know: of other languages, and in other scripts."""
    found = dict.fromkeys(
        word
        for segment in segments
        if segment.left_out is None
        for word in indexed_words(segment.text)
        if not is_understood(segment) or is_foreign_script(word)
    )
    return tuple(found)[:MAX_WORDS]


def indexed_words(text: str) -> Iterator[str]:
    """The words by which a text is found; in dense scripts, its characters and pairs of them."""
    return (word for run in _runs(text) for word in _parts(run, with_characters=True))


def query_words(text: str) -> tuple[str, ...]:
    """The words that an entry needs to match a query, longest first: the rarest, usually."""
    found: Iterable[str] = dict.fromkeys(
        word for run in _runs(text) for word in _parts(run, with_characters=False)
    )
    return tuple(sorted(found, key=len, reverse=True))


def opening(text: str) -> str:
    """The first words of a text, in one line."""
    line = " ".join(text.split())
    if len(line) <= _OPENING_CHARS:
        return line
    cut = line[: _OPENING_CHARS + 1].rfind(" ")
    return line[: cut if cut > _OPENING_CHARS // 2 else _OPENING_CHARS].rstrip() + "…"


def is_foreign_script(word: str) -> bool:
    """Whether a word has letters that are not Latin ones."""
    return any(
        character.isalpha() and not unicodedata.name(character, "").startswith(("LATIN", "MODIFIER"))
        for character in word
    )


def _runs(text: str) -> Iterator[str]:
    """Words, numbers, and stretches of dense scripts."""
    for word in "".join(character if _is_in_word(character) else " " for character in fold(text)).split():
        yield from _DENSE_RUN.findall(word)


def _is_in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def _parts(run: str, *, with_characters: bool) -> Iterator[str]:
    if not _IS_DENSE.match(run):
        yield run[:_MAX_CHARS]
        return
    if with_characters or len(run) == 1:
        yield from run
    yield from (run[index : index + 2] for index in range(len(run) - 1))
