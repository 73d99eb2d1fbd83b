"""faster-whisper with a local model: many languages, word timestamps and its own VAD."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import EmptyReason, Segment, Word
from functions.shared.domain.stage_work import ReportProgress
from functions.shared.errors import ArtifactError
from functions.transcription.alignment import cut_at_sentences
from functions.transcription.engine import Recognition

if TYPE_CHECKING:
    import numpy as np
    from faster_whisper import WhisperModel
    from numpy.typing import NDArray

_FILES = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_BEAM = 5


class Whisper:
    """Implements Engine. The folder's name states the model and its revision."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self.name = folder.name
        self._model = _load(folder, threads)

    @property
    def version(self) -> str:
        from importlib.metadata import version

        return f"faster-whisper {version('faster-whisper')}"

    @property
    def languages(self) -> Sequence[str]:
        languages: list[str] = self._model.supported_languages
        return languages

    def transcribe(
        self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
    ) -> Recognition:
        """Detects the language. Temperature 0 makes the transcript deterministic."""
        if not len(samples):
            return Recognition(empty_reason=EmptyReason.NO_SPEECH)
        parts, info = self._model.transcribe(
            samples,
            beam_size=_BEAM,
            temperature=0.0,
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,
            hotwords=", ".join(reversed(names)) or None,  # only the first have room
        )
        if not info.duration_after_vad:
            return Recognition(empty_reason=EmptyReason.NO_SPEECH)
        duration = len(samples) / SAMPLE_RATE
        segments = tuple(_segments(parts, duration, progress))
        if not segments:
            return Recognition(empty_reason=EmptyReason.NO_WORDS)
        return Recognition(segments=segments, language=info.language)


def _load(folder: Path, threads: int) -> WhisperModel:
    """Raises ArtifactError naming the missing files: without them the library would try to download."""
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        missing.append(" or ".join(_VOCABULARIES))
    if missing:
        raise ArtifactError(f"{folder.name} has no {', '.join(missing)}")
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
    except (RuntimeError, ValueError) as error:
        raise ArtifactError(f"{folder.name} cannot be loaded") from error


def _segments(parts: Iterable[Any], duration: float, progress: ReportProgress) -> Iterable[Segment]:
    for part in parts:
        progress(min(1.0, part.end / duration))
        if text := part.text.strip():
            segment = Segment(
                text=text,
                start=_seconds(part.start),
                end=_seconds(part.end),
                confidence=round(math.exp(part.avg_logprob), 3),
                words=tuple(_word(word) for word in part.words or ()),
            )
            yield from cut_at_sentences(segment)


def _word(word: Any) -> Word:
    return Word(
        text=word.word.strip(),
        start=_seconds(word.start),
        end=_seconds(word.end),
        probability=round(float(word.probability), 3),
    )


def _seconds(time: Any) -> float:
    """A Python float: the library returns numpy floats, which can't be serialized."""
    return round(float(time), 2)
