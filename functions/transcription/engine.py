"""What transcribes: one interface, so that callers never know which model hears."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.stage_work import ReportProgress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """What was understood. Without segments, `empty_reason` says why."""

    segments: tuple[Segment, ...] = ()
    language: str | None = None
    empty_reason: EmptyReason | None = None

    def shifted(self, seconds: float) -> Recognition:
        """The same, `seconds` further into a recording."""
        return msgspec.structs.replace(self, segments=tuple(_later(s, seconds) for s in self.segments))


class Engine(Protocol):
    """A model of speech. `transcribe` may be called from several threads."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def languages(self) -> Sequence[str]:
        """The ISO 639-1 codes it understands."""
        ...

    def transcribe(self, samples: NDArray[np.float32], *, progress: ReportProgress) -> Recognition:
        """Mono samples at 16 kHz (at most ten minutes) to segments timed from their start."""
        ...


def _later(segment: Segment, seconds: float) -> Segment:
    words = tuple(
        msgspec.structs.replace(word, start=word.start + seconds, end=word.end + seconds)
        for word in segment.words
    )
    start, end = ((None if at is None else at + seconds) for at in (segment.start, segment.end))
    return msgspec.structs.replace(segment, start=start, end=end, words=words)
