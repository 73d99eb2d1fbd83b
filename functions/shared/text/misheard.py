"""Finds the names that a person corrected in a transcript: what was heard, and what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

MAX_WORDS = 5000
"""Longer texts are not compared."""
_MAX_HEARD, _MAX_SAID = 5, 3
_ALIKE = 0.45
"""A name sounds like what was heard in its place, so they share letters; other changes are no corrections."""
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_OFTEN_FIRST = """
a about after all also always an and another any are as at back because before both but by can could day did
do does each even every everyone everything few finally first for from get had has have he her here his how
however i if in instead is it its just last later like maybe me more most my never no not nothing now of
often on once one only or other our out over perhaps she since so some someone something sometimes soon
still such than thanks that the their them then there these they this those though through to today tomorrow
tonight too under until up very was we well were what when where which while who why will with without would
yes yesterday yet you your
"""
_FIRST_WORDS = frozenset(_OFTEN_FIRST.split())
"""Words that often begin a sentence, so that a capital letter does not make them names."""


class Misheard(NamedTuple):
    heard: str
    name: str


class _Word(NamedTuple):
    text: str
    first: bool


def misheard_names(before: str, after: str) -> list[Misheard]:
    """The names that `after` has in place of similar words in `before`."""
    old, new = _words(before), _words(after)
    if max(len(old), len(new)) > MAX_WORDS:
        return []
    matcher = SequenceMatcher(None, _keys(old), _keys(new), autojunk=False)
    return [
        Misheard(heard, name)
        for change, start, end, new_start, new_end in matcher.get_opcodes()
        if change == "replace" and end - start <= _MAX_HEARD and new_end - new_start <= _MAX_SAID
        for heard in [" ".join(word.text for word in old[start:end])]
        for name in _names(new[new_start:new_end])
        if _sounds_alike(heard, name)
    ]


def _words(text: str) -> list[_Word]:
    """The words of a text, and whether each begins a sentence."""
    found = list(_WORD.finditer(text))
    gaps = [".", *(text[one.end() : two.start()] for one, two in pairwise(found))]
    return [
        _Word(match[0], any(mark in gap for mark in ".!?\n")) for match, gap in zip(found, gaps, strict=False)
    ]


def _keys(words: Sequence[_Word]) -> list[str]:
    return [word.text.casefold() for word in words]


def _names(words: Sequence[_Word]) -> Iterator[str]:
    """The runs of words that begin with a capital letter, other than usual first words of a sentence."""
    run: list[str] = []
    for word in [*words, _Word("", first=True)]:
        is_name = word.text[:1].isupper() and not (word.first and word.text.casefold() in _FIRST_WORDS)
        if is_name:
            run.append(word.text)
        elif run:
            yield " ".join(run)
            run = []


def _sounds_alike(heard: str, name: str) -> bool:
    one, other = ("".join(text.casefold().split()) for text in (heard, name))
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE
