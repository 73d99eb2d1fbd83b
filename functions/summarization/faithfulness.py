"""Whether a summary in new words says only what its source says, as far as rules can tell.

Names, numbers, people and negations are what a small model gets wrong and what a diary must not get wrong;
each has to be found in the source, and so have the neighbours of most words. What is not looked at: who did
what to whom, and whether what was planned happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from functions.shared.domain.insight import FallbackReason
from functions.shared.text.sentences import split
from functions.summarization.words import FUNCTION, NEGATIONS, words

MAX_NEW_SHARE = 0.5
"""Of a summary's content words, how many need not be in the source."""
_FEWEST = 4
"""Pairs by which that can be told."""
_SCOPE = 4
"""How many words behind it a negation may reach, unless a clause ends before."""

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?…]")
_CAPITAL = re.compile(r"(?<=[\w,;] )[A-Z]\w+")
_NUMBERS: dict[str, int] = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million": 1_000_000,
    "twice": 2, "dozen": 12,
}  # fmt: skip
"""Without "one", which as a rule counts nothing ("one of", "no one")."""
_PEOPLE: tuple[tuple[str, str], ...] = (
    ("she", "mother mom mum mommy momma mama"),
    ("he", "father dad daddy papa"),
    ("she", "sister sisters"),
    ("he", "brother brothers"),
    ("she", "wife"),
    ("he", "husband hubby"),
    ("she", "daughter daughters"),
    ("he", "son sons"),
    ("she", "grandmother grandma granny nana"),
    ("he", "grandfather grandpa granddad"),
    ("she", "aunt auntie"),
    ("he", "uncle"),
    ("she", "niece"),
    ("he", "nephew"),
    ("she", "girlfriend"),
    ("he", "boyfriend"),
    ("she", "bride"),
    ("he", "groom"),
    ("", "cousin cousins"),
    ("", "boss manager supervisor"),
    ("", "doctor doctors surgeon"),
    ("", "nurse nurses"),
    ("", "teacher teachers professor"),
    ("", "therapist counselor counsellor psychologist"),
    ("", "neighbor neighbors neighbour neighbours"),
    ("", "roommate roommates flatmate"),
    ("", "coworker coworkers colleague colleagues"),
    ("", "police policeman officer officers"),
    ("", "dog dogs puppy puppies"),
    ("", "cat cats kitten kittens"),
)
_ANYBODY = frozenset(word for _, group in _PEOPLE for word in group.split())
_IRREGULAR = """
become:became begin:began,begun break:broke,broken bring:brought build:built buy:bought catch:caught
choose:chose,chosen come:came do:did,done drink:drank,drunk drive:drove,driven eat:ate,eaten
fall:fell,fallen feel:felt fight:fought find:found fly:flew,flown forget:forgot,forgotten
forgive:forgave,forgiven get:got,gotten give:gave,given go:went,gone grow:grew,grown have:had hear:heard
hide:hid,hidden hold:held keep:kept know:knew,known lead:led leave:left lend:lent lose:lost make:made
mean:meant meet:met pay:paid ride:rode,ridden ring:rang,rung rise:rose,risen run:ran say:said
see:saw,seen sell:sold send:sent shake:shook,shaken show:shown sing:sang,sung sit:sat sleep:slept
speak:spoke,spoken spend:spent stand:stood steal:stole,stolen swim:swam,swum take:took,taken
teach:taught tell:told think:thought throw:threw,thrown understand:understood wake:woke,woken
wear:wore,worn win:won write:wrote,written
"""
_PRESENT = {
    past: present
    for present, pasts in (verb.split(":") for verb in _IRREGULAR.split())
    for past in pasts.split(",")
}
_PRONOUNS = {"he": "he him his himself", "she": "she her hers herself"}


class Facts(NamedTuple):
    """What of a text can be checked."""

    stems: Set[str]
    numbers: Set[float]
    people: Set[int]
    pronouns: Set[str]
    denied: Set[str]
    """Stems that a negation reaches."""
    affirmed: Set[str]
    """Stems that stand without one."""


