"""The faster-whisper engine with a tiny random model: loading, VAD, beam search and timestamps are real."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import EmptyReason
from functions.shared.domain.stage_work import no_progress
from functions.shared.errors import ArtifactError, ConfigurationError
from functions.transcription.engine import Recognition
from functions.transcription.transcriber import load_engine
from functions.transcription.whisper import Whisper
from tests.unit.transcription import tiny_whisper
from tests.unit.transcription.media import Samples, seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_whisper.write(tmp_path_factory.mktemp("models") / "whisper-random")


@pytest.fixture(scope="module")
def voice() -> Samples:
    """A buzz through two formants, in syllables: the VAD takes it for speech."""
    return tiny_whisper.vowels(6.0)


def test_speech_becomes_segments_with_words_and_times(folder: Path, voice: Samples) -> None:
    shares: list[float] = []
    recognition = Whisper(folder).transcribe(voice, progress=shares.append)
    assert recognition.empty_reason is None
    assert recognition.language in Whisper(folder).languages
    for segment in recognition.segments:
        assert segment.start is not None
        assert segment.end is not None
        assert 0 <= segment.start <= segment.end <= 6.5
        assert segment.confidence is not None
        assert 0 <= segment.confidence <= 1
        assert all(0 <= (word.probability or 0) <= 1 and word.start <= word.end for word in segment.words)
    assert any(word.text for segment in recognition.segments for word in segment.words)
    assert msgspec.json.decode(msgspec.json.encode(recognition), type=Recognition) == recognition
    assert shares == sorted(shares)


def test_the_same_audio_gives_the_same_words(folder: Path, voice: Samples) -> None:
    engine = Whisper(folder)
    assert engine.transcribe(voice, progress=no_progress) == engine.transcribe(voice, progress=no_progress)


def test_names_are_in_the_prompt(folder: Path, voice: Samples) -> None:
    engine = Whisper(folder)
    without = engine.transcribe(voice, progress=no_progress)
    assert engine.transcribe(voice, progress=no_progress, names=["Zorvath", "Melindrel"]) != without
    assert engine.transcribe(voice, progress=no_progress, names=[]) == without


@pytest.mark.parametrize(
    "sound", [np.zeros(0), np.zeros(SAMPLE_RATE), 0.3 * np.sin(2 * np.pi * 440 * seconds(5))]
)
def test_without_speech_there_is_no_text(folder: Path, sound: Samples) -> None:
    recognition = Whisper(folder).transcribe(sound.astype(np.float32), progress=no_progress)
    assert (recognition.segments, recognition.empty_reason) == ((), EmptyReason.NO_SPEECH)


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_a_missing_file_is_named_and_nothing_is_downloaded(tmp_path: Path, missing: str) -> None:
    folder = tiny_whisper.write(tmp_path / "whisper-random")
    (folder / missing).unlink()
    with pytest.raises(ArtifactError, match=missing):
        Whisper(folder)


def test_a_corrupt_model_is_an_artifact_error(tmp_path: Path) -> None:
    folder = tiny_whisper.write(tmp_path / "whisper-random")
    (folder / "model.bin").write_bytes(b"not a model")
    with pytest.raises(ArtifactError, match="cannot be loaded"):
        Whisper(folder)


def test_the_engine_is_chosen_by_name_and_loaded_once(folder: Path) -> None:
    by_folder = load_engine("whisper", folder.parent, str(folder))
    assert by_folder is load_engine("whisper", folder.parent, str(folder))
    assert load_engine("whisper", folder.parent, folder.name).name == by_folder.name == "whisper-random"
    with pytest.raises(ConfigurationError):
        load_engine("whisper", folder.parent, None)
    with pytest.raises(ConfigurationError):
        load_engine("parrot", folder.parent)
    with pytest.raises(ArtifactError):
        load_engine("moonshine", folder.parent)
