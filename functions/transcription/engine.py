"""The interface of a speech recognition engine, so that callers do not depend on a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.stage_work import ReportProgress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine recognized. Without segments, `empty_reason` says why."""

    segments: tuple[Segment, ...] = ()
    language: str | None = None
    empty_reason: EmptyReason | None = None

    def shifted(self, seconds: float) -> Recognition:
        """The same recognition with every time `seconds` later."""
        segments = tuple(_shifted(segment, seconds) for segment in self.segments)
        return msgspec.structs.replace(self, segments=segments)


class Engine(Protocol):
    """A speech recognition model. `transcribe` may be called from several threads."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def languages(self) -> Sequence[str]:
        """ISO 639-1 codes of the languages it recognizes."""
        ...

    def transcribe(self, samples: NDArray[np.float32], *, progress: ReportProgress) -> Recognition:
        """Transcribe mono samples at 16 kHz, at most ten minutes; times count from the first sample."""
        ...


def join_text(segments: Iterable[Segment]) -> str:
    """The text of consecutive segments."""
    return " ".join(segment.text for segment in segments)


def _shifted(segment: Segment, seconds: float) -> Segment:
    words = tuple(
        msgspec.structs.replace(word, start=word.start + seconds, end=word.end + seconds)
        for word in segment.words
    )
    start, end = ((None if time is None else time + seconds) for time in (segment.start, segment.end))
    return msgspec.structs.replace(segment, start=start, end=end, words=words)
