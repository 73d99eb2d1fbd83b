"""Stories as someone would dictate them: no punctuation or capitals, with fillers, and their sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from functions.shared.text.run_ons import normalized
from functions.shared.text.sentences import split

_CLAUSE = re.compile(
    r"(?<=[,;:])\s+(?=(?:and|but|so|then|or)\s+(?:then\s+)?"
    r"(?:i|we|he|she|it|they|you|my|the|there|this|that|her|his)\b)|(?<=[;—–])\s+",
    re.IGNORECASE,
)
"""Where a writer puts a comma or semicolon and a speaker begins anew: a clause with a subject of its own."""
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_OPENERS = {
    "and": 10, "so": 6, "and then": 5, "but": 4, "um": 3, "okay": 1, "okay so": 1, "well": 1, "anyway": 1,
    "you know": 1, "so yeah": 1, "and so": 1, "like": 1, "but then": 1, "yeah": 1,
}  # fmt: skip
_FILLERS = ("um", "uh", "like", "you know", "i mean", "kind of")
_OPENED, _FILLED = 0.25, 0.02
"""The shares of sentences that get an opener, and of words that get a filler before them."""


class Speech(NamedTuple):
    """Words, and the indices of those that begin a sentence; never the first."""

    words: list[str]
    starts: frozenset[int]


def without_punctuation(stories: Iterable[str], random: Random | None = None) -> list[Speech]:
    """Each story of at least two sentences; with ``random``, as told: clauses, openers and fillers."""
    spoken = (_speech(story, random) for story in stories)
    return [speech for speech in spoken if speech.starts]


def _speech(story: str, random: Random | None) -> Speech:
    words, starts = list[str](), set[int]()
    told = random is not None
    for sentence in (part for one in split(story) for part in (_CLAUSE.split(one) if told else [one])):
        found = [normalized(word) for word in _WORD.findall(sentence)]
        if found:
            starts.add(len(words))
            words += _with_fillers(found, random) if random else found
    return Speech(words, frozenset(starts - {0}))


def _with_fillers(sentence: list[str], random: Random) -> list[str]:
    opens = random.random() < _OPENED and sentence[0] not in {"and", "so", "but", "then", "well", "because"}
    said = random.choices(list(_OPENERS), list(_OPENERS.values()))[0].split() if opens else []
    for index, word in enumerate(sentence):
        if index and random.random() < _FILLED:
            said += random.choice(_FILLERS).split()
        said.append(word)
    return said
