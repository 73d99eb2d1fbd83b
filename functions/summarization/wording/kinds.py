"""Rough parts of speech, by closed lists and endings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from functions.summarization.wording.words import FUNCTION, NEGATIONS, PAST, is_past

BREAK = "|"
"""Stands for the edge of a clause where a word would be; also its kind."""


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def _contracted(people: str, verbs: Iterable[str]) -> frozenset[str]:
    """Each pronoun alone and with each of the contracted verbs."""
    return frozenset(f"{person}{verb}" for person in people.split() for verb in ("", *verbs))


COORDINATORS = _set("and but so then because cause cos")
OPENERS = COORDINATORS | _set(
    "well okay ok yeah yes no like anyway anyways anyhow however oh right now or plus also actually honestly"
    " basically today yesterday tonight tomorrow just today's"
)
"""Words that a title leaves out at its beginning."""

_LISTED: Mapping[str, frozenset[str]] = {
    "I": _contracted("i we", ("'m", "'re", "'ve", "'d", "'ll")),
    "he": _contracted("he she they it you that there who this", ("'s", "'d", "'ll", "'re", "'ve")),
    "be": _set(
        "is was are were am be been being isn't wasn't aren't weren't hasn't has have had haven't hadn't"
    ),
    "will": _set(
        "will would can could should may might must do does did don't doesn't didn't can't couldn't won't"
        " wouldn't shouldn't cannot"
    ),
    "not": NEGATIONS - {"no"},
    "the": _set("the a an my our his her their your no every some"),
    "of": _set(
        "of in on at for with from about into out over after before under by like to through behind down up"
        " off across around near without against"
    ),
    "and": COORDINATORS | _set("or when while if as until since though although"),
    "me": _set("me him them us myself"),
}
_KINDS: Mapping[str, str] = {
    word: name for name, listed in reversed(list(_LISTED.items())) for word in listed
}
"""Of a word in two lists, the first one counts."""


def kind(word: str, nouns: Set[str]) -> str:
    """The kind of a word in lower case, or of `BREAK`.

    Args:
        nouns: words that usually name a thing.
    """
    if word == BREAK:
        return BREAK
    if known := _KINDS.get(word):
        return known
    if word[0].isdigit():
        return "1"
    if word.removesuffix("'s") in nouns and word not in PAST:
        return "noun"
    if is_past(word):
        return "ed"
    if word.endswith(("ing", "ly")):
        return "ing" if word.endswith("ing") else "ly"
    return "function" if word in FUNCTION else "content"
