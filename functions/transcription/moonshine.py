"""Moonshine tiny (English): VAD, phrases, beam search, a language gate and sentence timestamps."""

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
    """Implements Engine. It recognizes English only, and reports when the speech is in another language."""

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
        """The language is judged over all of `samples`, so that one unclear phrase does not decide it."""
        groups, spans = self._phrases(samples)
        if not groups:
            return Recognition(empty_reason=EmptyReason.NO_SPEECH)
        phrases = [samples[span.start * WINDOW : span.end * WINDOW] for span in spans]
        hypotheses = self._decode_all(phrases, progress)
        if is_unsupported_language(hypotheses, self._config.language_gate):
            return Recognition(empty_reason=EmptyReason.UNSUPPORTED_LANGUAGE)
        duration_s = len(samples) / SAMPLE_RATE
        segments = [
            segment
            for group, hypothesis in zip(groups, hypotheses, strict=True)
            for segment in self._segments(group, hypothesis, duration_s)
        ]
        if not segments:
            return Recognition(empty_reason=EmptyReason.NO_WORDS)
        return Recognition(segments=tuple(segments), language=self._config.languages[0])

    def _phrases(self, samples: NDArray[np.float32]) -> tuple[list[RegionGroup], list[Region]]:
        """Groups of voiced regions, and the span of windows that each is decoded from."""
        config = self._config
        regions, probabilities = self._detector.detect(samples)
        max_length, pause = window_count(config.max_span_s), window_count(config.max_pause_s)
        groups = [
            group
            for group in group_regions(regions, probabilities, max_length, pause)
            if self._detector.is_speech(group, probabilities)
        ]
        return groups, list(pad_groups(groups, window_count(config.pad_s), len(probabilities)))

    def _decode_all(
        self, phrases: Sequence[NDArray[np.float32]], progress: ReportProgress
    ) -> list[Hypothesis]:
        """Decode phrases in parallel: they share nothing, and one operator hardly uses a second thread."""
        pool, hypotheses = ThreadPoolExecutor(self._threads), list[Hypothesis]()
        try:
            for hypothesis in pool.map(self._decode, phrases):
                hypotheses.append(hypothesis)
                progress(len(hypotheses) / len(phrases))
        finally:
            pool.shutdown(cancel_futures=True)
        return hypotheses

    def _decode(self, samples: NDArray[np.float32]) -> Hypothesis:
        max_tokens = math.ceil(len(samples) / SAMPLE_RATE * self._config.tokens_per_second)
        return self._decoder.decode(samples, max_tokens)

    def _segments(self, group: RegionGroup, hypothesis: Hypothesis, duration_s: float) -> list[Segment]:
        text = self._vocabulary.text(hypothesis.tokens)
        voiced = [(region.start * _WINDOW_S, min(region.end * _WINDOW_S, duration_s)) for region in group]
        return align_sentences(text, voiced, confidence=round(math.exp(hypothesis.mean), 3))


def is_unsupported_language(hypotheses: Sequence[Hypothesis], gate: LanguageGate) -> bool:
    """Whether the decoder was as unsure as it is of languages it was not trained on.

    The mean log-probability of all tokens separates them; the fewer the tokens, the lower it may be.
    """
    logprobs = [logprob for hypothesis in hypotheses for logprob in hypothesis.logprobs]
    if not logprobs:
        return False
    mean = sum(logprobs) / len(logprobs)
    return mean < gate.min_logprob - gate.doubt / math.sqrt(len(logprobs))
