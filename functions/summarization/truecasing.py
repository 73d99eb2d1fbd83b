"""Small letters back to writing: as the source writes its words, with capitals where sentences begin."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_APOSTROPHE = re.compile(r"(?<=\w) ?['’] ?(?=(?:s|t|m|d|re|ve|ll)\b)", re.IGNORECASE)
_JOINED = re.compile(r"(?<=\d) ([:,./]) (?=\d)|(?<=\w) (-) (?=\w)|(?<=[$£€#]) ()(?=\d)|(?<=\d) (%)")
_BEFORE = re.compile(r" +(?=[.,;:!?)\]…])")
_AFTER = re.compile(r"(?<=[(\[]) +")
_QUOTED = re.compile(r'" ([^"]*?) "')
_BEGINS = re.compile(r"(?:^|(?<=[.!?…] )|(?<=[.!?…][\"”] ))[\"“(]?[^\W\d_]")
_FIRST_PERSON = re.compile(r"\bi\b(?=$|[^\w.]|['’.,!?])")


def truecase(text: str, source: str) -> str:
    """`text`, in small letters and spaced between its marks, as it would stand in `source`."""
    forms = _forms(source)
    joined = _APOSTROPHE.sub("'", " ".join(text.split()))
    joined = _JOINED.sub(lambda found: next((part for part in found.groups() if part), ""), joined)
    joined = _QUOTED.sub(r'"\1"', _AFTER.sub("", _BEFORE.sub("", joined)))
    cased = _WORD.sub(lambda found: forms.get(plain(found[0]), found[0]), joined)
    cased = _FIRST_PERSON.sub("I", cased)
    return _BEGINS.sub(lambda found: found[0].upper(), cased)


def plain(word: str) -> str:
    """A word as the tokenizer sees it: in lower case, without accents."""
    split = unicodedata.normalize("NFD", word.lower().replace("’", "'"))
    return "".join(letter for letter in split if unicodedata.category(letter) != "Mn")


def _forms(source: str) -> Mapping[str, str]:
    """By its plain form, how the source most often writes a word where no sentence begins."""
    inside: dict[str, Counter[str]] = {}
    for start, word in _inside(source):
        if start:
            inside.setdefault(plain(word), Counter())[word] += 1
    opening = {
        plain(word): word for start, word in _inside(source) if not start and plain(word) != word.lower()
    }
    found = {key: forms.most_common(1)[0][0] for key, forms in inside.items()}
    return {**{key: word.lower() for key, word in opening.items()}, **found}


def _inside(source: str) -> Iterable[tuple[bool, str]]:
    """Each word, and whether it stands inside a sentence."""
    ended = True
    for token in re.finditer(r"\S+", source):
        for count, word in enumerate(_WORD.finditer(token[0])):
            yield not (ended and count == 0), word[0]
        ended = token[0].rstrip("\"”')")[-1:] in (".", "!", "?", "…", ":", "") or _newline(
            source, token.end()
        )


def _newline(source: str, at: int) -> bool:
    return "\n" in source[at : at + 2]
