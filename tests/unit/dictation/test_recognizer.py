"""What is recognised when, with an engine that hears what it is told."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.dictation.emotions import emotion_scorer
from functions.dictation.phrases import Phrase, PhraseDetector
from functions.dictation.protocol import Final, Unheard
from functions.dictation.recognizer import SharedEngine, StreamingRecognizer
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import EmotionScore, EmptyReason, Segment
from functions.shared.domain.stage_work import ReportProgress
from functions.shared.text.encoder import load_encoder
from functions.transcription.engine import Recognition
from functions.transcription.vad import WINDOW
from tests.unit.dictation.test_phrases import phrases, speech

SECRET = "i told nobody"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Parrot:
    """Hears the same in every phrase."""

    name = version = "parrot"
    languages = ("en",)

    def __init__(self, *said: str, reason: EmptyReason | None = None) -> None:
        self.said = said
        self.reason = reason
        self.lengths: list[int] = []
        self.broken = False

    def transcribe(self, samples: NDArray[np.float32], *, progress: ReportProgress) -> Recognition:
        self.lengths.append(len(samples))
        if self.broken:
            raise RuntimeError(SECRET)
        segments = tuple(Segment(text=text, start=0.401, end=1.0) for text in self.said)
        return Recognition(segments=segments, empty_reason=self.reason)


def unmoved(texts: Sequence[str]) -> Sequence[tuple[EmotionScore, ...]]:
    return [()] * len(texts)


def recognizer(engine: Parrot, at: PhraseDetector | None = None) -> StreamingRecognizer:
    return StreamingRecognizer(SharedEngine(engine, 1), at or phrases(), unmoved)


def samples(*parts: tuple[float, float]) -> NDArray[np.int16]:
    """As `speech`, as a client sends it."""
    return np.ceil(speech(*parts) * 32768).clip(-32768, 32767).astype(np.int16)


def test_every_sentence_of_a_phrase_is_one_message_timed_from_the_start() -> None:
    made = recognizer(Parrot("One.", "Two."))
    assert made.process(samples((0, 1), (0.9, 1))) == []
    first = made.process(samples((0, 2)))
    assert [(each.index, each.segment.text) for each in first if isinstance(each, Final)] == [
        (0, "One."),
        (1, "Two."),
    ]
    assert isinstance(first[0], Final)
    assert first[0].segment.start == pytest.approx(1.0, abs=WINDOW / SAMPLE_RATE)
    made.process(samples((0.9, 1)))
    assert [each.index for each in made.finish()] == [2, 3]


def test_a_phrase_without_text_has_a_reason() -> None:
    made = recognizer(Parrot(reason=EmptyReason.UNSUPPORTED_LANGUAGE))
    (said,) = made.process(samples((0.9, 1), (0, 2)))
    assert isinstance(said, Unheard)
    assert (said.index, said.start, said.reason) == (0, 0.0, "unsupported_language")
    assert said.end == pytest.approx(1.4, abs=0.05)


def test_an_engine_failure_costs_one_phrase_and_its_text_is_not_logged(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("samo")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "disabled", False)
    engine = Parrot("Fine.")
    made = recognizer(engine)
    engine.broken = True
    made.process(samples((0.9, 1)))
    assert made.partial() is None
    (failed,) = made.process(samples((0, 2)))
    engine.broken = False
    (fine,) = made.process(samples((0.9, 1), (0, 2)))
    assert isinstance(failed, Unheard)
    assert failed.reason == "failed"
    assert isinstance(fine, Final)
    assert [record.message for record in caplog.records] == ["partial text failed", "phrase not recognized"]


def test_a_partial_needs_new_audio_in_the_phrase_in_progress() -> None:
    engine = Parrot("So far")
    made = recognizer(engine)
    assert made.partial() is None
    made.process(samples((0, 1), (0.9, 0.2)))
    assert made.partial() is None, "too little"
    made.process(samples((0.9, 0.6)))
    guess = made.partial()
    assert guess is not None
    assert guess.text == "So far"
    assert guess.start == pytest.approx(0.6, abs=0.05)
    assert made.partial() is None, "nothing was added"
    made.process(samples((0.9, 0.8)))
    assert made.partial() is not None
    made.process(samples((0, 2)))
    assert made.partial() is None, "it is over"


def test_a_partial_in_the_silence_after_a_phrase_becomes_its_result() -> None:
    engine = Parrot("Done.")
    made = recognizer(engine)
    made.process(samples((0.9, 0.3)))
    assert made.partial() is None, "too little"
    made.process(samples((0, 0.3)))
    assert made.partial() is not None, "it fell silent"
    assert made.partial() is None
    (said,) = made.process(samples((0, 1)))
    assert isinstance(said, Final)
    assert len(engine.lengths) == 1
    made.process(samples((0.9, 0.3), (0, 0.3)))
    assert made.partial() is not None
    made.process(samples((0.9, 0.3)))
    made.process(samples((0, 1)))
    assert len(engine.lengths) == 3, "it had gone on"


def test_a_partial_that_would_take_long_is_skipped() -> None:
    class Thorough(Parrot):
        def transcribe(self, samples: NDArray[np.float32], *, progress: ReportProgress) -> Recognition:
            clock.now += len(samples) / SAMPLE_RATE
            return super().transcribe(samples, progress=progress)

    clock = Clock()
    engine = Thorough("Well")
    made = StreamingRecognizer(SharedEngine(engine, 1), phrases(), unmoved, clock)
    made.process(samples((0.9, 0.8)))
    assert made.partial() is not None
    made.process(samples((0.9, 4)))
    assert made.partial() is None, "it would take five seconds"
    made.process(samples((0, 0.3)))
    assert made.partial() is not None, "it may be over"


def test_a_partial_is_skipped_while_the_engine_is_busy_and_a_phrase_waits() -> None:
    class Busy(Parrot):
        taken, free = threading.Event(), threading.Event()

        def transcribe(self, samples: NDArray[np.float32], *, progress: ReportProgress) -> Recognition:
            self.taken.set()
            assert self.free.wait(30)
            return super().transcribe(samples, progress=progress)

    engine = Busy("Yes.")
    shared = SharedEngine(engine, 1)
    phrase = Phrase(0.0, np.zeros(SAMPLE_RATE, np.float32), 1.0)
    holder = threading.Thread(target=shared.recognize, args=(phrase,))
    holder.start()
    assert engine.taken.wait(30)
    assert shared.try_recognize(phrase) is None
    engine.free.set()
    assert shared.recognize(phrase).segments[0].text == "Yes."
    holder.join()
    assert shared.try_recognize(phrase) is not None


def test_emotions_come_from_the_shared_encoder(tiny_encoder: Path) -> None:
    feel = emotion_scorer(load_encoder(tiny_encoder))
    happy, plain = feel(["happy happy", "train"])
    assert happy[0].emotion == "joy"
    assert plain == ()
