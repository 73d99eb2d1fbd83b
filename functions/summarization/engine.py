"""What any summarizer is to the rest of SAMO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from functions.shared.domain.content import Arc, Segment
from functions.shared.domain.insight import FallbackReason, Summary
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.runtime.settings import Style


class Text(msgspec.Struct, frozen=True):
    """One entry to summarize: at least one segment and, where the emotion stage ran, its arc."""

    segments: Sequence[Segment]
    arc: Arc | None = None


class Engine(Protocol):
    """Entries in, what they come down to out. The same input always gives the same summary."""

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
        """One summary of one or more entries, in at most `max_sentences` (default: the engine's own).

        Every quote is a segment, word for word. `progress` hears the share done.
        """
        ...


class FallbackEngine:
    """Stands for a model that is not there: another engine answers, and the summary says so."""

    def __init__(self, instead: Engine) -> None:
        self._instead = instead

    @property
    def name(self) -> str:
        return self._instead.name

    @property
    def version(self) -> str:
        return self._instead.version

    @property
    def style(self) -> Style:
        return self._instead.style

    def summarize(
        self,
        texts: Sequence[Text],
        *,
        max_sentences: int | None = None,
        progress: ReportProgress = no_progress,
    ) -> Summary:
        made = self._instead.summarize(texts, max_sentences=max_sentences, progress=progress)
        return msgspec.structs.replace(made, fallback_reason=FallbackReason.NOT_INSTALLED)
