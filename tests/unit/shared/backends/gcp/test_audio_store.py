"""Guarantees of CloudStorageAudio beyond the contract, on the emulator."""

from __future__ import annotations

import io
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from functions.shared.backends.gcp.audio_store import CHUNK, CloudStorageAudio
from functions.shared.domain.entries import EntryKey
from functions.shared.errors import Conflict
from tests.support.cloud import Cloud

pytestmark = pytest.mark.emulators

KEY = EntryKey("ada", "first")


class LosesResponses(HTTPAdapter):
    """A network that delivers every upload but loses the first responses."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.left = count

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        response = super().send(request, *args, **options)
        if request.method in {"POST", "PUT"} and "/upload/" in str(request.url) and self.left:
            self.left -= 1
            response.close()
            raise requests.ConnectionError("the connection broke")
        return response


@pytest.fixture
def audio(cloud: Cloud) -> CloudStorageAudio:
    cloud.storage.create_bucket(cloud.bucket)
    return CloudStorageAudio(cloud.project, cloud.bucket)


def test_an_upload_whose_response_was_lost_does_not_conflict_with_itself(audio: CloudStorageAudio) -> None:
    network = LosesResponses(1)
    audio._bucket.client._http.mount("http://", network)
    stored = audio.put(KEY, io.BytesIO(b"sound"), "audio/webm")

    assert network.left == 0
    assert audio.find(KEY) == stored


def test_a_recording_by_another_upload_is_a_conflict(audio: CloudStorageAudio, cloud: Cloud) -> None:
    CloudStorageAudio(cloud.project, cloud.bucket).put(KEY, io.BytesIO(b"sound"), "audio/webm")
    audio._bucket.client._http.mount("http://", LosesResponses(1))

    with pytest.raises(Conflict):
        audio.put(KEY, io.BytesIO(b"sound"), "audio/webm")


@pytest.mark.parametrize("size", [CHUNK, CHUNK + 1, 2 * CHUNK + 5])
def test_a_large_recording_is_uploaded_in_chunks(audio: CloudStorageAudio, size: int) -> None:
    recording = (bytes(range(251)) * (size // 251 + 1))[:size]
    stored = audio.put(KEY, io.BytesIO(recording), "audio/webm")

    with audio.fetch(stored) as path:
        assert path.read_bytes() == recording


class Pipe(io.RawIOBase):
    """A stream of unknown length that returns little at a time."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._content.read(min(len(buffer), 1000))
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_stream_that_cannot_seek_is_stored_completely(audio: CloudStorageAudio) -> None:
    stored = audio.put(KEY, io.BufferedReader(Pipe(b"s" * 5000), 100), "audio/webm")

    assert stored.size == 5000


@pytest.mark.parametrize("sound", [b"sound", b"s" * (CHUNK + 1)])
def test_only_the_rest_of_a_stream_is_stored(audio: CloudStorageAudio, sound: bytes) -> None:
    stream = io.BytesIO(b"header and " + sound)
    stream.seek(len(b"header and "))
    stored = audio.put(KEY, stream, "audio/webm")

    with audio.fetch(stored) as path:
        assert path.read_bytes() == sound


def test_a_fetched_recording_is_deleted_from_this_machine_afterwards(audio: CloudStorageAudio) -> None:
    with audio.fetch(audio.put(KEY, io.BytesIO(b"sound"), "audio/webm")) as path:
        assert path.exists()

    assert not path.parent.exists()
