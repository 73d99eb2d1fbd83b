"""From a file to a transcript, with any engine, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from functions.shared.audio import decoding
from functions.shared.domain.content import EmptyReason, Transcript
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.errors import ConfigurationError
from functions.transcription.chunking import MAX_UNCHUNKED_S, plan_chunks
from functions.transcription.engine import Engine, Recognition

_REASONS = (EmptyReason.UNSUPPORTED_LANGUAGE, EmptyReason.NO_WORDS, EmptyReason.NO_SPEECH)
"""Of several reasons, the one that says most."""


@lru_cache(maxsize=2)
def load_engine(name: str, models_dir: Path, whisper_model: str | None = None, *, threads: int = 1) -> Engine:
    """The engine `moonshine` or `whisper`, loaded once a process.

    `whisper_model` is a folder, or the name of one in `models_dir`.

    Raises:
        ArtifactError: a model file is missing.
        ConfigurationError: no such engine, or no Whisper model named.
    """
    if name == "moonshine":
        from functions.transcription import moonshine, vad

        detector = vad.VoiceDetector(models_dir / vad.FOLDER)
        return moonshine.Moonshine(models_dir / moonshine.FOLDER, detector, threads)
    if name == "whisper":
        from functions.transcription.whisper import Whisper

        if not whisper_model:
            raise ConfigurationError("The whisper engine needs the folder of a model.")
        folder = Path(whisper_model)
        return Whisper(folder if folder.is_dir() else models_dir / whisper_model, threads)
    raise ConfigurationError(f"No engine is called {name!r}: it is moonshine or whisper.")


def transcribe_file(
    engine: Engine,
    path: Path,
    *,
    progress: ReportProgress = no_progress,
    max_duration_s: float = decoding.MAX_DURATION_S,
) -> tuple[Transcript, EmptyReason | None]:
    """The transcript of a recording; where it has no text, also why.

    Raises:
        InvalidRequest: the recording is empty, too long or cannot be decoded (see `audio.probe`).
    """
    info = decoding.probe(path, max_duration_s=max_duration_s)
    spans = plan_chunks(path) if info.duration_s > MAX_UNCHUNKED_S else ((0.0, info.duration_s),)
    found = []
    for index, span in enumerate(spans):
        part = _part(progress, index, len(spans))
        found.append(transcribe_span(engine, path, *span, progress=part))
    return join_recognitions(found, info.duration_s, partial=info.partial)


def transcribe_span(
    engine: Engine, path: Path, start: float, end: float, *, progress: ReportProgress = no_progress
) -> Recognition:
    """What is said between two times of a recording, timed from the recording's start."""
    return engine.transcribe(decoding.decode(path, start, end), progress=progress).shifted(start)


def join_recognitions(
    found: Sequence[Recognition], duration_s: float | None, *, partial: bool = False
) -> tuple[Transcript, EmptyReason | None]:
    """Consecutive parts as one transcript, in the language most of its sentences are in."""
    segments = tuple(segment for one in found for segment in one.segments)
    languages = Counter[str]()
    for one in found:
        if one.language:
            languages[one.language] += len(one.segments)
    transcript = Transcript(
        text=" ".join(segment.text for segment in segments),
        segments=segments,
        language=languages.most_common(1)[0][0] if languages else None,
        duration_s=duration_s,
        partial=partial,
    )
    return transcript, None if segments else _reason(found)


def _reason(found: Sequence[Recognition]) -> EmptyReason:
    given = {one.empty_reason for one in found}
    return next((reason for reason in _REASONS if reason in given), EmptyReason.NO_SPEECH)


def _part(progress: ReportProgress, index: int, count: int) -> ReportProgress:
    return lambda share: progress((index + share) / count)
