"""Tokenizes sentences into words, and lists of words by kind."""

from __future__ import annotations

import re
from collections.abc import Sequence


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LINK = re.compile(r"(?:https?://|www\.)\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
_FILLER = re.compile(
    r"u+h+|u+m+|e+r+m*|a+h+|o+h+|h+m+|mhm|huh|yeah|yep|yes|no|ok|okay|well|so|like|right|anyway|anyways"
    r"|you|know|i|mean|guess|and|but|then|just|actually|basically|alright|let|me|see|hi|hello|hey|bye"
)

FIRST_PERSON = frozenset(
    {"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"}
    | {f"{person}'{verb}" for person in ("i", "we") for verb in ("m", "re", "ve", "d", "ll")}
)
LEANING = _set("he she it they this that these those his her their its there then so but and or because also")
"""A sentence that opens with one of these depends on the sentence before it."""
HESITATIONS = _set("um umm uh uhh er erm ah hm hmm mm mmm eh")
NEGATIONS = _set(
    "no not never none nobody nothing nowhere neither nor cannot can't don't doesn't didn't won't wouldn't"
    " shouldn't couldn't isn't aren't wasn't weren't hasn't haven't hadn't ain't without"
)
FUNCTION = _set(
    "a an the and or but if of to in on at by for with from as is was were be been being am are it its this"
    " that these those i me my we us our you your he him his she her they them their so then than there here"
    " not no do did does have has had will would could should can may might just very really also about into"
    " out up down over after before when while who what which how all any some more most other only own same"
    " too because since until though except whether again let nobody everybody somebody"
    " i'm i've i'd i'll we're it's that's didn't don't wasn't couldn't wouldn't"
)
"""Function words; every other word carries content."""
PAST = _set("was were had did went got came took said told felt made saw knew thought found gave left began")


def words(text: str) -> list[str]:
    """The words of `text` in lower case, without links."""
    return _WORD.findall(_LINK.sub(" ", text.lower()).replace("’", "'"))


def only_fillers(sentence: Sequence[str]) -> bool:
    """Whether a sentence has no content ("Um, yeah, so, you know.")."""
    return all(_FILLER.fullmatch(word) for word in sentence)


def is_past(word: str) -> bool:
    """Whether a word looks like a verb in the past tense."""
    return word in PAST or (word.endswith("ed") and len(word) > 3)
