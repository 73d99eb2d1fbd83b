"""A few of a note's own words that say what it is about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from functions.summarization.disfluencies import capitalize
from functions.summarization.words import FUNCTION, is_past, only_fillers, words

MOST_WORDS = 6
_CLAUSE = re.compile(r"[^,;:.!?…()\"“”\n–—]+")
_TOKEN = re.compile(r"\S+")
_OPENERS = frozenset({"my", "our", "his", "her", "their"})
_INSIDE = frozenset(
    {"of", "in", "at", "on", "with", "for", "to", "from", "my", "our", "the", "a", "his", "her"}
)
_EDGES = "'’\"“”-*•#_[]"
_EARLIER = 0.1
"""How much less a phrase is worth with every better sentence before its own."""


def title(
    sentences: Sequence[str], chances: Mapping[str, float], counts: Mapping[str, int], nouns: Set[str]
) -> str:
    """The most telling phrase of `sentences`, best first, of at most `MOST_WORDS` words.

    Args:
        chances: of each word, how likely a summary has it.
        counts: how often each word comes in the whole note.
        nouns: what a phrase may end with, beside names.
    """
    worth = {
        word: chance * (1.0 + math.log(counts.get(word, 1)))
        for word, chance in chances.items()
        if word not in FUNCTION
    }
    found = (
        (_worth(phrase, worth) / (1.0 + _EARLIER * rank), phrase)
        for rank, text in enumerate(sentences)
        for phrase in _phrases(text, nouns)
    )
    _, chosen = max(found, key=lambda each: (len(each[1]) > 1, each[0]), default=(0.0, _beginning(sentences)))
    return capitalize(" ".join(chosen))


def _phrases(text: str, nouns: Set[str]) -> Iterator[list[str]]:
    """Runs of words within one clause that read as a thing of its own."""
    for clause in _CLAUSE.findall(text):
        tokens = [token for raw in _TOKEN.findall(clause) if (token := raw.strip(_EDGES))]
        kinds = [(words(token) or [""])[0] for token in tokens]
        for start in range(len(tokens)):
            for end in range(start + 1, min(len(tokens), start + MOST_WORDS) + 1):
                named = tokens[end - 1][0].isupper() and end > 1
                if _stands_alone(kinds[start:end], nouns, named=named):
                    yield tokens[start:end]


def _stands_alone(kinds: Sequence[str], nouns: Set[str], *, named: bool) -> bool:
    last = kinds[-1].removesuffix("'s")
    ends = kinds[-1] not in FUNCTION and (named or last in nouns) and not kinds[-1].endswith("'s")
    opens = kinds[0] in _OPENERS or kinds[0] not in FUNCTION
    inside = all(kind not in FUNCTION or kind in _INSIDE for kind in kinds[1:-1])
    happens = any(is_past(kind) for kind in kinds)
    joined = any(kind in _INSIDE and kind not in _OPENERS for kind in kinds[1:-1])
    whole = not joined or kinds[0] in nouns or (len(kinds) > 2 and kinds[1] in nouns)
    return ends and opens and inside and whole and not happens and all(kinds)


def _worth(phrase: Sequence[str], worth: Mapping[str, float]) -> float:
    """What the words of a phrase are worth; long ones must earn their length."""
    kinds = [word for token in phrase for word in words(token)]
    return float(sum(worth.get(kind, 0.0) for kind in set(kinds)) / (len(kinds) + 4.0) ** 0.7)


def _beginning(sentences: Sequence[str]) -> list[str]:
    """The first words that say something, where nothing stands alone."""
    for text in sentences:
        clause = (_CLAUSE.findall(text) or [text])[0]
        tokens = [token for raw in _TOKEN.findall(clause) if (token := raw.strip(_EDGES))]
        if tokens and not only_fillers(words(clause)):
            return tokens[:MOST_WORDS]
    return _TOKEN.findall(" ".join(sentences))[:MOST_WORDS]
