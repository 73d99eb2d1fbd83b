"""Transcribes a recording with any engine, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from functions.shared.audio import decoding
from functions.shared.domain.content import ChunkTranscript, EmptyReason, PartialReason, Transcript
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.errors import ConfigurationError
from functions.transcription.chunking import plan_chunks
from functions.transcription.engine import Engine, Recognition, join_text

_REASONS = (EmptyReason.UNSUPPORTED_LANGUAGE, EmptyReason.NO_WORDS, EmptyReason.NO_SPEECH)
"""The most specific reason first."""


@lru_cache(maxsize=2)
def load_engine(name: str, models_dir: Path, whisper_model: str | None = None, *, threads: int = 1) -> Engine:
    """Load the engine `moonshine` or `whisper`, once per process.

    Args:
        whisper_model: a folder, or the name of one in `models_dir`.

    Raises:
        ArtifactError: a model file is missing.
        ConfigurationError: the engine is unknown, or `whisper_model` is missing.
    """
    if name == "moonshine":
        from functions.transcription import moonshine, vad

        detector = vad.VoiceDetector(models_dir / vad.FOLDER)
        return moonshine.Moonshine(models_dir / moonshine.FOLDER, detector, threads)
    if name == "whisper":
        from functions.transcription.whisper import Whisper

        if not whisper_model:
            raise ConfigurationError("the whisper engine needs the folder of a model")
        folder = Path(whisper_model)
        return Whisper(folder if folder.is_dir() else models_dir / whisper_model, threads)
    raise ConfigurationError(f"unknown engine {name!r}; choose moonshine or whisper")


def transcribe_file(
    engine: Engine,
    path: Path,
    *,
    progress: ReportProgress = no_progress,
    max_duration_s: float = decoding.MAX_DURATION_S,
    names: Sequence[str] = (),
) -> tuple[Transcript, EmptyReason | None]:
    """The transcript of a recording and, when it has no text, the reason.

    Raises:
        InvalidRequest: the recording is empty, too long or can't be decoded (see `decoding.probe`).
    """
    parts = transcribe_parts(engine, path, progress=progress, max_duration_s=max_duration_s, names=names)
    return parts.join(list(parts.recognitions))


class Parts(NamedTuple):
    """A recording that is recognized part by part, as `recognitions` is iterated."""

    info: decoding.AudioInfo
    recognitions: Iterator[Recognition]

    def join(self, recognitions: Sequence[Recognition]) -> tuple[Transcript, EmptyReason | None]:
        """The transcript of all parts and, when it has no text, the reason."""
        info = self.info
        return join_recognitions(recognitions, info.duration_s, partial=info.partial, why=info.partial_reason)


def transcribe_parts(
    engine: Engine,
    path: Path,
    *,
    progress: ReportProgress = no_progress,
    max_duration_s: float = decoding.MAX_DURATION_S,
    names: Sequence[str] = (),
) -> Parts:
    """As `transcribe_file`; the recording is checked at once and recognized later, part by part."""
    info = decoding.probe(path, max_duration_s=max_duration_s)
    spans = plan_chunks(path, info.duration_s)
    recognitions = (
        transcribe_span(engine, path, *span, progress=_share_of(progress, index, len(spans)), names=names)
        for index, span in enumerate(spans)
    )
    return Parts(info, recognitions)


def transcribe_span(
    engine: Engine,
    path: Path,
    start: float,
    end: float,
    *,
    progress: ReportProgress = no_progress,
    names: Sequence[str] = (),
) -> Recognition:
    """Transcribe [start, end) seconds of a recording; times count from the start of the recording."""
    samples = decoding.decode(path, start, end)
    return engine.transcribe(samples, progress=progress, names=names).shifted(start)


def join_recognitions(
    parts: Sequence[Recognition | ChunkTranscript],
    duration_s: float | None,
    *,
    partial: bool = False,
    why: PartialReason | None = None,
) -> tuple[Transcript, EmptyReason | None]:
    """Join consecutive parts of a recording into one transcript, in the language of most segments.

    The second value is the reason when no part has text: the most specific one of the parts.
    """
    segments = tuple(segment for part in parts for segment in part.segments)
    languages = Counter[str]()
    for part in parts:
        if part.language:
            languages[part.language] += len(part.segments)
    transcript = Transcript(
        text=join_text(segments),
        segments=segments,
        language=languages.most_common(1)[0][0] if languages else None,
        duration_s=duration_s,
        partial=partial,
        partial_reason=why,
    )
    return transcript, None if segments else _empty_reason(parts)


def _empty_reason(parts: Sequence[Recognition | ChunkTranscript]) -> EmptyReason:
    given = {part.empty_reason for part in parts}
    return next((reason for reason in _REASONS if reason in given), EmptyReason.NO_SPEECH)


def _share_of(progress: ReportProgress, index: int, count: int) -> ReportProgress:
    """Reports the progress of part `index` of `count` as a share of the whole."""
    return lambda share: progress((index + share) / count)
