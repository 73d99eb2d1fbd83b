"""Evaluation records, as written to `evaluation.json` and read by the report and the model cards."""

from __future__ import annotations

import msgspec

from build.evaluation.records import Estimate


class SystemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One summarizer on one dataset.

    Attributes:
        rouge: ROUGE-1, -2, -L with 95% bootstrap intervals, by name.
        words: mean length.
        new_words: mean share of the summary's words that are not in its source.
        fallbacks: share of summaries that fell back to extracts, by reason.
    """

    system: str
    rouge: dict[str, Estimate]
    words: float
    new_words: float
    fallbacks: dict[str, float] = {}


class SetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """All summarizers on one dataset, compared in one run.

    Attributes:
        best_baseline: the best baseline by ROUGE-1.
        leads: ROUGE-1 lead of each of our systems over that baseline, paired.
        leads_over_extractive: ROUGE-1 lead of each abstractive system over the extractive engine, paired.
    """

    name: str
    pairs: int
    systems: list[SystemRecord]
    best_baseline: str
    leads: dict[str, Estimate]
    leads_over_extractive: dict[str, Estimate] = {}


class InjectedErrors(msgspec.Struct, frozen=True, kw_only=True):
    """Errors of one kind injected into correct summaries: how many, and the share that is detected."""

    kind: str
    count: int
    detected: Estimate


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Evaluation of the faithfulness guard.

    Attributes:
        clean: number of correct summaries; ``rejected`` is the share of them that the guard rejects.
        rejected_human: share of human-written summaries that is rejected, by reason: those also contain facts
            that the source does not.
    """

    injected: list[InjectedErrors]
    clean: int
    rejected: Estimate
    rejected_human: dict[str, float]
    examples: list[tuple[str, str, str]]
    """Kind, summary with the error, and the guard's verdict."""


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Median milliseconds on one thread, and megabytes on disk."""

    name: str
    milliseconds: float
    megabytes: float
    detail: str = ""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One text and its summary by each system."""

    name: str
    text: str
    summaries: dict[str, str]
    titles: dict[str, str] = {}
    reference: str | None = None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All results of a run."""

    sets: list[SetRecord]
    guard: Guard
    timings: list[Timing]
    entries: list[Example]
    examples: list[Example]
