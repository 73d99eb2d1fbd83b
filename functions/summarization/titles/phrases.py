"""Phrases of a sentence that may be its entry's title, each a part of the text as it stands.

A phrase begins where a clause does, so that what a clause depends on ("if", "I thought") is not cut off, or
it is a noun phrase. It ends with its clause or before a conjunction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from functions.summarization.wording.kinds import BREAK, COORDINATORS, OPENERS, kind
from functions.summarization.wording.words import FUNCTION, HESITATIONS

MAX_WORDS = 7
_WORD = re.compile(r"[$£€]?[^\W_]+(?:['’.:/-][^\W_]+)*%?")
_ENDS_WELL = frozenset({"noun", "content", "ing", "ly", "1", "ed", "me"})
_MAY_FOLLOW = frozenset({"and", "but", "so", "because", "cause", "cos"})
_EMPTY = frozenset({"I", "he", "be", "will", "not", "the", "of", "and", "me", "1"})
_ASKS_OR_LEANS = frozenset({"be", "will", "and"})
_SUBJECTS = frozenset({"I", "he", "the"})
_VERBS = frozenset({"I", "he", "be", "will", "ed", "not", "and"})
_NEVER_FIRST = frozenset({"which", "who", "whose", "whom", "where", "that", "one", "of", "to", "than"})
_ABBREVIATIONS = frozenset({"mr", "mrs", "ms", "dr", "st", "prof"})
_QUOTES = frozenset('"“”')


class Word(NamedTuple):
    """A word of a sentence: its first and last (exclusive) characters, its lower case, and its kind."""

    start: int
    end: int
    lower: str
    kind: str


class Phrase(NamedTuple):
    """Consecutive words of a sentence.

    Attributes:
        text: as the sentence has it.
        words, kinds: of its words, in lower case.
        before, after: the words around it, or `BREAK`.
        whole: whether it is the whole sentence.
    """

    text: str
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    before: Word
    after: Word
    whole: bool


EDGE = Word(0, 0, BREAK, BREAK)


def phrases(sentence: str, nouns: Set[str]) -> Iterator[Phrase]:
    """Phrases of two to `MAX_WORDS` words."""
    clauses = clauses_of(sentence, nouns)
    count = sum(map(len, clauses))
    if len(clauses) > 1 and 2 <= count <= MAX_WORDS and _QUOTES.isdisjoint(sentence):
        tokens = [word for clause in clauses for word in clause]
        if tokens[0].lower not in OPENERS and _fluent(tokens) and _says_something(tokens):
            yield _phrase(sentence, tokens, EDGE, EDGE, whole=True)
    for clause in clauses:
        for start in range(len(clause)):
            before = clause[start - 1] if start else EDGE
            opens = _opens_clause(clause, start)
            if not (opens or _opens_noun_phrase(clause[start])):
                continue
            for end in range(start + 2, min(len(clause), start + MAX_WORDS) + 1):
                part, after = clause[start:end], clause[end] if end < len(clause) else EDGE
                if _fluent(part) and _says_something(part) and _may_be(part, after, opens=opens):
                    yield _phrase(sentence, part, before, after, whole=len(part) == count)


def clauses_of(sentence: str, nouns: Set[str]) -> list[list[Word]]:
    """The words of a sentence, apart where anything but spaces is between them."""
    clauses: list[list[Word]] = []
    end = 0
    for match in _WORD.finditer(sentence):
        word = _word(match, nouns, inside=bool(clauses))
        between = sentence[end : word.start]
        end = word.end
        if clauses and _joins(clauses[-1][-1], between):
            clauses[-1].append(word)
        else:
            clauses.append([word])
    return clauses


def _word(match: re.Match[str], nouns: Set[str], *, inside: bool) -> Word:
    """A word with its kind; a capital inside a sentence makes a name."""
    lower = match[0].lower().replace("’", "'")
    found = kind(lower, nouns)
    is_name = inside and match[0][0].isupper() and found == "content"
    return Word(*match.span(), lower, "noun" if is_name else found)


def _joins(word: Word, between: str) -> bool:
    """Whether the next word is of the same clause as `word`."""
    abbreviated = between == ". " and word.lower in _ABBREVIATIONS
    return abbreviated or (between.isspace() and "\n" not in between)


def _opens_clause(clause: Sequence[Word], start: int) -> bool:
    """Whether only words that a title leaves out stand between `start` and the beginning of its clause."""
    if clause[start].lower in OPENERS:
        return False
    previous = start - 1
    while previous >= 0 and clause[previous].lower in OPENERS | HESITATIONS:
        if clause[previous].lower in COORDINATORS:
            return clause[previous].lower != "so" or clause[start].kind in _SUBJECTS
        previous -= 1
    return previous < 0


def _opens_noun_phrase(word: Word) -> bool:
    return word.kind in ("the", "1")


def _may_be(part: Sequence[Word], after: Word, *, opens: bool) -> bool:
    """Whether a part of a clause can stand alone.

    Args:
        opens: whether it is from the clause's beginning.
    """
    first, last = part[0], part[-1]
    if first.lower in _NEVER_FIRST or first.kind in _ASKS_OR_LEANS or last.lower in _ABBREVIATIONS:
        return False
    if first.kind == "of" and after.kind != BREAK:
        return False
    if not any(word.kind in _VERBS for word in part) and (not opens or after.kind != BREAK):
        content = sum(word.kind in _ENDS_WELL for word in part)
        return content > 1 and last.kind == "noun" and after.kind not in ("noun", "content")
    if after.kind == BREAK:
        return opens and last.kind not in ("the", "and")
    return opens and last.kind in _ENDS_WELL and after.lower in _MAY_FOLLOW


def _fluent(words: Sequence[Word]) -> bool:
    """Whether there is no hesitation and nothing is said twice."""
    lowered = [word.lower for word in words]
    pairs = list(pairwise(lowered))
    restarts = any(
        first == second for step in (1, 2) for first, second in zip(lowered, lowered[step:], strict=False)
    )
    return not restarts and len(set(pairs)) == len(pairs) and HESITATIONS.isdisjoint(lowered)


def _says_something(words: Sequence[Word]) -> bool:
    """Whether there are two words with content, or three words of which one has content."""
    content = sum(word.lower not in FUNCTION and word.kind not in _EMPTY for word in words)
    return content >= 2 or (content == 1 and len(words) > 2)


def _phrase(sentence: str, part: Sequence[Word], before: Word, after: Word, *, whole: bool) -> Phrase:
    text = sentence[part[0].start : part[-1].end]
    kinds = tuple(word.kind for word in part)
    return Phrase(text, tuple(word.lower for word in part), kinds, before, after, whole)
