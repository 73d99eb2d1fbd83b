"""What a stage is given and what it gives back: the pure part of the pipeline.

A function implements `StageWork`; `pipeline.py` finds the inputs, calls it under a lease and stores
what it returns. Work sees no store and no bus, so it can be run, tested and repeated anywhere.
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
    Piece,
    Transcript,
)
from functions.shared.domain.entries import Entry, Stage
from functions.shared.domain.insight import Summary

ReportProgress = Callable[[float], None]
"""Called with the share of the work done (0..1); also renews the lease, so it may raise LeaseLost."""


def no_progress(_: float) -> None:
    """For callers that do not follow progress."""


class StageInput(msgspec.Struct, frozen=True, kw_only=True):
    """The inputs of one run. Only what the stage needs is filled in."""

    entry: Entry
    chunk: int | None = None
    audio: Path | None = None
    transcript: Transcript | None = None
    arc: Arc | None = None
    chunk_transcripts: tuple[ChunkTranscript, ...] = ()
    progress: ReportProgress = no_progress


class EntryFindings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Fields of the entry that the stage sets. A field left at None stays as it is."""

    language: str | None = None
    duration_s: float | None = None
    partial_audio: bool | None = None
    emotions: tuple[EmotionScore, ...] | None = None
    feelings: tuple[LabelScore, ...] | None = None
    topics: tuple[LabelScore, ...] | None = None
    sentiment: float | None = None
    summary: Summary | None = None
    embedding_model: str | None = None


class StageResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a stage found. With `plan` set (spans in seconds), the stage goes on in chunks."""

    engine: str
    model_version: str
    findings: EntryFindings = EntryFindings()
    pieces: tuple[Piece, ...] = ()
    empty_reason: EmptyReason | None = None
    plan: tuple[tuple[float, float], ...] = ()


class StageWork(Protocol):
    """One capability as the pipeline sees it.

    `run` raises PermanentError when this content can never succeed, TemporaryError when a later
    attempt may; anything else counts as a crash of this attempt.
    """

    @property
    def stage(self) -> Stage: ...

    def run(self, job: StageInput) -> StageResult: ...
