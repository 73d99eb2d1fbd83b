"""Moonshine tiny, English: voice gate, phrases, beam search, language gate, timed sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.stage_work import ReportProgress
from functions.shared.runtime import onnx
from functions.transcription import repetition
from functions.transcription.alignment import align_sentences
from functions.transcription.beam_search import BeamSearchDecoder, Hypothesis
from functions.transcription.config import LanguageGate, MoonshineConfig
from functions.transcription.engine import Recognition
from functions.transcription.regions import RegionGroup, group_regions, pad_groups
from functions.transcription.vad import WINDOW, Region, VoiceDetector, window_count
from functions.transcription.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "moonshine-tiny-en"
_WINDOW_S = WINDOW / SAMPLE_RATE


class Moonshine:
    """Implements Engine. It understands English only, and says so where it hears something else."""

    name = FOLDER

    def __init__(self, folder: Path, detector: VoiceDetector, threads: int = 1) -> None:
        self._config = onnx.read_config(folder, MoonshineConfig)
        self._detector = detector
        self._decoder = BeamSearchDecoder(folder, self._config.beam)
        self._vocabulary = Vocabulary(folder / "tokenizer.bin")
        self._threads = threads

    @property
    def version(self) -> str:
        return self._config.version

    @property
    def languages(self) -> Sequence[str]:
        return self._config.languages

    def transcribe(self, samples: NDArray[np.float32], *, progress: ReportProgress) -> Recognition:
        """The language is judged over all of `samples`: one odd phrase does not make a note foreign."""
        groups, decoded_from = self._phrases(samples)
        if not groups:
            return Recognition(empty_reason=EmptyReason.NO_SPEECH)
        heard = self._decoded([samples[s.start * WINDOW : s.end * WINDOW] for s in decoded_from], progress)
        if is_unsupported_language(heard, self._config.language_gate):
            return Recognition(empty_reason=EmptyReason.UNSUPPORTED_LANGUAGE)
        duration = len(samples) / SAMPLE_RATE
        segments = [
            s for group, one in zip(groups, heard, strict=True) for s in self._segments(group, one, duration)
        ]
        if not segments:
            return Recognition(empty_reason=EmptyReason.NO_WORDS)
        return Recognition(segments=tuple(segments), language=self._config.languages[0])

    def _phrases(self, samples: NDArray[np.float32]) -> tuple[list[RegionGroup], list[Region]]:
        """Groups of voiced regions, and the stretch of windows that each is decoded from."""
        config = self._config
        regions, probabilities = self._detector.detect(samples)
        longest, pause = window_count(config.max_span_s), window_count(config.max_pause_s)
        groups = [
            group
            for group in group_regions(regions, probabilities, longest, pause)
            if self._detector.is_speech(group, probabilities)
        ]
        return groups, list(pad_groups(groups, window_count(config.pad_s), len(probabilities)))

    def _decoded(self, phrases: Sequence[NDArray[np.float32]], progress: ReportProgress) -> list[Hypothesis]:
        """Phrases side by side: they share nothing, while one operator hardly gains by a second thread."""
        pool, heard = ThreadPoolExecutor(self._threads), list[Hypothesis]()
        try:
            for one in pool.map(self._decode, phrases):
                heard.append(one)
                progress(len(heard) / len(phrases))
        finally:
            pool.shutdown(cancel_futures=True)
        return heard

    def _decode(self, samples: NDArray[np.float32]) -> Hypothesis:
        longest = math.ceil(len(samples) / SAMPLE_RATE * self._config.tokens_per_second)
        return self._decoder.decode(samples, longest, repetition.find_loop)

    def _segments(self, group: RegionGroup, heard: Hypothesis, duration: float) -> list[Segment]:
        text = self._vocabulary.text(heard.tokens)
        voiced = [(region.start * _WINDOW_S, min(region.end * _WINDOW_S, duration)) for region in group]
        return align_sentences(text, voiced, confidence=round(math.exp(heard.mean), 3))


def is_unsupported_language(heard: Sequence[Hypothesis], gate: LanguageGate) -> bool:
    """Whether the decoder was as unsure as it is of languages that it was never taught.

    The mean log-probability of all tokens separates them; few tokens must be surer than many.
    """
    logprobs = [logprob for one in heard for logprob in one.logprobs]
    if not logprobs:
        return False
    mean = sum(logprobs) / len(logprobs)
    return mean < gate.min_logprob - gate.doubt / math.sqrt(len(logprobs))
