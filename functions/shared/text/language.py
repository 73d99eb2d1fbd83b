"""Which language a text is in, and whether there is anything in it to understand.

CLD2 does the recognising: it loads in a millisecond, takes 2 MB and copes with slang. Short or
informal English must never be refused, so every doubt is decided in the writer's favour.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set

from functions.shared.domain.content import EmptyReason

ENGLISH = frozenset({"en"})
UNDETERMINED = "und"
"""BCP 47's code for a language nobody can name."""

_LINK = re.compile(r"(?:https?://|www\.)\S++")
_WORD = re.compile(r"[^\W\d_]++(?:['’][^\W\d_]++)*+")
_LATIN = re.compile(r"[a-zªºà-öø-ɏḀ-ỿ'’]++", re.IGNORECASE)

_FEWEST_WORDS = 4
"""Fewer words of Latin script are names and interjections; CLD2 takes "lol ok" for Dutch."""
_LARGE_SHARE = 25
"""Per cent of a text that makes a language one of the writer's own, as in code-switching."""
_ALIASES = {"sco": "en", "iw": "he", "jw": "jv"}


def why_not_understood(text: str, supported: Set[str] = ENGLISH) -> EmptyReason | None:
    """Why nothing can be said about `text`, or None where it can be read."""
    words = _words(text)
    if not words:
        return EmptyReason.NO_WORDS
    shares = _shares(words)
    readable = not shares or max(shares, key=shares.__getitem__) in supported
    if readable or any(shares.get(language, 0) >= _LARGE_SHARE for language in supported):
        return None
    return EmptyReason.UNSUPPORTED_LANGUAGE


def detect_language(text: str) -> str | None:
    """The code (ISO 639, or "und") of a text's main language; None where the evidence is too thin."""
    shares = _shares(_words(text))
    return max(shares, key=shares.__getitem__) if shares else None


def _words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(" ", unicodedata.normalize("NFKC", text)))


def _shares(words: Sequence[str]) -> dict[str, int]:
    """Per cent of the text by language code; empty where the words are too few to tell."""
    foreign = sum(not _LATIN.fullmatch(word) for word in words) * 2 > len(words)
    if len(words) < _FEWEST_WORDS and not foreign:
        return {}
    import pycld2

    _, _, guesses = pycld2.detect(" ".join(words), bestEffort=True)
    shares = {_standard(code): percent for _, code, percent, _ in guesses if code != "un"}
    return shares or ({UNDETERMINED: 100} if foreign else {})


def _standard(code: str) -> str:
    """CLD2 names a script it has no language for "xx-Goth"."""
    return UNDETERMINED if code.startswith("xx") else _ALIASES.get(code, code)
