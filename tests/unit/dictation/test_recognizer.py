"""When phrases are recognized, with a fake engine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.dictation.emotions import emotion_scorer
from functions.dictation.phrases import Phrase
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


class FakeEngine:
    """Recognizes the same sentences in every phrase."""

    name = version = "fake"
    languages = ("en",)

    def __init__(self, *sentences: str, reason: EmptyReason | None = None) -> None:
        self.sentences = sentences
        self.reason = reason
        self.lengths: list[int] = []
        self.names: list[Sequence[str]] = []
        self.broken = False

    def transcribe(
        self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
    ) -> Recognition:
        self.lengths.append(len(samples))
        self.names.append(names)
        if self.broken:
            raise RuntimeError(SECRET)
        segments = tuple(Segment(text=text, start=0.401, end=1.0) for text in self.sentences)
        return Recognition(segments=segments, empty_reason=self.reason)


def no_emotions(texts: Sequence[str]) -> Sequence[tuple[EmotionScore, ...]]:
    return [()] * len(texts)


def make_recognizer(engine: FakeEngine) -> StreamingRecognizer:
    return StreamingRecognizer(SharedEngine(engine, 1), phrases(), no_emotions)


def samples(*parts: tuple[float, float]) -> NDArray[np.int16]:
    """`speech` as a client sends it."""
    return np.ceil(speech(*parts) * 32768).clip(-32768, 32767).astype(np.int16)


def test_every_sentence_of_a_phrase_is_one_message_timed_from_the_start() -> None:
    recognizer = make_recognizer(FakeEngine("One.", "Two."))
    assert recognizer.process(samples((0, 1), (0.9, 1))) == []
    first = recognizer.process(samples((0, 2)))
    assert [(final.index, final.segment.text) for final in first if isinstance(final, Final)] == [
        (0, "One."),
        (1, "Two."),
    ]
    assert isinstance(first[0], Final)
    assert first[0].segment.start == pytest.approx(1.0, abs=WINDOW / SAMPLE_RATE)
    recognizer.process(samples((0.9, 1)))
    assert [message.index for message in recognizer.finish()] == [2, 3]


def test_a_phrase_without_text_has_a_reason() -> None:
    recognizer = make_recognizer(FakeEngine(reason=EmptyReason.UNSUPPORTED_LANGUAGE))
    (message,) = recognizer.process(samples((0.9, 1), (0, 2)))
    assert isinstance(message, Unheard)
    assert (message.index, message.start, message.reason) == (0, 0.0, "unsupported_language")
    assert message.end == pytest.approx(1.4, abs=0.05)


def test_an_engine_failure_costs_one_phrase_and_its_text_is_not_logged(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("samo")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "disabled", False)
    engine = FakeEngine("Fine.")
    recognizer = make_recognizer(engine)
    engine.broken = True
    recognizer.process(samples((0.9, 1)))
    assert recognizer.partial() is None
    (failed,) = recognizer.process(samples((0, 2)))
    engine.broken = False
    (fine,) = recognizer.process(samples((0.9, 1), (0, 2)))
    assert isinstance(failed, Unheard)
    assert failed.reason == "failed"
    assert isinstance(fine, Final)
    assert [record.message for record in caplog.records] == ["partial text failed", "phrase not recognized"]


def test_a_partial_needs_new_audio_in_the_phrase_in_progress() -> None:
    engine = FakeEngine("So far")
    recognizer = make_recognizer(engine)
    assert recognizer.partial() is None
    recognizer.process(samples((0, 1), (0.9, 0.2)))
    assert recognizer.partial() is None, "not enough audio"
    recognizer.process(samples((0.9, 0.6)))
    partial = recognizer.partial()
    assert partial is not None
    assert partial.text == "So far"
    assert partial.start == pytest.approx(0.6, abs=0.05)
    assert recognizer.partial() is None, "no new audio"
    recognizer.process(samples((0.9, 0.8)))
    assert recognizer.partial() is not None
    recognizer.process(samples((0, 2)))
    assert recognizer.partial() is None, "the phrase has ended"


def test_a_partial_in_the_silence_after_a_phrase_becomes_its_result() -> None:
    engine = FakeEngine("Done.")
    recognizer = make_recognizer(engine)
    recognizer.process(samples((0.9, 0.3)))
    assert recognizer.partial() is None, "not enough audio"
    recognizer.process(samples((0, 0.3)))
    assert recognizer.partial() is not None, "it fell silent"
    assert recognizer.partial() is None
    (message,) = recognizer.process(samples((0, 1)))
    assert isinstance(message, Final)
    assert len(engine.lengths) == 1
    recognizer.process(samples((0.9, 0.3), (0, 0.3)))
    assert recognizer.partial() is not None
    recognizer.process(samples((0.9, 0.3)))
    recognizer.process(samples((0, 1)))
    assert len(engine.lengths) == 3, "the phrase had continued"


def test_a_partial_that_would_take_long_is_skipped() -> None:
    class SlowEngine(FakeEngine):
        def transcribe(
            self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
        ) -> Recognition:
            clock.now += len(samples) / SAMPLE_RATE
            return super().transcribe(samples, progress=progress, names=names)

    clock = Clock()
    engine = SlowEngine("Well")
    recognizer = StreamingRecognizer(SharedEngine(engine, 1), phrases(), no_emotions, clock)
    recognizer.process(samples((0.9, 0.8)))
    assert recognizer.partial() is not None
    recognizer.process(samples((0.9, 4)))
    assert recognizer.partial() is None, "it would take five seconds"
    recognizer.process(samples((0, 0.3)))
    assert recognizer.partial() is not None, "the phrase may have ended"


def test_a_partial_is_skipped_while_the_engine_is_busy_and_a_phrase_waits() -> None:
    class BusyEngine(FakeEngine):
        started, resume = threading.Event(), threading.Event()

        def transcribe(
            self, samples: NDArray[np.float32], *, progress: ReportProgress, names: Sequence[str] = ()
        ) -> Recognition:
            self.started.set()
            assert self.resume.wait(120)
            return super().transcribe(samples, progress=progress, names=names)

    engine = BusyEngine("Yes.")
    shared = SharedEngine(engine, 1)
    phrase = Phrase(0.0, np.zeros(SAMPLE_RATE, np.float32), 1.0)
    holder = threading.Thread(target=shared.recognize, args=(phrase,))
    holder.start()
    assert engine.started.wait(120)
    assert shared.try_recognize(phrase) is None
    engine.resume.set()
    assert shared.recognize(phrase).segments[0].text == "Yes."
    holder.join()
    assert shared.try_recognize(phrase) is not None


def test_emotions_come_from_the_shared_encoder(tiny_encoder: Path) -> None:
    score_emotions = emotion_scorer(load_encoder(tiny_encoder))
    happy, neutral = score_emotions(["happy happy", "train"])
    assert happy[0].emotion == "joy"
    assert neutral == ()


def test_names_that_arrive_while_the_user_speaks_are_expected_from_then_on() -> None:
    engine = FakeEngine("Fine.")
    recognizer = make_recognizer(engine)
    recognizer.process(samples((0.9, 1), (0, 2)))
    recognizer.names = ("Zorvath",)
    recognizer.process(samples((0.9, 1)))
    recognizer.partial()
    recognizer.finish()
    assert engine.names == [(), ("Zorvath",), ("Zorvath",)]
