"""Scores of a model, and of the sentence splitter, on the test sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from build.evaluation.kinds.cases import FeelingCase, RunOnCase, SentenceCase
from functions.shared.text import sentences as splitter


class EntryReading(NamedTuple):
    """What a model says: the emotion of each sentence that it shows first, all it shows, and the mood."""

    first: Sequence[str]
    named: Sequence[frozenset[str]]
    mood: float


class Reads(Protocol):
    """Reads the sentences of an entry."""

    def __call__(self, sentences: Sequence[str]) -> EntryReading: ...


class FeelingScore(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of a set's cases, from 0 to 1.

    Attributes:
        accepted: the first emotion of the sentence is one that a reader accepts.
        literal: at least one emotion shown is one that only a literal reading gives.
        sign: the mood of the entry has the right sign, among cases where it is clear.
    """

    cases: int
    accepted: float
    literal: float
    sign: float


class CutScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well entries without punctuation are cut; shares from 0 to 1.

    Attributes:
        precision, recall, f1: of the cuts of all cases together.
        turns: the share of turns at which there is a cut.
        first, second: a sentence before (after) the turn first shows a feeling that a reader accepts; None
            if no model was asked.
    """

    cases: int
    precision: float
    recall: float
    f1: float
    turns: float
    first: float | None = None
    second: float | None = None


class SplitScore(msgspec.Struct, frozen=True, kw_only=True):
    """``exact``: the share of texts split exactly right; the others are of all sentences together."""

    cases: int
    exact: float
    precision: float
    recall: float
    f1: float


def score_feelings(cases: Sequence[FeelingCase], read: Reads) -> FeelingScore:
    readings = [read(case.sentences) for case in cases]
    pairs = list(zip(cases, readings, strict=True))
    clear = [(case, reading) for case, reading in pairs if case.valence]
    return FeelingScore(
        cases=len(cases),
        accepted=_share([reading.first[case.target] in case.emotions for case, reading in pairs]),
        literal=_share([bool(reading.named[case.target] & case.wrong) for case, reading in pairs]),
        sign=_share([reading.mood * case.valence > 0 for case, reading in clear]),
    )


def score_cuts(cases: Sequence[RunOnCase], read: Reads | None = None) -> CutScore:
    """``read`` is asked for the sentences as they are cut, not as they should be."""
    found = [[start for start, _ in splitter.spans(case.text)] for case in cases]
    cuts = [frozenset(starts[1:]) for starts in found]
    right = sum(len(case.offsets & at) for case, at in zip(cases, cuts, strict=True))
    precision, recall, f1 = _f1(right, sum(map(len, cuts)), sum(len(case.offsets) for case in cases))
    turns = [turn in at for case, at in zip(cases, cuts, strict=True) for turn in case.turns]
    sides = [_sides(case, read) for case in cases] if read else None
    return CutScore(
        cases=len(cases),
        precision=precision,
        recall=recall,
        f1=f1,
        turns=_share(turns),
        first=_share([first for first, _ in sides]) if sides else None,
        second=_share([second for _, second in sides]) if sides else None,
    )


def score_splits(cases: Sequence[SentenceCase]) -> SplitScore:
    found = [splitter.split(case.text) for case in cases]
    expected = [list(case.sentences) for case in cases]
    right = sum(_common(split, truth) for split, truth in zip(found, expected, strict=True))
    precision, recall, f1 = _f1(right, sum(map(len, found)), sum(map(len, expected)))
    exact = _share([split == truth for split, truth in zip(found, expected, strict=True)])
    return SplitScore(cases=len(cases), exact=exact, precision=precision, recall=recall, f1=f1)


def _sides(case: RunOnCase, read: Reads) -> tuple[bool, bool]:
    """Whether an accepted feeling is shown first by a sentence before, and by one after, the turn."""
    spans = splitter.spans(case.text)
    reading = read([case.text[start:end] for start, end in spans])
    before = {label for (start, _), label in zip(spans, reading.first, strict=True) if start < case.turns[0]}
    after = {label for (start, _), label in zip(spans, reading.first, strict=True) if start >= case.turns[0]}
    return bool(before & case.first), bool(after & case.second)


def _common(found: Sequence[str], expected: Sequence[str]) -> int:
    """Sentences in both; a sentence that occurs twice counts twice."""
    left = list(expected)
    for sentence in found:
        if sentence in left:
            left.remove(sentence)
    return len(expected) - len(left)


def _f1(right: int, found: int, expected: int) -> tuple[float, float, float]:
    precision, recall = right / max(found, 1), right / max(expected, 1)
    return precision, recall, 2 * right / max(found + expected, 1)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / max(len(flags), 1)
