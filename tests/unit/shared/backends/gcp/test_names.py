from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.backends.gcp.audio_store import key_of, object_name
from functions.shared.backends.gcp.names import MAX_DOCUMENT_ID, TOPIC_OF, document_id
from functions.shared.domain.entries import EntryKey, EventType
from functions.shared.errors import InvalidRequest

IDS = st.text(min_size=1) | st.sampled_from([".", "..", "__all__", "a/b", "%2F", "%", "__", "é" * 40])
SHORT_IDS = st.text(min_size=1, max_size=42)
"""Ids short enough that two of them fit into the name of an object."""


@given(IDS)
def test_document_ids_are_valid_in_firestore(identifier: str) -> None:
    written = document_id(identifier)

    assert written.isascii()
    assert "/" not in written
    assert written not in {".", ".."}
    assert not (written.startswith("__") and written.endswith("__") and len(written) > 3)
    assert 0 < len(written) <= MAX_DOCUMENT_ID


@given(IDS)
def test_document_ids_are_reversible(identifier: str) -> None:
    written = document_id(identifier)

    assert unquote(written) == identifier or len(identifier.encode()) * 3 > MAX_DOCUMENT_ID


def test_plain_ids_stay_as_they_are() -> None:
    assert document_id("6f1c-A_b.c~d") == "6f1c-A_b.c~d"


def test_ids_too_long_for_firestore_stay_distinct() -> None:
    written = {document_id("x" * length) for length in range(1499, 1600)}

    assert len(written) == 101
    assert max(map(len, written)) <= MAX_DOCUMENT_ID


@given(SHORT_IDS, SHORT_IDS)
def test_an_objects_name_identifies_its_entry(uid: str, entry_id: str) -> None:
    key = EntryKey(uid, entry_id)

    assert key_of(object_name(key)) == key


@pytest.mark.parametrize(
    "name",
    [
        "",
        "audio/",
        "audio/ada",
        "audio/ada/",
        "audio//first",
        "audio/ada/first/third",
        "inbox/ada/first",
        "ada/first",
        "audio/ada/a b",
        "audio/ada/..",
        "audio/ada/%66irst",
        "audio/%/x",
    ],
)
def test_other_objects_belong_to_no_entry(name: str) -> None:
    assert key_of(name) is None


def test_ids_too_long_for_an_object_are_rejected() -> None:
    with pytest.raises(InvalidRequest) as raised:
        object_name(EntryKey("ada", "x" * 1020))
    assert raised.value.code == "invalid_id"


def test_every_event_has_a_topic() -> None:
    assert set(TOPIC_OF) == set(EventType)
