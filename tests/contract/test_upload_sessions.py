"""What every AudioStore with upload sessions (`UPLOAD_STORES`) guarantees about them."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from functions.shared.domain.entries import EntryKey
from functions.shared.errors import Conflict
from functions.shared.ports import AudioStore
from tests.contract.harness import AUDIO_STORES, UPLOAD_STORES, Place
from tests.contract.test_audio_store import KEY, content, put

PAGE = "https://journal.example"


def create_session(store: AudioStore, size: int = 5, key: EntryKey = KEY) -> str:
    session = store.create_upload_session(key, size=size, content_type="audio/webm", origin=PAGE)
    assert session is not None
    return session


def upload(session: str, content: bytes) -> int:
    """Upload to the session as a client does; returns the HTTP status."""
    headers = {"Origin": PAGE, "Content-Type": "text/plain"}
    request = urllib.request.Request(session, content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            assert response.headers["Access-Control-Allow-Origin"] == PAGE
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_an_upload_session_needs_no_further_credentials(upload_store: AudioStore) -> None:
    assert upload(create_session(upload_store), b"sound") == 200

    stored = upload_store.find(KEY)
    assert stored is not None
    assert (stored.size, stored.content_type) == (5, "audio/webm")
    assert content(upload_store, stored) == b"sound"


def test_creating_an_upload_session_stores_nothing(upload_store: AudioStore) -> None:
    create_session(upload_store)

    assert upload_store.find(KEY) is None


@pytest.mark.parametrize("sent", [b"soun", b"sounds"])
def test_an_upload_of_another_size_is_rejected(upload_store: AudioStore, sent: bytes) -> None:
    assert upload(create_session(upload_store), sent) == 400
    assert upload_store.find(KEY) is None


def test_no_upload_session_is_created_if_there_is_a_recording(upload_store: AudioStore) -> None:
    create_session(upload_store, key=EntryKey("ada", "other"))
    put(upload_store)

    with pytest.raises(Conflict) as error:
        create_session(upload_store)
    assert error.value.code == "audio_exists"


def test_of_two_uploads_the_first_is_stored(upload_store: AudioStore) -> None:
    early, late = create_session(upload_store), create_session(upload_store)
    assert upload(late, b"first") == 200
    assert upload(early, b"later") == 412

    stored = upload_store.find(KEY)
    assert stored is not None
    assert content(upload_store, stored) == b"first"


def test_a_cancelled_upload_session_accepts_nothing(upload_store: AudioStore) -> None:
    session = create_session(upload_store)
    upload_store.cancel_upload_session(session)

    assert upload(session, b"sound") in {404, 410, 499}
    assert upload_store.find(KEY) is None
    upload_store.cancel_upload_session(session)


def test_cancelling_an_upload_session_keeps_an_uploaded_recording(upload_store: AudioStore) -> None:
    session = create_session(upload_store)
    assert upload(session, b"sound") == 200
    upload_store.cancel_upload_session(session)

    assert upload_store.find(KEY) is not None


def test_an_upload_never_replaces_a_recording_stored_in_the_meantime(upload_store: AudioStore) -> None:
    session = create_session(upload_store)
    stored = put(upload_store)

    assert upload(session, b"later") == 412
    assert upload_store.find(KEY) == stored


@pytest.mark.parametrize("name", sorted(set(AUDIO_STORES) - set(UPLOAD_STORES)))
def test_a_store_without_upload_sessions_returns_none(name: str, place: Place) -> None:
    assert AUDIO_STORES[name](place).create_upload_session(KEY, size=5, content_type="audio/webm") is None
