"""What every AudioStore promises."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from functions.shared.entries import Audio, EntryKey
from functions.shared.errors import Conflict, NotFound
from functions.shared.ports import AudioStore

KEY = EntryKey("ada", "first")


def put(store: AudioStore, content: bytes = b"sound", key: EntryKey = KEY) -> Audio:
    return store.put(key, io.BytesIO(content), "audio/webm")


def content(store: AudioStore, audio: Audio) -> bytes:
    with store.fetch(audio) as path:
        return path.read_bytes()


def gone(store: AudioStore, audio: Audio) -> bool:
    with pytest.raises(NotFound) as refused, store.fetch(audio):
        pass
    return refused.value.code == "audio_gone"


@pytest.mark.parametrize("size", [1, 3_000_001])
def test_a_recording_comes_back_byte_for_byte(audio: AudioStore, size: int) -> None:
    recording = (bytes(range(256)) * (size // 256 + 1))[:size]
    stored = put(audio, recording)

    assert content(audio, stored) == recording
    assert stored.size == size
    assert stored.content_type == "audio/webm"
    assert audio.find(KEY) == stored


def test_nothing_is_found_where_nothing_was_put(audio: AudioStore) -> None:
    assert audio.find(KEY) is None


def test_a_second_recording_is_refused_and_the_first_stands(audio: AudioStore) -> None:
    first = put(audio, b"first")
    with pytest.raises(Conflict) as refused:
        put(audio, b"second, and longer")

    assert refused.value.code == "audio_exists"
    assert audio.find(KEY) == first
    assert content(audio, first) == b"first"


def test_of_eight_recordings_at_once_one_is_stored_whole(audio: AudioStore) -> None:
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
    standing = audio.find(KEY)
    assert standing is not None
    assert standing == stored[winner]
    assert standing.content_type == f"audio/x-{winner}"
    assert content(audio, standing) == bytes([winner]) * (1000 + winner)


class BreaksOff(io.BytesIO):
    """An upload whose sender disappears halfway."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise ConnectionResetError
        return super().read(10)


def test_an_upload_that_breaks_off_leaves_nothing(audio: AudioStore) -> None:
    with pytest.raises(ConnectionResetError):
        audio.put(KEY, BreaksOff(b"x" * 100), "audio/webm")
    assert audio.find(KEY) is None

    stored = put(audio, b"the second attempt")
    assert content(audio, stored) == b"the second attempt"


def test_a_deleted_recording_is_gone(audio: AudioStore) -> None:
    stored = put(audio)
    audio.delete(stored)

    assert audio.find(KEY) is None
    assert gone(audio, stored)


def test_deleting_twice_is_deleting(audio: AudioStore) -> None:
    stored = put(audio)
    audio.delete(stored)
    audio.delete(stored)

    assert audio.find(KEY) is None


def test_deleting_from_many_sides_at_once_is_deleting(audio: AudioStore) -> None:
    stored = put(audio)
    start = Barrier(4)

    def delete(_: int) -> None:
        start.wait()
        audio.delete(stored)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(delete, range(4)))

    assert audio.find(KEY) is None


def test_an_old_generation_can_neither_be_fetched_nor_delete_a_newer_one(audio: AudioStore) -> None:
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


def test_every_entry_has_a_recording_of_its_own(audio: AudioStore) -> None:
    stored = {key: put(audio, repr(key).encode(), key) for key in [KEY, *ODD_KEYS]}

    assert len({recording.object for recording in stored.values()}) == len(stored)
    for key, recording in stored.items():
        assert audio.find(key) == recording
        assert content(audio, recording) == repr(key).encode()


# -- recordings that a client sends itself --------------------------------------------------------

PAGE = "https://journal.example"


def invited(store: AudioStore, size: int = 5, key: EntryKey = KEY) -> str:
    """An upload session; a backend that gives out none has nothing more to promise."""
    session = store.invite(key, size=size, content_type="audio/webm", origin=PAGE)
    if session is None:
        pytest.skip("here recordings come through the journal only")
    return session


def upload(session: str, content: bytes) -> int:
    """What a phone does with an upload session; the HTTP status."""
    headers = {"Origin": PAGE, "Content-Type": "text/plain"}
    request = urllib.request.Request(session, content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == PAGE
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code


def test_who_is_invited_uploads_without_further_credentials(audio: AudioStore) -> None:
    assert upload(invited(audio), b"sound") == 200

    standing = audio.find(KEY)
    assert standing is not None
    assert (standing.size, standing.content_type) == (5, "audio/webm")
    assert content(audio, standing) == b"sound"


def test_an_invitation_stores_nothing_by_itself(audio: AudioStore) -> None:
    invited(audio)

    assert audio.find(KEY) is None


@pytest.mark.parametrize("sent", [b"soun", b"sounds"])
def test_an_upload_of_another_length_than_declared_is_refused(audio: AudioStore, sent: bytes) -> None:
    assert upload(invited(audio), sent) == 400
    assert audio.find(KEY) is None


def test_nobody_is_invited_where_a_recording_stands(audio: AudioStore) -> None:
    invited(audio, key=EntryKey("ada", "other"))
    put(audio)

    with pytest.raises(Conflict) as refused:
        invited(audio)
    assert refused.value.code == "audio_exists"


def test_of_two_who_were_invited_the_first_is_stored(audio: AudioStore) -> None:
    early, late = invited(audio), invited(audio)
    assert upload(late, b"first") == 200
    assert upload(early, b"later") == 412

    standing = audio.find(KEY)
    assert standing is not None
    assert content(audio, standing) == b"first"


def test_an_upload_replaces_no_recording_that_came_meanwhile(audio: AudioStore) -> None:
    session = invited(audio)
    stored = put(audio)

    assert upload(session, b"later") == 412
    assert audio.find(KEY) == stored
