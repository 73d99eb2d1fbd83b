"""The faithfulness guard: whether a summary in new words says only what its source says, by simple rules.

Names, numbers, people and negations are what a small model gets wrong and what a diary must not get wrong:
each must be in the source, and so must most pairs of neighboring words. Not checked: who did what to whom,
and whether what was planned happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from functions.shared.domain.insight import FallbackReason
from functions.shared.text.sentences import split
from functions.summarization.wording.words import FUNCTION, NEGATIONS, words

MAX_NEW_SHARE = 0.5
"""The share of a summary's content words that may be missing from the source."""
_MIN_PAIRS = 4
"""With fewer pairs of neighboring words, support is not judged."""
_NEGATION_SCOPE = 4
"""How many words after a negation are negated, unless the clause ends before."""
_CONJUNCTIONS = frozenset({"but", "and", "because", "so"})
"""Words that end a clause, besides punctuation."""

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?…]")
_CAPITAL = re.compile(r"(?<=[\w,;] )[A-Z]\w+")
_NUMBERS: dict[str, int] = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million": 1_000_000,
    "twice": 2, "dozen": 12,
}  # fmt: skip
"""Without "one", which is usually not a number ("one of", "no one")."""
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
_PERSON_WORDS = frozenset(word for _, group in _PEOPLE for word in group.split())
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
    """The facts of a text that can be checked.

    Attributes:
        people: indices into the list of people.
        pronouns: "he" and "she", said or implied by a person.
        negated, affirmed: stems of content words with and without a negation before them.
    """

    stems: Set[str]
    numbers: Set[float]
    people: Set[int]
    pronouns: Set[str]
    negated: Set[str]
    affirmed: Set[str]


def find_unfaithful(
    source: str, summary: str, names: Set[str] = frozenset(), least_supported: float = 0.0
) -> FallbackReason | None:
    """Why a summary is not faithful to its source; None if every check passes.

    Args:
        names: words in lower case that are always names.
        least_supported: the least `supported` share, for models that mix up unrelated statements.
    """
    source_facts, summary_facts = extract_facts(source), extract_facts(summary)
    names_known = {stem(name) for name in _names(summary, names)} <= source_facts.stems
    people_known = (
        summary_facts.people <= source_facts.people and summary_facts.pronouns <= source_facts.pronouns
    )
    checks = (
        (FallbackReason.INVENTED_NUMBER, summary_facts.numbers <= source_facts.numbers),
        (FallbackReason.INVENTED_NAME, names_known),
        (FallbackReason.INVENTED_PERSON, people_known),
        (FallbackReason.CHANGED_NEGATION, not _changes_negation(source_facts, summary_facts)),
        (FallbackReason.INVENTED_WORDS, _new_share(source_facts, summary_facts) <= MAX_NEW_SHARE),
        (FallbackReason.UNSUPPORTED, not least_supported or supported(source, summary) >= least_supported),
    )
    return next((reason for reason, passes in checks if not passes), None)


def extract_facts(text: str) -> Facts:
    """Extract the facts of a text that can be checked."""
    tokens = [token.lower().replace("’", "'") for token in _TOKEN.findall(text)]
    negated: set[str] = set()
    affirmed: set[str] = set()
    for word, is_negated in _with_negation(tokens):
        if word not in FUNCTION and word not in NEGATIONS and word[0].isalnum():
            (negated if is_negated else affirmed).add(stem(word))
    bare = {_bare(token) for token in tokens}
    people = {index for index, (_, group) in enumerate(_PEOPLE) if not bare.isdisjoint(group.split())}
    pronouns = {pronoun for pronoun, forms in _PRONOUNS.items() if not set(forms.split()).isdisjoint(tokens)}
    return Facts(
        stems={stem(token) for token in tokens},
        numbers=set(_numbers(tokens)),
        people=people,
        pronouns=pronouns | {pronoun for index in people if (pronoun := _PEOPLE[index][0])},
        negated=negated,
        affirmed=affirmed,
    )


def supported(source: str, summary: str) -> float:
    """The share of a summary's pairs of neighboring content words that one sentence of the source has.

    A summary that mixes up statements about different things reads well but is wrong; it has few such pairs.
    """
    source_sentences = [
        frozenset(_content(sentence)) for line in source.split("\n") for sentence in split(line)
    ]
    pairs = [
        pair
        for sentence in split(summary)
        for content in (_content(sentence),)
        for pair in (pairwise(content) if len(content) > 1 else zip(content, content, strict=True))
    ]
    held = sum(any(set(pair) <= sentence for sentence in source_sentences) for pair in pairs)
    return held / len(pairs) if len(pairs) >= _MIN_PAIRS else 1.0


def _content(sentence: str) -> list[str]:
    """Stems of content words, without numbers and people: they may be paraphrased and have other checks."""
    content = (word for word in words(sentence) if word not in FUNCTION and word not in _NUMBERS)
    return [stem(word) for word in content if not word[0].isdigit() and _bare(word) not in _PERSON_WORDS]


@cache
def stem(word: str) -> str:
    """A word's stem (Porter 2), without a possessive; of an irregular verb, that of its present tense."""
    bare = _bare(word.lower())
    stemmed: str = _stemmer().stemWord(_PRESENT.get(bare, bare))
    return stemmed


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def _bare(word: str) -> str:
    return word.removesuffix("'s").removesuffix("s'")


def _with_negation(tokens: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Each word, and whether it is in the scope of a negation in its clause."""
    remaining = 0
    for token in tokens:
        if not token[0].isalnum() or token in _CONJUNCTIONS:
            remaining = 0
        elif token in NEGATIONS:
            remaining = _NEGATION_SCOPE
        else:
            yield token, remaining > 0
            remaining -= 1


def _changes_negation(source: Facts, summary: Facts) -> bool:
    """Whether the summary negates what the source only affirms, or affirms what the source only negates."""
    negates = summary.negated & source.stems - source.negated
    affirms = (summary.affirmed - summary.negated) & source.negated - source.affirmed
    return bool(negates or affirms)


def _names(text: str, names: Set[str]) -> set[str]:
    capitals = {word.lower() for word in _CAPITAL.findall(text)} - {"i"}
    return {word for word in words(text) if word in names or word in capitals}


def _numbers(tokens: Sequence[str]) -> Iterator[float]:
    for token in tokens:
        if token in _NUMBERS:
            yield float(_NUMBERS[token])
        elif digits := re.match(r"\d+", token):
            yield float(digits[0])


def _new_share(source: Facts, summary: Facts) -> float:
    """The share of the summary's content words that the source does not have."""
    content = summary.negated | summary.affirmed
    return len(content - source.stems) / max(1, len(content))
