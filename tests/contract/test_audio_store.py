"""What every AudioStore guarantees about storing recordings."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from functions.shared.domain.entries import Audio, EntryKey
from functions.shared.errors import Conflict, NotFound
from functions.shared.ports import AudioStore

KEY = EntryKey("ada", "first")


def put(store: AudioStore, content: bytes = b"sound", key: EntryKey = KEY) -> Audio:
    return store.put(key, io.BytesIO(content), "audio/webm")


def content(store: AudioStore, audio: Audio) -> bytes:
    with store.fetch(audio) as path:
        return path.read_bytes()


def gone(store: AudioStore, audio: Audio) -> bool:
    with pytest.raises(NotFound) as raised, store.fetch(audio):
        pass
    return raised.value.code == "audio_gone"


@pytest.mark.parametrize("size", [1, 3_000_001])
def test_a_recording_comes_back_byte_for_byte(audio: AudioStore, size: int) -> None:
    recording = (bytes(range(256)) * (size // 256 + 1))[:size]
    stored = put(audio, recording)

    assert content(audio, stored) == recording
    assert stored.size == size
    assert stored.content_type == "audio/webm"
    assert audio.find(KEY) == stored


def test_finding_a_recording_that_was_never_stored_returns_none(audio: AudioStore) -> None:
    assert audio.find(KEY) is None


def test_a_second_recording_is_rejected_and_the_first_stays(audio: AudioStore) -> None:
    first = put(audio, b"first")
    with pytest.raises(Conflict) as raised:
        put(audio, b"second, and longer")

    assert raised.value.code == "audio_exists"
    assert audio.find(KEY) == first
    assert content(audio, first) == b"first"


@pytest.mark.parametrize("size", [0, 5, 20_000_001])
def test_an_object_can_be_streamed(audio: AudioStore, size: int) -> None:
    with audio.open_writer(KEY, "application/zip") as file:
        for start in range(0, size, 1_000_000):
            file.write(bytes(min(1_000_000, size - start)))
        assert audio.find(KEY) is None
    stored_audio = audio.find(KEY)

    assert stored_audio is not None
    assert (stored_audio.size, stored_audio.content_type) == (size, "application/zip")
    assert content(audio, stored_audio) == bytes(size)


@pytest.mark.parametrize("written", [b"", b"half", bytes(9_000_000)])
def test_an_unfinished_object_is_not_stored(audio: AudioStore, written: bytes) -> None:
    def fail() -> None:
        with audio.open_writer(KEY, "application/zip") as file:
            file.write(written)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert audio.find(KEY) is None
    assert content(audio, put(audio)) == b"sound"


def test_a_streamed_object_never_replaces_another(audio: AudioStore) -> None:
    def write_late() -> None:
        with audio.open_writer(KEY, "application/zip") as file:
            file.write(b"later")
            put(audio, b"first")

    with pytest.raises(Conflict) as raised:
        write_late()
    first = audio.find(KEY)
    assert first is not None
    assert raised.value.code == "audio_exists"
    assert content(audio, first) == b"first"


def test_of_eight_concurrent_recordings_one_is_stored_completely(audio: AudioStore) -> None:
    start = Barrier(8)

    def attempt(number: int) -> Audio | None:
        recording = bytes([number]) * (1000 + number)
        start.wait()
        try:
            return audio.put(KEY, io.BytesIO(recording), f"audio/x-{number}")
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(attempt, range(8)))

    winners = [number for number, won in enumerate(stored) if won is not None]
    assert len(winners) == 1
    (winner,) = winners
    stored_audio = audio.find(KEY)
    assert stored_audio is not None
    assert stored_audio == stored[winner]
    assert stored_audio.content_type == f"audio/x-{winner}"
    assert content(audio, stored_audio) == bytes([winner]) * (1000 + winner)


class FailingStream(io.BytesIO):
    """A stream that fails halfway."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise ConnectionResetError
        return super().read(10)


def test_an_interrupted_upload_stores_nothing(audio: AudioStore) -> None:
    with pytest.raises(ConnectionResetError):
        audio.put(KEY, FailingStream(b"x" * 100), "audio/webm")
    assert audio.find(KEY) is None

    stored = put(audio, b"the second attempt")
    assert content(audio, stored) == b"the second attempt"


def test_a_deleted_recording_is_gone(audio: AudioStore) -> None:
    stored = put(audio)
    audio.delete(stored)

    assert audio.find(KEY) is None
    assert gone(audio, stored)


def test_deleting_twice_is_allowed(audio: AudioStore) -> None:
    stored = put(audio)
    audio.delete(stored)
    audio.delete(stored)

    assert audio.find(KEY) is None


def test_deleting_concurrently_is_allowed(audio: AudioStore) -> None:
    stored = put(audio)
    start = Barrier(4)

    def delete(_: int) -> None:
        start.wait()
        audio.delete(stored)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(delete, range(4)))

    assert audio.find(KEY) is None


def test_an_old_generation_cannot_be_fetched_and_does_not_delete_a_newer_one(audio: AudioStore) -> None:
    old = put(audio, b"old")
    audio.delete(old)
    new = put(audio, b"new")

    assert new.generation != old.generation
    assert gone(audio, old)
    audio.delete(old)
    assert audio.find(KEY) == new
    assert content(audio, new) == b"new"


ODD_KEYS = [
    EntryKey("ada", "second"),
    EntryKey("grace", "first"),
    EntryKey("ada", "First"),
    EntryKey("ada/first", "x"),
    EntryKey("ada", "../first"),
    EntryKey("ada", ".."),
    EntryKey("ada", "première 🌍"),
    EntryKey("ada", "f" * 300),
]


def test_each_entry_has_its_own_recording(audio: AudioStore) -> None:
    stored = {key: put(audio, repr(key).encode(), key) for key in [KEY, *ODD_KEYS]}

    assert len({recording.object for recording in stored.values()}) == len(stored)
    for key, recording in stored.items():
        assert audio.find(key) == recording
        assert content(audio, recording) == repr(key).encode()


def test_deleting_a_users_recordings_leaves_those_of_others(audio: AudioStore) -> None:
    for name in ("first", "second"):
        put(audio, key=EntryKey("ada", name))
    other = put(audio, b"hers", EntryKey("adam", "first"))
    assert audio.delete_all("ada") == 2
    assert audio.delete_all("ada") == 0
    assert audio.find(KEY) is None
    assert content(audio, other) == b"hers"
