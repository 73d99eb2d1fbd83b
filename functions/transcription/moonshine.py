"""Moonshine tiny (English): VAD, phrases, beam search, judgment and sentence timestamps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.stage_work import ReportProgress
from functions.shared.runtime import onnx
from functions.transcription.alignment import align_sentences
from functions.transcription.beam_search import BeamSearchDecoder
from functions.transcription.config import MoonshineConfig
from functions.transcription.engine import MARKERS, Recognition, join_left_out
from functions.transcription.judging import Judge, Phrase, Verdict
from functions.transcription.name_bias import NameTrie, name_trie
from functions.transcription.phrases import PhraseFinder, Stretch
from functions.transcription.vad import WINDOW, VoiceDetector
from functions.transcription.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "moonshine-tiny-en"
_WINDOW_S = WINDOW / SAMPLE_RATE
_MAX_CUTS = 2
"""A phrase that changes language twice has three parts."""


class _Recording(NamedTuple):
    """Samples, and the names to expect in them."""

    samples: NDArray[np.float32]
    names: NameTrie | None


class Moonshine:
    """Implements Engine and EngineInContext. Recognizes English only; leaves out other languages."""

    name = FOLDER

    def __init__(self, folder: Path, detector: VoiceDetector, threads: int = 1) -> None:
        self._config = onnx.read_config(folder, MoonshineConfig)
        self._finder = PhraseFinder(detector, self._config)
        self._judge = Judge(self._config.language_gate, self._config.doubt_gate)
        self._decoder = BeamSearchDecoder(folder, self._config.beam)
        self._vocabulary = Vocabulary(folder / "tokenizer.bin")
        self._threads = threads

    @property
    def version(self) -> str:
        return self._config.version

    @property
    def languages(self) -> Sequence[str]:
        return self._config.languages

    def transcribe(
        self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
    ) -> Recognition:
        """Phrases are judged one by one, in the light of the others (`judging`)."""
        return self._transcribe(samples, progress, names, amid_speech=False)

    def transcribe_amid_speech(
        self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
    ) -> Recognition:
        """Implements EngineInContext."""
        return self._transcribe(samples, progress, names, amid_speech=True)

    def _transcribe(
        self,
        samples: NDArray[np.float32],
        progress: ReportProgress,
        names: Sequence[str],
        *,
        amid_speech: bool,
    ) -> Recognition:
        stretches = self._finder.find(samples)
        if not stretches:
            return Recognition(empty_reason=EmptyReason.NO_SPEECH)
        trie = name_trie(tuple(names), self._vocabulary, self._config.name_bias) if names else None
        decoded = self._decode_all(_Recording(samples, trie), stretches, progress)
        verdicts = self._judge.judge([phrase for _, phrase in decoded], amid_speech=amid_speech)
        if not any(verdict.kept for verdict in verdicts):
            return Recognition(empty_reason=_empty_reason([phrase for _, phrase in decoded], verdicts))
        duration_s = len(samples) / SAMPLE_RATE
        segments = [
            segment
            for (stretch, phrase), verdict in zip(decoded, verdicts, strict=True)
            for segment in _segments(stretch, phrase, verdict, duration_s)
        ]
        return Recognition(segments=join_left_out(segments), language=self._config.languages[0])

    def _decode_all(
        self, recording: _Recording, stretches: Sequence[Stretch], progress: ReportProgress
    ) -> list[tuple[Stretch, Phrase]]:
        """Decode phrases in parallel: they share nothing, and one operator hardly uses a second thread."""
        pool, decoded = ThreadPoolExecutor(self._threads), list[tuple[Stretch, Phrase]]()
        try:
            for index, parts in enumerate(pool.map(partial(self._decode, recording), stretches), 1):
                decoded += parts
                progress(index / len(stretches))
        finally:
            pool.shutdown(cancel_futures=True)
        return decoded

    def _decode(self, recording: _Recording, stretch: Stretch) -> list[tuple[Stretch, Phrase]]:
        return self._look_again(recording, stretch, self._phrase(recording, stretch), _MAX_CUTS)

    def _look_again(
        self, recording: _Recording, stretch: Stretch, phrase: Phrase, cuts: int
    ) -> list[tuple[Stretch, Phrase]]:
        """The phrase; cut at a pause, up to `cuts` times, where that tells words from what makes no sense."""
        if not cuts or not self._judge.needs_second_look(phrase.hypothesis):
            return [(stretch, phrase)]
        best, gained = list[tuple[Stretch, Phrase]](), 0
        for halves in self._finder.halves(stretch):
            phrases = [self._phrase(recording, half) for half in halves]
            words = self._judge.words_gained(phrase.hypothesis, [half.hypothesis for half in phrases])
            if words > gained:
                best, gained = list(zip(halves, phrases, strict=True)), words
        if not best:
            return [(stretch, phrase)]
        return [found for half in best for found in self._look_again(recording, *half, cuts - 1)]

    def _phrase(self, recording: _Recording, stretch: Stretch) -> Phrase:
        span = recording.samples[stretch.span.start * WINDOW : stretch.span.end * WINDOW]
        max_tokens = math.ceil(len(span) / SAMPLE_RATE * self._config.tokens_per_second)
        hypothesis = self._decoder.decode(span, max_tokens, recording.names)
        if hypothesis.named and self._judge.makes_no_sense(hypothesis):
            hypothesis = self._decoder.decode(span, max_tokens)  # a name must not cost the words around it
        return Phrase(
            hypothesis=hypothesis,
            text=self._vocabulary.text(hypothesis.tokens),
            certain=stretch.certain,
            voice=stretch.voice,
            voiced_s=stretch.voiced * _WINDOW_S,
            too_fast=hypothesis.ran_out or len(hypothesis.tokens) > max_tokens,
        )


def _segments(stretch: Stretch, phrase: Phrase, verdict: Verdict, duration_s: float) -> list[Segment]:
    """The sentences of a phrase, or one segment that says what was left out, or nothing."""
    voiced = [(region.start * _WINDOW_S, min(region.end * _WINDOW_S, duration_s)) for region in stretch.group]
    if verdict.left_out is not None:
        start, end = round(voiced[0][0], 2), round(voiced[-1][1], 2)
        text = MARKERS[verdict.left_out]
        return [Segment(text=text, start=start, end=end, left_out=verdict.left_out)]
    if not verdict.kept:
        return []
    segments = align_sentences(phrase.text, voiced, confidence=round(math.exp(phrase.hypothesis.mean), 3))
    return [replace(segment, uncertain=verdict.uncertain) for segment in segments]


def _empty_reason(phrases: Sequence[Phrase], verdicts: Sequence[Verdict]) -> EmptyReason:
    if any(verdict.left_out is not None for verdict in verdicts):
        return EmptyReason.UNSUPPORTED_LANGUAGE
    return EmptyReason.NO_WORDS if any(phrase.certain for phrase in phrases) else EmptyReason.NO_SPEECH
