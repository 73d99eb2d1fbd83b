"""What Moonshine transcribes, and that it invents nothing; needs the weights."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import EmptyReason, LeftOut
from functions.shared.domain.stage_work import no_progress
from functions.transcription.config import LanguageGate
from functions.transcription.engine import Engine, join_text
from functions.transcription.hypothesis import Hypothesis
from functions.transcription.judging import is_unsupported_language
from functions.transcription.transcriber import load_engine, transcribe_file
from tests.unit.transcription.media import KINDS, NOT_SPEECH, Samples, encode
from tests.unit.transcription.sounds import AROUND_US
from tests.unit.transcription.voices import in_no_language, whispered

EXPECTED = "ever tried ever failed no matter try again fail again fail better"


def plain(text: str) -> str:
    return " ".join("".join(c for c in text.lower() if c.isalpha() or c == " ").split())


def words_of(engine: Engine, samples: Samples) -> str:
    return plain(join_text(engine.transcribe(samples, progress=no_progress).segments))


@pytest.fixture(scope="module")
def engine(models: Path) -> Engine:
    return load_engine("moonshine", models)


@pytest.fixture(scope="module")
def beckett(recordings: Path) -> Samples:
    return decoding.decode(recordings / "beckett.wav")


@pytest.fixture(scope="module")
def two_cities(recordings: Path) -> Samples:
    return decoding.decode(recordings / "two_cities.wav")


@pytest.mark.models
@pytest.mark.parametrize("name", KINDS)
def test_words_are_the_same_in_every_format(
    engine: Engine, beckett: Samples, name: str, tmp_path: Path
) -> None:
    transcript, reason = transcribe_file(engine, encode(beckett, tmp_path / "note", KINDS[name]))
    assert (plain(transcript.text), transcript.language, reason) == (EXPECTED, "en", None)


@pytest.mark.models
def test_sentences_are_timed_where_they_are_spoken(engine: Engine, two_cities: Samples) -> None:
    recognition = engine.transcribe(two_cities, progress=no_progress)
    texts = [segment.text for segment in recognition.segments]
    assert texts[0] == "It was the best of times."
    assert texts[1] == "It was the worst of times."
    times = [time for s in recognition.segments for time in (s.start, s.end) if time is not None]
    assert len(times) == 2 * len(texts)
    assert times == sorted(times)
    assert times[-1] <= len(two_cities) / SAMPLE_RATE
    for segment in recognition.segments[:8]:
        assert segment.start is not None
        assert segment.end is not None
        alone = two_cities[round(segment.start * SAMPLE_RATE) : round(segment.end * SAMPLE_RATE)]
        again = join_text(engine.transcribe(alone, progress=no_progress).segments)
        assert SequenceMatcher(None, plain(again), plain(segment.text)).ratio() > 0.85


@pytest.mark.models
@pytest.mark.parametrize("name", NOT_SPEECH)
@pytest.mark.parametrize("level", [1.0, 0.02])
def test_nothing_is_transcribed_where_nobody_speaks(engine: Engine, name: str, level: float) -> None:
    recognition = engine.transcribe(NOT_SPEECH[name]() * np.float32(level), progress=no_progress)
    assert (recognition.segments, recognition.language, recognition.empty_reason) == (
        (),
        None,
        EmptyReason.NO_SPEECH,
    )


@pytest.mark.models
@pytest.mark.parametrize("name", AROUND_US)
@pytest.mark.parametrize("level", [1.0, 0.1])
def test_no_sound_around_us_is_a_word(engine: Engine, name: str, level: float) -> None:
    recognition = engine.transcribe(AROUND_US[name]() * np.float32(level), progress=no_progress)
    assert (recognition.segments, recognition.empty_reason) == ((), EmptyReason.NO_SPEECH)


@pytest.mark.models
@pytest.mark.parametrize(
    "name",
    [
        "footsteps",
        "a train on rails",
        "hold music, strings",
        "a crying baby",
        "the television in the next room",
    ],
)
def test_a_sound_between_sentences_is_no_word(engine: Engine, beckett: Samples, name: str) -> None:
    sound = AROUND_US[name]() * np.float32(0.1)
    note = np.concatenate([beckett, sound, beckett])
    assert words_of(engine, note) == f"{EXPECTED} {EXPECTED}"


@pytest.mark.models
@pytest.mark.parametrize("times", [3, 5])
def test_a_mantra_and_what_follows_it_are_kept(
    engine: Engine, beckett: Samples, two_cities: Samples, times: int
) -> None:
    note = np.concatenate([*[beckett] * times, two_cities[: 4 * SAMPLE_RATE]])
    heard = words_of(engine, note)
    assert heard.startswith(" ".join([EXPECTED] * times))
    assert "the best of times" in heard


@pytest.mark.models
def test_a_whisper_is_heard(engine: Engine, beckett: Samples) -> None:
    recognition = engine.transcribe(whispered(beckett), progress=no_progress)
    heard = plain(join_text(recognition.segments))
    assert SequenceMatcher(None, heard, EXPECTED).ratio() > 0.8


@pytest.mark.models
@pytest.mark.parametrize("pause_s", [0.5, 2.0])
def test_what_is_in_another_language_is_left_out_alone(
    engine: Engine, beckett: Samples, two_cities: Samples, pause_s: float
) -> None:
    pause = np.zeros(round(pause_s * SAMPLE_RATE), np.float32)
    foreign = in_no_language(two_cities[10 * SAMPLE_RATE : 15 * SAMPLE_RATE])
    recognition = engine.transcribe(
        np.concatenate([beckett, pause, foreign, pause, beckett]), progress=no_progress
    )
    left_out = [segment for segment in recognition.segments if segment.left_out is not None]
    assert [segment.left_out for segment in left_out] == [LeftOut.UNSUPPORTED_LANGUAGE]
    kept = plain(join_text(segment for segment in recognition.segments if segment.left_out is None))
    assert kept == f"{EXPECTED} {EXPECTED}"
    assert "[another language]" in join_text(recognition.segments)
    assert left_out[0].start == pytest.approx(len(beckett) / SAMPLE_RATE + pause_s, abs=1.0)


@pytest.mark.models
def test_a_note_in_another_language_is_empty(engine: Engine, two_cities: Samples) -> None:
    recognition = engine.transcribe(in_no_language(two_cities[: 15 * SAMPLE_RATE]), progress=no_progress)
    assert (recognition.segments, recognition.empty_reason) == ((), EmptyReason.UNSUPPORTED_LANGUAGE)


@pytest.mark.models
@pytest.mark.parametrize("level", [0.3, 0.03, 0.005])
def test_quiet_speech_is_transcribed(engine: Engine, beckett: Samples, level: float) -> None:
    quiet = beckett / np.abs(beckett).max() * np.float32(level)
    recognition = engine.transcribe(quiet.astype(np.float32), progress=no_progress)
    assert plain(join_text(recognition.segments)) == EXPECTED


@pytest.mark.models
def test_speech_in_noise_is_transcribed(engine: Engine, two_cities: Samples) -> None:
    level = float(np.sqrt(np.mean(np.square(two_cities)))) * 10 ** (-10 / 20)
    noise = np.random.default_rng(6).standard_normal(len(two_cities)).astype(np.float32)
    recognition = engine.transcribe(two_cities + noise * np.float32(level), progress=no_progress)
    words = plain(join_text(recognition.segments)).split()
    assert words[:6] == ["it", "was", "the", "best", "of", "times"]
    assert 105 <= len(words) <= 130


@pytest.mark.models
def test_telephone_speech_is_transcribed(engine: Engine, two_cities: Samples) -> None:
    spectrum = np.fft.rfft(two_cities)
    hertz = np.fft.rfftfreq(len(two_cities), 1 / SAMPLE_RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    narrow = np.fft.irfft(spectrum, len(two_cities)).astype(np.float32)
    recognition = engine.transcribe(narrow, progress=no_progress)
    words = plain(join_text(recognition.segments)).split()
    assert 105 <= len(words) <= 130


@pytest.mark.models
def test_speech_after_music_and_silence_keeps_its_time(engine: Engine, beckett: Samples) -> None:
    silence = np.zeros(5 * SAMPLE_RATE, np.float32)
    note = np.concatenate([NOT_SPEECH["a melody"](), silence, beckett])
    recognition = engine.transcribe(note, progress=no_progress)
    assert plain(join_text(recognition.segments)) == EXPECTED
    assert recognition.segments[0].start == pytest.approx(13.3, abs=0.4)


@pytest.mark.models
def test_a_previous_recording_has_no_effect(engine: Engine, beckett: Samples, two_cities: Samples) -> None:
    alone = engine.transcribe(beckett, progress=no_progress)
    engine.transcribe(two_cities, progress=no_progress)
    assert engine.transcribe(beckett, progress=no_progress) == alone


@pytest.mark.models
def test_several_threads_may_share_the_engine(engine: Engine, beckett: Samples) -> None:
    alone = engine.transcribe(beckett, progress=no_progress)
    together = threading.Barrier(3)

    def call(_: int) -> object:
        together.wait()
        return engine.transcribe(beckett, progress=no_progress)

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(call, range(3))) == [alone] * 3


@pytest.mark.models
def test_progress_increases_and_can_stop_the_work(engine: Engine, two_cities: Samples) -> None:
    shares: list[float] = []
    engine.transcribe(two_cities, progress=shares.append)
    assert all(before < after for before, after in pairwise(shares))
    assert shares[-1] == 1.0

    class Lost(Exception):
        pass

    def stop(share: float) -> None:
        raise Lost

    with pytest.raises(Lost):
        engine.transcribe(two_cities, progress=stop)


GATE = LanguageGate(min_logprob=-0.45, doubt=0.8)


@pytest.mark.parametrize(
    ("logprobs", "expected"),
    [
        ([], False),
        ([-0.1] * 50, False),
        ([-0.9] * 50, True),
        ([-0.7] * 4, False),  # a mumbled name
        ([-0.1] * 45 + [-2.0] * 5, False),  # one odd phrase in an English note
    ],
)
def test_only_a_note_that_is_uncertain_throughout_is_in_another_language(
    logprobs: list[float], expected: bool
) -> None:
    assert (
        is_unsupported_language(
            [Hypothesis(tuple(range(len(logprobs))), tuple(logprobs), sum(logprobs))], GATE
        )
        is expected
    )