def find_unfaithful(
    source: str, summary: str, names: Set[str] = frozenset(), least_supported: float = 0.0
) -> FallbackReason | None:
    """The first thing a summary says that its source does not; None where all is found.

    Args:
        names: words in lower case that are names wherever they stand.
        least_supported: for models that put together what does not belong together: the least `supported`.
    """
    said, known = extract_facts(source), extract_facts(summary)
    checks = (
        (FallbackReason.INVENTED_NUMBER, known.numbers <= said.numbers),
        (FallbackReason.INVENTED_NAME, {stem(name) for name in _names(summary, names)} <= said.stems),
        (FallbackReason.INVENTED_PERSON, known.people <= said.people and known.pronouns <= said.pronouns),
        (FallbackReason.CHANGED_NEGATION, not _changed(known, said)),
        (FallbackReason.INVENTED_WORDS, _new(known, said) <= MAX_NEW_SHARE),
        (FallbackReason.UNSUPPORTED, not least_supported or supported(source, summary) >= least_supported),
    )
    return next((reason for reason, holds in checks if not holds), None)


def extract_facts(text: str) -> Facts:
    """Read a text for what can be checked."""
    tokens = [token.lower().replace("’", "'") for token in _TOKEN.findall(text)]
    denied: set[str] = set()
    affirmed: set[str] = set()
    for word, reached in _reached(tokens):
        if word not in FUNCTION and word not in NEGATIONS and word[0].isalnum():
            (denied if reached else affirmed).add(stem(word))
    people = {
        at for at, (_, group) in enumerate(_PEOPLE) if not set(group.split()).isdisjoint(map(_bare, tokens))
    }
    pronouns = {kind for kind, forms in _PRONOUNS.items() if not set(forms.split()).isdisjoint(tokens)}
    return Facts(
        stems={stem(token) for token in tokens},
        numbers=set(_numbers(tokens)),
        people=people,
        pronouns=pronouns | {kind for at in people if (kind := _PEOPLE[at][0])},
        denied=denied,
        affirmed=affirmed,
    )


def supported(source: str, summary: str) -> float:
    """Share of a summary's neighbouring content words that stand together in a sentence of the source.

    What is said of one thing and put beside another reads well and is wrong; it leaves few such pairs.
    """
    known = [frozenset(_content(sentence)) for line in source.split("\n") for sentence in split(line)]
    pairs = [
        pair
        for sentence in split(summary)
        for content in (_content(sentence),)
        for pair in (pairwise(content) if len(content) > 1 else zip(content, content, strict=True))
    ]
    held = sum(any(set(pair) <= sentence for sentence in known) for pair in pairs)
    return held / len(pairs) if len(pairs) >= _FEWEST else 1.0


def _content(sentence: str) -> list[str]:
    """Without numbers and people, which may be said otherwise and are looked at by themselves."""
    told = (word for word in words(sentence) if word not in FUNCTION and word not in _NUMBERS)
    return [stem(word) for word in told if not word[0].isdigit() and _bare(word) not in _ANYBODY]


@cache
def stem(word: str) -> str:
    """A word's stem (Porter 2), without a possessive; of an irregular verb, its present's."""
    bare = _bare(word.lower())
    found: str = _stemmer().stemWord(_PRESENT.get(bare, bare))
    return found


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def _bare(word: str) -> str:
    return word.removesuffix("'s").removesuffix("s'")


def _reached(tokens: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each word, and whether a negation before it in its clause reaches it."""
    left = 0
    for token in tokens:
        if not token[0].isalnum() or token in ("but", "and", "because", "so"):
            left = 0
        elif token in NEGATIONS:
            left = _SCOPE
        else:
            yield token, left > 0
            left -= 1


def _changed(summary: Facts, source: Facts) -> bool:
    """Whether it denies what the source only affirms, or affirms what the source only denies."""
    denies = summary.denied & source.stems - source.denied
    affirms = (summary.affirmed - summary.denied) & source.denied - source.affirmed
    return bool(denies or affirms)


def _names(text: str, names: Set[str]) -> set[str]:
    capitals = {word.lower() for word in _CAPITAL.findall(text)} - {"i"}
    return {word for word in words(text) if word in names or word in capitals}


def _numbers(tokens: Sequence[str]) -> Iterator[float]:
    for token in tokens:
        if token in _NUMBERS:
            yield float(_NUMBERS[token])
        elif digits := re.match(r"\d+", token):
            yield float(digits[0])


def _new(summary: Facts, source: Facts) -> float:
    """Share of its content that the source does not have."""
    content = summary.denied | summary.affirmed
    return len(content - source.stems) / max(1, len(content))
