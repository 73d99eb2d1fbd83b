"""What any summarizer is to the rest of SAMO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from functions.shared.entries import Arc, Segment, Summary


class Engine(Protocol):
    """Segments in, their emotional core out. The same input always gives the same summary."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def summarize(
        self, segments: Sequence[Segment], *, arc: Arc | None = None, max_sentences: int | None = None
    ) -> Summary:
        """Summarize at least one segment in at most `max_sentences` (default: the engine's own).

        `arc` is what the emotion stage found, where it ran. Every quote is a segment, word for word.
        """
        ...
