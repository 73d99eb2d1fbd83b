"""Truecasing: restores capitals and spacing of lower-case text, with words as the source writes them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_APOSTROPHE = re.compile(r"(?<=\w) ?['’] ?(?=(?:s|t|m|d|re|ve|ll)\b)", re.IGNORECASE)
_JOINED = re.compile(r"(?<=\d) ([:,./]) (?=\d)|(?<=\w) (-) (?=\w)|(?<=[$£€#]) ()(?=\d)|(?<=\d) (%)")
_SPACE_BEFORE = re.compile(r" +(?=[.,;:!?)\]…])")
_SPACE_AFTER = re.compile(r"(?<=[(\[]) +")
_QUOTED = re.compile(r'" ([^"]*?) "')
_BEGINS = re.compile(r"(?:^|(?<=[.!?…] )|(?<=[.!?…][\"”] ))[\"“(]?[^\W\d_]")
_FIRST_PERSON = re.compile(r"\bi\b(?=$|[^\w.]|['’.,!?])")


def truecase(text: str, source: str) -> str:
    """Restore `text`, which is in lower case with spaces around punctuation, as `source` would write it."""
    forms = _forms(source)
    joined = _APOSTROPHE.sub("'", " ".join(text.split()))
    joined = _JOINED.sub(lambda match: next((part for part in match.groups() if part), ""), joined)
    joined = _QUOTED.sub(r'"\1"', _SPACE_AFTER.sub("", _SPACE_BEFORE.sub("", joined)))
    cased = _WORD.sub(lambda match: forms.get(plain(match[0]), match[0]), joined)
    cased = _FIRST_PERSON.sub("I", cased)
    return _BEGINS.sub(lambda match: match[0].upper(), cased)


def plain(word: str) -> str:
    """A word as the tokenizer normalizes it: in lower case, without accents."""
    decomposed = unicodedata.normalize("NFD", word.lower().replace("’", "'"))
    return "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")


def _forms(source: str) -> Mapping[str, str]:
    """How the source most often writes each word inside a sentence, by the word's plain form."""
    inside: dict[str, Counter[str]] = {}
    for is_inside, word in _words(source):
        if is_inside:
            inside.setdefault(plain(word), Counter())[word] += 1
    opening = {
        plain(word): word
        for is_inside, word in _words(source)
        if not is_inside and plain(word) != word.lower()
    }
    most_common = {key: forms.most_common(1)[0][0] for key, forms in inside.items()}
    return {**{key: word.lower() for key, word in opening.items()}, **most_common}


def _words(source: str) -> Iterable[tuple[bool, str]]:
    """Each word, and whether it is inside a sentence, not its first."""
    ended = True
    for token in re.finditer(r"\S+", source):
        for count, word in enumerate(_WORD.finditer(token[0])):
            yield not (ended and count == 0), word[0]
        ended = token[0].rstrip("\"”')")[-1:] in (".", "!", "?", "…", ":", "") or _newline(
            source, token.end()
        )


def _newline(source: str, position: int) -> bool:
    return "\n" in source[position : position + 2]
