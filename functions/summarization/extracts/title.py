"""Titles: a few of a note's own words that say what it is about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set

from functions.summarization.wording.disfluencies import capitalize
from functions.summarization.wording.words import FUNCTION, is_past, only_fillers, words

MAX_WORDS = 6
_CLAUSE = re.compile(r"[^,;:.!?…()\"“”\n–—]+")
_TOKEN = re.compile(r"\S+")
_POSSESSIVES = frozenset({"my", "our", "his", "her", "their"})
_CONNECTORS = frozenset(
    {"of", "in", "at", "on", "with", "for", "to", "from", "my", "our", "the", "a", "his", "her"}
)
_EDGES = "'’\"“”-*•#_[]"
_RANK_PENALTY = 0.1
"""How much less a phrase counts for every better sentence before its own."""


def make_title(
    sentences: Sequence[str], chances: Mapping[str, float], counts: Mapping[str, int], nouns: Set[str]
) -> str:
    """The most informative phrase of `sentences` (the best first), of at most `MAX_WORDS` words.

    Args:
        chances: the probability that a summary has each word.
        counts: how often each word occurs in the whole note.
        nouns: words that a phrase may end with, besides names.
    """
    weights = {
        word: chance * (1.0 + math.log(counts.get(word, 1)))
        for word, chance in chances.items()
        if word not in FUNCTION
    }
    phrases = (
        (_score(phrase, weights) / (1.0 + _RANK_PENALTY * rank), phrase)
        for rank, text in enumerate(sentences)
        for phrase in _phrases(text, nouns)
    )
    fallback = (0.0, _first_words(sentences))
    _, title = max(phrases, key=lambda scored: (len(scored[1]) > 1, scored[0]), default=fallback)
    return capitalize(" ".join(title))


def _phrases(text: str, nouns: Set[str]) -> Iterator[list[str]]:
    """Runs of words within one clause that can stand alone."""
    for clause in _CLAUSE.findall(text):
        tokens = _tokens(clause)
        lowered = [(words(token) or [""])[0] for token in tokens]
        for start in range(len(tokens)):
            for end in range(start + 1, min(len(tokens), start + MAX_WORDS) + 1):
                ends_in_name = tokens[end - 1][0].isupper() and end > 1
                if _stands_alone(lowered[start:end], nouns, ends_in_name=ends_in_name):
                    yield tokens[start:end]


def _tokens(clause: str) -> list[str]:
    return [token for raw in _TOKEN.findall(clause) if (token := raw.strip(_EDGES))]


def _stands_alone(phrase: Sequence[str], nouns: Set[str], *, ends_in_name: bool) -> bool:
    """Whether a phrase in lower case is a noun phrase, without a verb in the past tense, by simple rules."""
    first, last, inner = phrase[0], phrase[-1], phrase[1:-1]
    is_noun = ends_in_name or last.removesuffix("'s") in nouns
    ends_well = last not in FUNCTION and is_noun and not last.endswith("'s")
    starts_well = first in _POSSESSIVES or first not in FUNCTION
    inner_fits = all(word not in FUNCTION or word in _CONNECTORS for word in inner)
    has_connector = any(word in _CONNECTORS and word not in _POSSESSIVES for word in inner)
    has_head = not has_connector or first in nouns or (len(phrase) > 2 and phrase[1] in nouns)
    has_verb = any(is_past(word) for word in phrase)
    return ends_well and starts_well and inner_fits and has_head and not has_verb and all(phrase)


def _score(phrase: Sequence[str], weights: Mapping[str, float]) -> float:
    """The weight of a phrase's words, with a penalty for length."""
    spoken = [word for token in phrase for word in words(token)]
    return float(sum(weights.get(word, 0.0) for word in set(spoken)) / (len(spoken) + 4.0) ** 0.7)


def _first_words(sentences: Sequence[str]) -> list[str]:
    """The first words with content, for texts in which no phrase stands alone."""
    for text in sentences:
        clause = (_CLAUSE.findall(text) or [text])[0]
        tokens = _tokens(clause)
        if tokens and not only_fillers(words(clause)):
            return tokens[:MAX_WORDS]
    return _TOKEN.findall(" ".join(sentences))[:MAX_WORDS]
