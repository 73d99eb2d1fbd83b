"""The journal reader: sentences in context, the entry as a whole, and long entries in windows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore
from typing import Any

import pytest

from functions.emotion.reader import JournalReader, Reading
from functions.shared.errors import ArtifactError, LeaseLost
from tests.unit.emotion.conftest import MakeReader


def read(folder: Path, *sentences: str) -> Reading:
    return JournalReader.load(folder).read(sentences)


def test_an_entry_is_read_sentence_by_sentence_and_as_a_whole(tiny_reader: Path) -> None:
    reading = read(tiny_reader, "um um", "happy quote happy quote", "table")
    assert [tuple(name for name, _ in s.emotions) for s in reading.sentences] == [(), ("joy",), ()]
    assert [name for name, _ in reading.emotions] == ["joy"]
    assert [name for name, _ in reading.feelings] == ["happy"]
    assert reading.mood == 1.0
    assert reading.certain
    first, second, third = reading.sentences
    assert first.avoid > 0.9 > 0.1 > second.avoid
    assert second.core > 0.9 > 0.1 > third.core
    assert second.sentiment > 0.5 > abs(third.sentiment)


def test_emoji_and_tags_are_read_as_one_would_say_them(tiny_reader: Path) -> None:
    reading = read(tiny_reader, "😊", "<b>sad</b>", "😔", "table")
    assert [tuple(name for name, _ in s.emotions) for s in reading.sentences] == [
        ("joy",),
        ("sadness",),
        ("sadness",),
        (),
    ]


def test_neutral_is_no_emotion_of_an_entry_that_has_others(tiny_reader: Path) -> None:
    assert [name for name, _ in read(tiny_reader, "table", "table", "sad").emotions] == ["sadness"]
    assert [name for name, _ in read(tiny_reader, "table").emotions] == ["neutral"]


def test_an_entry_without_a_clear_emotion_is_uncertain(tiny_reader: Path) -> None:
    reading = read(tiny_reader, "unknown words")
    assert not reading.certain
    assert len(reading.emotions) == 1


def test_no_more_labels_are_named_than_the_limit(make_reader: MakeReader) -> None:
    limited = {"names": ["joy", "sadness", "neutral"], "threshold": 0.0, "limit": 1}
    folder = make_reader(emotions=limited, sentence_emotions=limited)
    reading = read(folder, "happy", "sad")
    assert len(reading.emotions) == 1
    assert all(len(sentence.emotions) <= 1 for sentence in reading.sentences)


def test_hopelessness_raises_the_probability_of_support(tiny_reader: Path) -> None:
    assert read(tiny_reader, "table", "hopeless").support > 0.9
    assert read(tiny_reader, "table", "sad").support < 0.1


def test_a_long_entry_is_read_to_its_end(tiny_reader: Path) -> None:
    table = ("table table table",) * 20
    reading = read(tiny_reader, *table, "happy happy", "happy quote")
    assert len(reading.sentences) == 22
    assert [name for name, _ in reading.sentences[20].emotions] == ["joy"]
    assert reading.sentences[21].core > 0.9
    assert not any(sentence.emotions for sentence in reading.sentences[:20])


def test_a_sentence_longer_than_a_window_is_read_in_part(tiny_reader: Path) -> None:
    assert [name for name, _ in read(tiny_reader, "happy " * 500).emotions] == ["joy"]


def test_a_sentence_without_tokens_does_not_fail(tiny_reader: Path) -> None:
    assert len(read(tiny_reader, "\u200b", "happy").sentences) == 2


def test_progress_is_reported_for_every_window_and_can_stop_the_work(tiny_reader: Path) -> None:
    reported: list[float] = []
    JournalReader.load(tiny_reader).read(["table table table"] * 20, progress=reported.append)
    assert len(reported) > 2
    assert reported == sorted(reported)
    assert reported[-1] == 1.0

    def lose(_: float) -> None:
        raise LeaseLost("another worker has it")

    with pytest.raises(LeaseLost):
        JournalReader.load(tiny_reader).read(["table"], progress=lose)


def test_a_graph_without_an_output_is_rejected(make_reader: MakeReader) -> None:
    with pytest.raises(ArtifactError, match="support"):
        JournalReader.load(make_reader(without="support"))


def test_sentences_and_entries_must_have_the_same_emotions(make_reader: MakeReader) -> None:
    folder = make_reader(sentence_emotions={"names": ["joy"], "threshold": 0.5, "limit": 1})
    with pytest.raises(ArtifactError, match="same emotions"):
        JournalReader.load(folder)


def test_windows_are_read_one_at_a_time(tiny_reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = JournalReader.load(tiny_reader)
    inner, running, overlaps = reader._session, Semaphore(1), []

    class Watched:
        def run(self, *arguments: Any) -> Any:
            alone = running.acquire(blocking=False)
            overlaps.append(not alone)
            try:
                return inner.run(*arguments)
            finally:
                if alone:
                    running.release()

    monkeypatch.setattr(reader, "_session", Watched())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: reader.read(["table table table"] * 200), range(16)))
    assert not any(overlaps)


def test_callers_share_one_instance(tiny_reader: Path) -> None:
    assert JournalReader.load(tiny_reader) is JournalReader.load(tiny_reader)
