"""From samples, as they come, to sentences with emotions, and to what the open phrase sounds like so far."""

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
from functions.transcription.engine import Engine, Recognition

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTIAL_INTERVAL_S = 0.7
"""The open phrase is guessed at again when this much was added …"""
_PATIENCE = 3.0
"""… or so many times what the last guess took: guesses cost a third of a thread at most …"""
_LONGEST_GUESS_S = 1.0
"""… and not where one would take longer than that: the end of the phrase would have to wait for it."""
SETTLED_S = 0.25
"""After this much silence a guess is as good as what is heard when the phrase is over."""


class SharedEngine:
    """An engine that works on so many phrases at a time: finished ones wait, guesses give way."""

    def __init__(self, engine: Engine, at_once: int) -> None:
        self._engine = engine
        self._places = threading.Semaphore(at_once)

    def recognise(self, phrase: Phrase) -> Recognition:
        with self._places:
            return self._transcribe(phrase)

    def guess(self, phrase: Phrase) -> Recognition | None:
        """None where the engine is busy."""
        if not self._places.acquire(blocking=False):
            return None
        try:
            return self._transcribe(phrase)
        finally:
            self._places.release()

    def _transcribe(self, phrase: Phrase) -> Recognition:
        return self._engine.transcribe(phrase.samples, progress=no_progress).shifted(phrase.start)


class StreamingRecognizer:
    """One dictation's; used by one thread at a time."""

    def __init__(
        self,
        turns: SharedEngine,
        phrases: PhraseDetector,
        feel: ScoreEmotions,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._clock = clock
        self._turns = turns
        self._phrases = phrases
        self._feel = feel
        self._count = 0
        self._guessed_to = self._guess_took = self._pace = 0.0
        self._settled: tuple[Phrase, Recognition] | None = None

    def hear(self, samples: NDArray[np.int16]) -> list[RecognizerMessage]:
        """What the phrases say that ended meanwhile."""
        return self._said(self._phrases.hear(samples.astype(np.float32) / np.float32(32768)))

    def finish(self) -> list[RecognizerMessage]:
        return self._said(self._phrases.finish())

    def guess(self) -> Partial | None:
        """What the open phrase sounds like, where it is time and the engine is free.

        The moment it falls silent is such a time: if that was its end, it is recognised already.
        """
        phrase = self._phrases.open()
        if phrase is None or not self._is_due(phrase):
            return None
        started = self._clock()
        try:
            heard = self._turns.guess(phrase)
        except Exception:
            logs.failure("phrase not guessed at")
            return None
        if heard is None:
            return None
        self._guess_took, self._guessed_to = self._clock() - started, phrase.end
        self._pace = self._guess_took / (phrase.end - phrase.start)
        if _is_settled(phrase):
            self._settled = phrase, heard
        text = " ".join(segment.text for segment in heard.segments)
        return Partial(text=text, start=round(phrase.start, 2)) if text else None

    def _is_due(self, phrase: Phrase) -> bool:
        if _is_settled(phrase):
            return self._known(phrase) is None
        added = phrase.end - max(phrase.start, self._guessed_to)
        short = self._pace * (phrase.end - phrase.start) <= _LONGEST_GUESS_S
        return short and added >= max(PARTIAL_INTERVAL_S, _PATIENCE * self._guess_took)

    def _known(self, phrase: Phrase) -> Recognition | None:
        """What was heard of this phrase when it had fallen silent."""
        if self._settled is None:
            return None
        then, heard = self._settled
        return heard if (then.start, then.voiced_until) == (phrase.start, phrase.voiced_until) else None

    def _said(self, phrases: Sequence[Phrase]) -> list[RecognizerMessage]:
        return [heard for phrase in phrases for heard in self._sentences(phrase)]

    def _sentences(self, phrase: Phrase) -> list[RecognizerMessage]:
        """What fails costs one phrase of the live text: the recording is transcribed again as a whole."""
        try:
            found = self._known(phrase) or self._turns.recognise(phrase)
            feelings = self._feel([segment.text for segment in found.segments]) if found.segments else ()
        except Exception:
            logs.failure("phrase not recognised")
            return [self._unheard(phrase, "failed")]
        if not found.segments:
            return [self._unheard(phrase, found.empty_reason or EmptyReason.NO_WORDS)]
        return [
            Final(index=self._next(), segment=_rounded(segment), emotions=emotions)
            for segment, emotions in zip(found.segments, feelings, strict=True)
        ]

    def _unheard(self, phrase: Phrase, reason: EmptyReason | str) -> Unheard:
        start, end = round(phrase.start, 2), round(phrase.end, 2)
        return Unheard(index=self._next(), start=start, end=end, reason=reason)  # type: ignore[arg-type]

    def _next(self) -> int:
        self._count += 1
        return self._count - 1


def _is_settled(phrase: Phrase) -> bool:
    return phrase.end - phrase.voiced_until >= SETTLED_S


def _rounded(segment: Segment) -> Segment:
    start, end = ((None if at is None else round(at, 2)) for at in (segment.start, segment.end))
    return replace(segment, start=start, end=end)
