"""The interface of a speech recognition engine, so that callers do not depend on a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

from functions.shared.domain.content import EmptyReason, LeftOut, Segment
from functions.shared.domain.stage_work import ReportProgress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


MARKERS: Mapping[LeftOut, str] = {
    LeftOut.UNSUPPORTED_LANGUAGE: "[another language]",
    LeftOut.UNCLEAR: "[unclear]",
}
"""What a transcript says in place of what was left out."""


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

    def transcribe(
        self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
    ) -> Recognition:
        """Transcribe mono samples at 16 kHz, at most ten minutes; times count from the first sample.

        `names` are spelled like this where they are said.
        """
        ...


@runtime_checkable
class EngineInContext(Protocol):
    """An engine for which it matters what came before a phrase."""

    def transcribe_amid_speech(
        self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
    ) -> Recognition:
        """As `transcribe`, after speech was recognized: doubtful sounds are more likely to be speech."""
        ...


def join_text(segments: Iterable[Segment]) -> str:
    """The text of consecutive segments."""
    return " ".join(segment.text for segment in segments)


def join_left_out(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Neighboring segments that were left out for the same reason as one."""
    joined = list[Segment]()
    for segment in segments:
        last = joined[-1] if joined else None
        if last is not None and segment.left_out is not None and last.left_out is segment.left_out:
            joined[-1] = msgspec.structs.replace(last, end=segment.end)
        else:
            joined.append(segment)
    return tuple(joined)


def _shifted(segment: Segment, seconds: float) -> Segment:
    words = tuple(
        msgspec.structs.replace(word, start=word.start + seconds, end=word.end + seconds)
        for word in segment.words
    )
    start, end = ((None if time is None else time + seconds) for time in (segment.start, segment.end))
    return msgspec.structs.replace(segment, start=start, end=end, words=words)
