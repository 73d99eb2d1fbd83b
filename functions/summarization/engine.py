"""The interface of a summarization engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from functions.shared.domain.content import Arc, Segment
from functions.shared.domain.insight import FallbackReason, Summary
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.domain.understood import Understood
from functions.shared.runtime.settings import Style


class Text(msgspec.Struct, frozen=True):
    """One entry to summarize: at least one segment and, if the emotion stage ran, its arc."""

    segments: Sequence[Segment]
    arc: Arc | None = None


class Engine(Protocol):
    """Summarizes entries. The same input always gives the same summary."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def style(self) -> Style: ...

    def summarize(
        self,
        texts: Sequence[Text],
        *,
        max_sentences: int | None = None,
        progress: ReportProgress = no_progress,
    ) -> Summary:
        """One summary of one or more entries, of at most `max_sentences` (default: the engine's own).

        Every quote is a segment or a contiguous part of one, word for word.
        """
        ...


class FallbackEngine:
    """Replaces an engine whose model is not installed: uses another one, and the summary says so."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    @property
    def style(self) -> Style:
        return self._engine.style

    def summarize(
        self,
        texts: Sequence[Text],
        *,
        max_sentences: int | None = None,
        progress: ReportProgress = no_progress,
    ) -> Summary:
        summary = self._engine.summarize(texts, max_sentences=max_sentences, progress=progress)
        return msgspec.structs.replace(summary, fallback_reason=FallbackReason.NOT_INSTALLED)


def of_entry(summary: Summary, understood: Understood) -> Summary:
    """A summary of the sentences that models read as one of the entry, whose segments its quotes name."""
    quotes = (
        msgspec.structs.replace(quote, segment=understood.index(quote.segment)) for quote in summary.quotes
    )
    return msgspec.structs.replace(summary, quotes=tuple(quotes))
