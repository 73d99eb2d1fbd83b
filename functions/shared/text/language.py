"""Language detection, and whether a text can be analyzed at all.

CLD2 detects the language: it loads in a millisecond, takes 2 MB and copes with slang. Short or informal
English must never be refused, so when in doubt, a text counts as English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set

from functions.shared.domain.content import EmptyReason
from functions.shared.text.emoji import in_words

ENGLISH = frozenset({"en"})
UNDETERMINED = "und"
"""BCP 47's code for an undetermined language."""

_LINK = re.compile(r"(?:https?://|www\.)\S++")
_WORD = re.compile(r"[^\W\d_]++(?:['’][^\W\d_]++)*+")
_LATIN = re.compile(r"[a-zªºà-öø-ɏḀ-ỿ'’]++", re.IGNORECASE)

_MIN_WORDS = 4
"""Fewer words in Latin script are mostly names and interjections; CLD2 takes "lol ok" for Dutch."""
_MIN_PERCENT = 25
"""The share of a text that a supported language needs if it is not the main one, as in code-switching."""
_ALIASES = {"sco": "en", "iw": "he", "jw": "jv"}


def why_not_understood(text: str, supported: Set[str] = ENGLISH) -> EmptyReason | None:
    """Why `text` can't be analyzed; None if it can. Emoji count as words where there are no others."""
    words = _words(text) or _words(in_words(text))
    if not words:
        return EmptyReason.NO_WORDS
    shares = _shares(words)
    is_supported = not shares or max(shares, key=shares.__getitem__) in supported
    if is_supported or any(shares.get(language, 0) >= _MIN_PERCENT for language in supported):
        return None
    return EmptyReason.UNSUPPORTED_LANGUAGE


def detect_language(text: str) -> str | None:
    """The code (ISO 639, or "und") of a text's main language; None if the text is too short to tell."""
    shares = _shares(_words(text))
    return max(shares, key=shares.__getitem__) if shares else None


def _words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(" ", unicodedata.normalize("NFKC", text)))


def _shares(words: Sequence[str]) -> dict[str, int]:
    """Percentage of the text by language code; empty if there are too few words to tell."""
    non_latin = sum(not _LATIN.fullmatch(word) for word in words) * 2 > len(words)
    if len(words) < _MIN_WORDS and not non_latin:
        return {}
    import pycld2

    _, _, guesses = pycld2.detect(" ".join(words), bestEffort=True)
    shares = {_standard(code): percent for _, code, percent, _ in guesses if code != "un"}
    return shares or ({UNDETERMINED: 100} if non_latin else {})


def _standard(code: str) -> str:
    """The ISO 639 code. For a script without a known language, CLD2 returns a code such as "xx-Goth"."""
    return UNDETERMINED if code.startswith("xx") else _ALIASES.get(code, code)
