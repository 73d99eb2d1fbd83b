"""How much the faithfulness guard finds: errors planted into summaries that are true, and true ones refused.

True summaries are extracts of the source, so that whatever the guard refuses of them is its mistake.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from build.evaluation.intervals import mean
from build.summarization.records import Guard, Planted
from functions.summarization.faithfulness import find_unfaithful

Plant = Callable[[str, str, np.random.Generator], str | None]
"""Source, summary and randomness to the summary with an error, or None where there is nothing to change."""

_NAMES = ("Gregory", "Helena", "Bordeaux", "Vermont", "Priscilla", "Nathaniel")
_NUMBER = re.compile(r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\b", re.IGNORECASE)
_NUMBERS = ("17", "two", "forty", "nine", "2003", "600", "six")
_PEOPLE = (
    "mother", "father", "brother", "sister", "husband", "wife", "uncle", "cousin", "boss", "doctor", "nephew",
)  # fmt: skip
_PERSON = re.compile(
    r"\b(?:mother|mom|father|dad|brother|sister|husband|wife|son|daughter|uncle|aunt|cousin|boss|doctor|nephew"
    r"|niece)\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"(?<=[a-z,] )(?!I\b)[A-Z][a-z]{2,}\b")
_AFFIRMED = re.compile(r"\b(was|were|is|are|did|had|could|would|will)\b (?!not|never|n't)", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|never)\b |n't\b", re.IGNORECASE)
_SHOWN = 3


def name(source: str, summary: str, random: np.random.Generator) -> str | None:
    """Another name in place of one."""
    return _replaced(_CAPITAL, _NAMES, source, summary, random)


def number(source: str, summary: str, random: np.random.Generator) -> str | None:
    """Another number in place of one."""
    return _replaced(_NUMBER, _NUMBERS, source, summary, random)


def person(source: str, summary: str, random: np.random.Generator) -> str | None:
    """Another person in place of one."""
    return _replaced(_PERSON, _PEOPLE, source, summary, random)


def denied(source: str, summary: str, random: np.random.Generator) -> str | None:  # noqa: ARG001
    """A `not` where there was none."""
    found = list(_AFFIRMED.finditer(summary))
    if not found:
        return None
    at = found[int(random.integers(len(found)))].end()
    return f"{summary[:at]}not {summary[at:]}"


def affirmed(source: str, summary: str, random: np.random.Generator) -> str | None:  # noqa: ARG001
    """No `not` where there was one."""
    found = list(_DENIED.finditer(summary))
    if not found:
        return None
    one = found[int(random.integers(len(found)))]
    return summary[: one.start()] + summary[one.end() :]


PLANTS: dict[str, Plant] = {
    "name": name, "number": number, "person": person, "negation added": denied, "negation lost": affirmed,
}  # fmt: skip


def measure(
    pairs: Sequence[tuple[str, str]], people: Sequence[tuple[str, str]], names: frozenset[str], seed: int
) -> Guard:
    """Judge the guard.

    Args:
        pairs: sources and extracts of them.
        people: sources and what people wrote of them.
    """
    random = np.random.default_rng(seed)
    planted, examples = [], []
    for kind, plant in PLANTS.items():
        wrong = [(source, made) for source, true in pairs if (made := plant(source, true, random))]
        said = [find_unfaithful(source, made, names) for source, made in wrong]
        found = mean([each is not None for each in said], seed)
        planted.append(Planted(kind=kind, planted=len(wrong), found=found))
        shown = zip(wrong[:_SHOWN], said, strict=False)
        examples += [(kind, made, str(reason or "not found")) for (_, made), reason in shown]
    refused = [find_unfaithful(source, true, names) is not None for source, true in pairs]
    reasons = Counter(find_unfaithful(source, summary, names) for source, summary in people)
    return Guard(
        planted=planted,
        clean=len(pairs),
        refused=mean(refused, seed),
        people={str(reason): count / len(people) for reason, count in reasons.items() if reason},
        examples=examples,
    )


def _replaced(
    pattern: re.Pattern[str], others: Sequence[str], source: str, summary: str, random: np.random.Generator
) -> str | None:
    """One match of `pattern` in `summary`, by one of `others` that `source` does not have."""
    found = list(pattern.finditer(summary))
    known = source.lower()
    free = [other for other in others if not re.search(rf"\b{other.lower()}\b", known)]
    if not found or not free:
        return None
    one = found[int(random.integers(len(found)))]
    return summary[: one.start()] + free[int(random.integers(len(free)))] + summary[one.end() :]
