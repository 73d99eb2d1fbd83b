"""Evaluates the faithfulness guard: injected errors it detects, and correct summaries it rejects.

The correct summaries are extracts of the source, so whenever the guard rejects one, it is wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from build.evaluation.bootstrap import mean_with_interval
from build.summarization.evaluation.records import Guard, InjectedErrors
from functions.summarization.abstracts.faithfulness import find_unfaithful

Injector = Callable[[str, str, np.random.Generator], str | None]
"""(source, summary, generator) → the summary with an error, or None if it has nothing to change."""

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
_AUXILIARY = re.compile(r"\b(was|were|is|are|did|had|could|would|will)\b (?!not|never|n't)", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|never)\b |n't\b", re.IGNORECASE)
_EXAMPLES = 3


def name(source: str, summary: str, random: np.random.Generator) -> str | None:
    """Replace a name."""
    return _replaced(_CAPITAL, _NAMES, source, summary, random)


def number(source: str, summary: str, random: np.random.Generator) -> str | None:
    """Replace a number."""
    return _replaced(_NUMBER, _NUMBERS, source, summary, random)


def person(source: str, summary: str, random: np.random.Generator) -> str | None:
    """Replace a person."""
    return _replaced(_PERSON, _PEOPLE, source, summary, random)


def negation_added(source: str, summary: str, random: np.random.Generator) -> str | None:  # noqa: ARG001
    """Insert a `not`."""
    matches = list(_AUXILIARY.finditer(summary))
    if not matches:
        return None
    position = matches[int(random.integers(len(matches)))].end()
    return f"{summary[:position]}not {summary[position:]}"


def negation_lost(source: str, summary: str, random: np.random.Generator) -> str | None:  # noqa: ARG001
    """Remove a `not`."""
    matches = list(_NEGATION.finditer(summary))
    if not matches:
        return None
    match = matches[int(random.integers(len(matches)))]
    return summary[: match.start()] + summary[match.end() :]


INJECTORS: dict[str, Injector] = {
    "name": name,
    "number": number,
    "person": person,
    "negation added": negation_added,
    "negation lost": negation_lost,
}


def evaluate_guard(
    pairs: Sequence[tuple[str, str]], human_pairs: Sequence[tuple[str, str]], names: frozenset[str], seed: int
) -> Guard:
    """Measure the guard.

    Args:
        pairs: sources and extracts of them.
        people: sources and their human-written summaries.
    """
    random = np.random.default_rng(seed)
    records, examples = [], []
    for kind, inject in INJECTORS.items():
        corrupted = [(source, text) for source, extract in pairs if (text := inject(source, extract, random))]
        verdicts = [find_unfaithful(source, text, names) for source, text in corrupted]
        detected = mean_with_interval([verdict is not None for verdict in verdicts], seed)
        records.append(InjectedErrors(kind=kind, count=len(corrupted), detected=detected))
        samples = zip(corrupted[:_EXAMPLES], verdicts, strict=False)
        examples += [(kind, text, str(reason or "not detected")) for (_, text), reason in samples]
    rejected = [find_unfaithful(source, extract, names) is not None for source, extract in pairs]
    reasons = Counter(find_unfaithful(source, summary, names) for source, summary in human_pairs)
    return Guard(
        injected=records,
        clean=len(pairs),
        rejected=mean_with_interval(rejected, seed),
        rejected_human={str(reason): count / len(human_pairs) for reason, count in reasons.items() if reason},
        examples=examples,
    )


def _replaced(
    pattern: re.Pattern[str], others: Sequence[str], source: str, summary: str, random: np.random.Generator
) -> str | None:
    """Replace one match of `pattern` in `summary` by one of `others` that `source` does not contain."""
    matches = list(pattern.finditer(summary))
    source_text = source.lower()
    candidates = [other for other in others if not re.search(rf"\b{other.lower()}\b", source_text)]
    if not matches or not candidates:
        return None
    match = matches[int(random.integers(len(matches)))]
    return (
        summary[: match.start()] + candidates[int(random.integers(len(candidates)))] + summary[match.end() :]
    )
