"""Streaming recognition: audio to sentences with emotions, and partial text of the phrase in progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from functions.dictation.emotions import ScoreEmotions
from functions.dictation.phrases import Phrase, PhraseDetector
from functions.dictation.protocol import Final, Partial, RecognizerMessage, Unheard
from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.stage_work import no_progress
from functions.shared.observability import logs
from functions.transcription.engine import Engine, EngineInContext, Recognition, join_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTIAL_INTERVAL_S = 0.7
"""A new partial text needs this much new audio, and …"""
_PARTIAL_COST = 3.0
"""… this many times the duration of the last attempt: partials take at most a third of a thread."""
_MAX_PARTIAL_S = 1.0
"""A partial that would take longer is not attempted, because it would delay the end of the phrase."""
SETTLED_S = 0.25
"""After this much silence, a partial recognition equals the one at the end of the phrase."""


class SharedEngine:
    """An engine that transcribes a limited number of phrases at once.

    Finished phrases wait for their turn; partial ones are skipped while the engine is busy.
    """

    def __init__(self, engine: Engine, concurrency: int) -> None:
        self._engine = engine
        self._slots = threading.Semaphore(concurrency)

    def recognize(
        self, phrase: Phrase, *, amid_speech: bool = False, names: Sequence[str] = ()
    ) -> Recognition:
        with self._slots:
            return self._transcribe(phrase, names, amid_speech=amid_speech)

    def try_recognize(
        self, phrase: Phrase, *, amid_speech: bool = False, names: Sequence[str] = ()
    ) -> Recognition | None:
        """None if the engine is busy."""
        if not self._slots.acquire(blocking=False):
            return None
        try:
            return self._transcribe(phrase, names, amid_speech=amid_speech)
        finally:
            self._slots.release()

    def _transcribe(self, phrase: Phrase, names: Sequence[str], *, amid_speech: bool) -> Recognition:
        transcribe = self._engine.transcribe
        if amid_speech and isinstance(self._engine, EngineInContext):
            transcribe = self._engine.transcribe_amid_speech
        return transcribe(phrase.samples, progress=no_progress, names=names).shifted(phrase.start)


class StreamingRecognizer:
    """Recognizes one dictation; used by one thread at a time.

    Attributes:
        names: those in the user's personal dictionary; they may arrive while the user speaks.
    """

    def __init__(
        self,
        engine: SharedEngine,
        phrases: PhraseDetector,
        score_emotions: ScoreEmotions,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.names: Sequence[str] = ()
        self._clock = clock
        self._engine = engine
        self._phrases = phrases
        self._score_emotions = score_emotions
        self._count = 0
        self._heard = False
        """Whether speech has been recognized."""
        self._partial_end = self._partial_took = self._real_time_factor = 0.0
        self._settled: tuple[Phrase, Recognition] | None = None

    def process(self, samples: NDArray[np.int16]) -> list[RecognizerMessage]:
        """Add audio; returns the results of the phrases that ended."""
        return self._results(self._phrases.process(samples.astype(np.float32) / np.float32(32768)))

    def finish(self) -> list[RecognizerMessage]:
        """End the audio; returns the results of the last phrases."""
        return self._results(self._phrases.finish())

    def partial(self) -> Partial | None:
        """The text of the phrase in progress, if it is time for one and the engine is free.

        It is also time when the speaker falls silent: if the phrase ends there, it is already recognized.
        """
        phrase = self._phrases.current()
        if phrase is None or not self._is_due(phrase):
            return None
        started = self._clock()
        try:
            recognition = self._engine.try_recognize(phrase, amid_speech=self._heard, names=self.names)
        except Exception:
            logs.failure("partial text failed")
            return None
        if recognition is None:
            return None
        self._partial_took, self._partial_end = self._clock() - started, phrase.end
        self._real_time_factor = self._partial_took / (phrase.end - phrase.start)
        if _is_settled(phrase):
            self._settled = phrase, recognition
        text = join_text(recognition.segments)
        return Partial(text=text, start=round(phrase.start, 2)) if text else None

    def _is_due(self, phrase: Phrase) -> bool:
        if _is_settled(phrase):
            return self._already_recognized(phrase) is None
        added = phrase.end - max(phrase.start, self._partial_end)
        fast = self._real_time_factor * (phrase.end - phrase.start) <= _MAX_PARTIAL_S
        return fast and added >= max(PARTIAL_INTERVAL_S, _PARTIAL_COST * self._partial_took)

    def _already_recognized(self, phrase: Phrase) -> Recognition | None:
        """The recognition made when this phrase fell silent, if any."""
        if self._settled is None:
            return None
        settled, recognition = self._settled
        same = (settled.start, settled.voiced_until) == (phrase.start, phrase.voiced_until)
        return recognition if same else None

    def _results(self, phrases: Sequence[Phrase]) -> list[RecognizerMessage]:
        return [message for phrase in phrases for message in self._recognize(phrase)]

    def _recognize(self, phrase: Phrase) -> list[RecognizerMessage]:
        """A failure costs one phrase of the live text: the recording is transcribed again as a whole."""
        try:
            recognition = self._already_recognized(phrase) or self._engine.recognize(
                phrase, amid_speech=self._heard, names=self.names
            )
            segments = recognition.segments
            emotions = self._score_emotions([segment.text for segment in segments]) if segments else ()
        except Exception:
            logs.failure("phrase not recognized")
            return [self._unheard(phrase, "failed")]
        if not segments:
            return [self._unheard(phrase, recognition.empty_reason or EmptyReason.NO_WORDS)]
        self._heard = True
        return [
            Final(
                index=self._next_index(),
                segment=_rounded(segment),
                emotions=() if segment.left_out else scores,
            )
            for segment, scores in zip(segments, emotions, strict=True)
        ]

    def _unheard(self, phrase: Phrase, reason: EmptyReason | str) -> Unheard:
        start, end = round(phrase.start, 2), round(phrase.end, 2)
        return Unheard(index=self._next_index(), start=start, end=end, reason=reason)  # type: ignore[arg-type]

    def _next_index(self) -> int:
        self._count += 1
        return self._count - 1


def _is_settled(phrase: Phrase) -> bool:
    return phrase.end - phrase.voiced_until >= SETTLED_S


def _rounded(segment: Segment) -> Segment:
    start, end = ((None if time is None else round(time, 2)) for time in (segment.start, segment.end))
    return replace(segment, start=start, end=end)
