"""What a run finds out, as it is written to `evaluation.json` and read by report and cards."""

from __future__ import annotations

import msgspec

from build.evaluation.records import Estimate


class SystemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One summarizer on one set.

    Attributes:
        rouge: ROUGE-1, -2, -L with 95% bootstrap intervals, by name.
        words: mean length.
        new_words: mean share of the summary's words that its source does not have.
        fallbacks: share of summaries that were extracts although new words were asked for, by reason.
    """

    system: str
    rouge: dict[str, Estimate]
    words: float
    new_words: float
    fallbacks: dict[str, float] = {}


class SetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All summarizers on one set, side by side in one run.

    Attributes:
        best_peer: the best of the peers by ROUGE-1, whatever it was given to choose from.
        leads: of each system of ours, its lead in ROUGE-1 over that peer, paired.
        over_extracts: of each system that writes, its lead over the extractive engine, paired.
    """

    name: str
    pairs: int
    systems: list[SystemRecord]
    best_peer: str
    leads: dict[str, Estimate]
    over_extracts: dict[str, Estimate] = {}


class InjectedErrors(msgspec.Struct, frozen=True, kw_only=True):
    """Errors of one kind planted into true summaries: how many, and the share that is found."""

    kind: str
    planted: int
    found: Estimate


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """The faithfulness guard, measured.

    Attributes:
        clean: how many summaries that say only what their source says, and the share of them refused.
        people: share of what people wrote themselves that is refused, by reason: their summaries also tell
            what their story does not.
    """

    planted: list[InjectedErrors]
    clean: int
    refused: Estimate
    people: dict[str, float]
    examples: list[tuple[str, str, str]]
    """Kind, summary with the error, and what the guard said."""


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds on one thread, medians, and megabytes on disk."""

    name: str
    milliseconds: float
    megabytes: float
    detail: str = ""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One text and what each system makes of it."""

    name: str
    text: str
    summaries: dict[str, str]
    titles: dict[str, str] = {}
    reference: str | None = None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    sets: list[SetRecord]
    guard: Guard
    timings: list[Timing]
    entries: list[Example]
    examples: list[Example]
