"""From samples, as they come, to sentences with emotions, and to what the open phrase sounds like so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from functions.shared import logs
from functions.shared.encoder import TextEncoder
from functions.shared.entries import EmotionScore, EmptyReason, Segment
from functions.shared.work import no_progress
from functions.transcription.engine import Engine, Recognition
from functions.transcription.live.phrases import Phrase, Phrases
from functions.transcription.live.protocol import Final, Heard, Partial, Unheard

if TYPE_CHECKING:
    from numpy.typing import NDArray

EMOTIONS = "emotions"
EVERY_S = 0.7
"""The open phrase is guessed at again when this much was added …"""
_PATIENCE = 3.0
"""… or so many times what the last guess took: guesses cost a third of a thread at most."""

Feel = Callable[[Sequence[str]], Sequence[tuple[EmotionScore, ...]]]
"""What each text expresses, surest first."""


class Turns:
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
        return self._engine.transcribe(phrase.samples, progress=no_progress).later(phrase.start)


class Recogniser:
    """One dictation's; used by one thread at a time."""

    def __init__(self, turns: Turns, phrases: Phrases, feel: Feel) -> None:
        self._turns = turns
        self._phrases = phrases
        self._feel = feel
        self._count = 0
        self._guessed_to = 0.0
        self._guess_took = 0.0

    def hear(self, samples: NDArray[np.int16]) -> list[Heard]:
        """What the phrases say that ended meanwhile."""
        return self._said(self._phrases.hear(samples.astype(np.float32) / np.float32(32768)))

    def finish(self) -> list[Heard]:
        return self._said(self._phrases.finish())

    def guess(self) -> Partial | None:
        """What the open phrase sounds like, where enough was added and the engine is free."""
        phrase = self._phrases.open()
        if phrase is None or not self._is_due(phrase):
            return None
        started = time.perf_counter()
        heard = self._turns.guess(phrase)
        if heard is None:
            return None
        self._guess_took, self._guessed_to = time.perf_counter() - started, phrase.end
        text = " ".join(segment.text for segment in heard.segments)
        return Partial(text=text, start=round(phrase.start, 2)) if text else None

    def _is_due(self, phrase: Phrase) -> bool:
        added = phrase.end - max(phrase.start, self._guessed_to)
        return added >= max(EVERY_S, _PATIENCE * self._guess_took)

    def _said(self, phrases: Sequence[Phrase]) -> list[Heard]:
        return [heard for phrase in phrases for heard in self._sentences(phrase)]

    def _sentences(self, phrase: Phrase) -> list[Heard]:
        """What fails costs one phrase of the live text: the recording is transcribed again as a whole."""
        try:
            found = self._turns.recognise(phrase)
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


def _rounded(segment: Segment) -> Segment:
    start, end = ((None if at is None else round(at, 2)) for at in (segment.start, segment.end))
    return replace(segment, start=start, end=end)


def feeler(encoder: TextEncoder) -> Feel:
    """Reads emotions off the shared encoder. Raises ArtifactError where it has no head for them."""
    head = encoder.head(EMOTIONS)

    def feel(texts: Sequence[str]) -> list[tuple[EmotionScore, ...]]:
        rows = head.probabilities(encoder.encode(texts).heads[EMOTIONS])
        return [
            tuple(EmotionScore(emotion=label, confidence=chance) for label, chance in head.passed(row))
            for row in rows
        ]

    return feel
