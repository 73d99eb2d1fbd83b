"""What every AudioStore promises to a client that may send the recording itself.

A backend that invites nobody is in none of these: see `INVITING` in the harness.
"""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from functions.shared.domain.entries import EntryKey
from functions.shared.errors import Conflict
from functions.shared.ports import AudioStore
from tests.contract.harness import AUDIO_STORES, INVITING, Place
from tests.contract.test_audio_store import KEY, content, put

PAGE = "https://journal.example"


def invited(store: AudioStore, size: int = 5, key: EntryKey = KEY) -> str:
    session = store.create_upload_session(key, size=size, content_type="audio/webm", origin=PAGE)
    assert session is not None
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


def test_who_is_invited_uploads_without_further_credentials(inviting: AudioStore) -> None:
    assert upload(invited(inviting), b"sound") == 200

    standing = inviting.find(KEY)
    assert standing is not None
    assert (standing.size, standing.content_type) == (5, "audio/webm")
    assert content(inviting, standing) == b"sound"


def test_an_invitation_stores_nothing_by_itself(inviting: AudioStore) -> None:
    invited(inviting)

    assert inviting.find(KEY) is None


@pytest.mark.parametrize("sent", [b"soun", b"sounds"])
def test_an_upload_of_another_length_than_declared_is_refused(inviting: AudioStore, sent: bytes) -> None:
    assert upload(invited(inviting), sent) == 400
    assert inviting.find(KEY) is None


def test_nobody_is_invited_where_a_recording_stands(inviting: AudioStore) -> None:
    invited(inviting, key=EntryKey("ada", "other"))
    put(inviting)

    with pytest.raises(Conflict) as refused:
        invited(inviting)
    assert refused.value.code == "audio_exists"


def test_of_two_who_were_invited_the_first_is_stored(inviting: AudioStore) -> None:
    early, late = invited(inviting), invited(inviting)
    assert upload(late, b"first") == 200
    assert upload(early, b"later") == 412

    standing = inviting.find(KEY)
    assert standing is not None
    assert content(inviting, standing) == b"first"


def test_nothing_can_be_sent_where_an_invitation_was_withdrawn(inviting: AudioStore) -> None:
    session = invited(inviting)
    inviting.cancel_upload_session(session)

    assert upload(session, b"sound") in {404, 410, 499}
    assert inviting.find(KEY) is None
    inviting.cancel_upload_session(session)


def test_a_recording_outlives_the_withdrawal_of_its_invitation(inviting: AudioStore) -> None:
    session = invited(inviting)
    assert upload(session, b"sound") == 200
    inviting.cancel_upload_session(session)

    assert inviting.find(KEY) is not None


def test_an_upload_replaces_no_recording_that_came_meanwhile(inviting: AudioStore) -> None:
    session = invited(inviting)
    stored = put(inviting)

    assert upload(session, b"later") == 412
    assert inviting.find(KEY) == stored


@pytest.mark.parametrize("name", sorted(set(AUDIO_STORES) - set(INVITING)))
def test_who_invites_nobody_says_so(name: str, place: Place) -> None:
    assert AUDIO_STORES[name](place).create_upload_session(KEY, size=5, content_type="audio/webm") is None
