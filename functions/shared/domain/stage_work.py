"""The interface between the pipeline and the work of a stage.

Each capability implements `StageWork`. The pipeline loads its input, calls it under a lease and stores its
result. The work itself uses no store and no bus, so it can be run and tested anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from functions.shared.domain.content import (
    Arc,
    ChunkTranscript,
    EmotionScore,
    EmptyReason,
    LabelScore,
    PartialReason,
    Piece,
    Transcript,
)
from functions.shared.domain.entries import Entry, Stage
from functions.shared.domain.insight import Summary

ReportProgress = Callable[[float], None]
"""Called with the fraction of the work done (0..1). It also renews the lease, so it may raise LeaseLost."""


def no_progress(_: float) -> None:
    """Ignores progress."""


class StageInput(msgspec.Struct, frozen=True, kw_only=True):
    """The input of one run; only the fields that the stage needs are set.

    Attributes:
        names: those in the user's personal dictionary.
    """

    entry: Entry
    chunk: int | None = None
    audio: Path | None = None
    names: tuple[str, ...] = ()
    transcript: Transcript | None = None
    arc: Arc | None = None
    chunk_transcripts: tuple[ChunkTranscript, ...] = ()
    progress: ReportProgress = no_progress


class EntryFindings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fields of the entry that a stage sets; None leaves a field as it is."""

    language: str | None = None
    duration_s: float | None = None
    partial_audio: bool | None = None
    partial_reason: PartialReason | None = None
    left_out: bool | None = None
    emotions: tuple[EmotionScore, ...] | None = None
    feelings: tuple[LabelScore, ...] | None = None
    topics: tuple[LabelScore, ...] | None = None
    sentiment: float | None = None
    certain: bool | None = None
    support: bool | None = None
    summary: Summary | None = None
    opening: str | None = None
    words: tuple[str, ...] | None = None
    embedding_model: str | None = None


class StageResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a stage. A `plan` (spans in seconds) divides it into chunks instead of completing it."""

    engine: str
    model_version: str
    findings: EntryFindings = EntryFindings()
    pieces: tuple[Piece, ...] = ()
    empty_reason: EmptyReason | None = None
    plan: tuple[tuple[float, float], ...] = ()


class StageWork(Protocol):
    """The work of one stage.

    `run` raises PermanentError if this content can never succeed, and TemporaryError if a later attempt may.
    Any other exception counts as a crashed attempt.
    """

    @property
    def stage(self) -> Stage: ...

    def run(self, stage_input: StageInput) -> StageResult: ...
