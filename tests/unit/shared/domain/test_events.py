from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.domain import events
from functions.shared.domain.entries import EntryKey, Event, EventType
from functions.shared.errors import InvalidRequest
from functions.shared.observability import tracing
from functions.shared.pipeline import cloud_events

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
EVENTS = st.builds(
    Event,
    type=st.sampled_from(EventType),
    uid=IDS,
    entry_id=IDS,
    revision=st.integers(1, 2**31),
    chunk=st.none() | st.integers(0, 1000),
)


@given(EVENTS)
def test_an_event_is_parsed_as_it_was_encoded(event: Event) -> None:
    assert cloud_events.parse(event.type, cloud_events.body(event)) == event
    assert cloud_events.parse(event.type, cloud_events.body(event).decode()) == event
    assert cloud_events.parse(event.type, json.loads(cloud_events.body(event))) == event


@given(EVENTS, EVENTS)
def test_events_have_equal_ids_only_if_they_are_equal(first: Event, second: Event) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", events.event_id(first))
    assert (events.event_id(first) == events.event_id(second)) == (first == second)


def test_event_ids_are_stable() -> None:
    event = events.make_event(EventType.TRANSCRIBED, EntryKey("ada", "e"), 1)

    assert events.event_id(event) == "3c059d2d4370b8bbf0a0b154ff6c8a80"


def test_the_attributes_follow_cloudevents_binary_mode() -> None:
    event = events.make_event(EventType.CHUNK_PLANNED, EntryKey("ada", "e"), 1, 0)
    trace = tracing.begin("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    attributes = cloud_events.attributes(event)
    parent = attributes.pop("traceparent")

    assert re.fullmatch(rf"00-{trace.trace_id}-[0-9a-f]{{16}}-01", parent)
    assert attributes == {
        "ce-specversion": "1.0",
        "ce-id": events.event_id(event),
        "ce-type": "samo.entry.chunk-planned.v1",
        "ce-source": "//samo/entries",
        "content-type": "application/json",
    }


def test_the_body_has_only_references() -> None:
    event = events.make_event(EventType.CHUNK_PLANNED, EntryKey("ada", "e"), 2, 0)

    assert json.loads(cloud_events.body(event)) == {"uid": "ada", "entry_id": "e", "revision": 2, "chunk": 0}


GOOD = {"uid": "ada", "entry_id": "e", "revision": 1}


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("samo.entry.forgotten.v1", GOOD),
        ("", GOOD),
        (EventType.TRANSCRIBED, {}),
        (EventType.TRANSCRIBED, {**GOOD, "revision": "1"}),
        (EventType.TRANSCRIBED, {**GOOD, "revision": 0}),
        (EventType.TRANSCRIBED, {**GOOD, "uid": ""}),
        (EventType.TRANSCRIBED, {**GOOD, "entry_id": None}),
        (EventType.CHUNK_PLANNED, {**GOOD, "chunk": -1}),
        (EventType.TRANSCRIBED, None),
        (EventType.TRANSCRIBED, b""),
        (EventType.TRANSCRIBED, b"\xff"),
        (EventType.TRANSCRIBED, "not json"),
        (EventType.TRANSCRIBED, [GOOD]),
    ],
)
def test_unknown_events_are_rejected(type_: str, data: object) -> None:
    with pytest.raises(InvalidRequest) as raised:
        cloud_events.parse(type_, data)
    assert raised.value.code == "invalid_event"


@given(st.binary(max_size=100) | st.text(max_size=100))
def test_arbitrary_bytes_do_not_crash_the_parser(data: bytes | str) -> None:
    with pytest.raises(InvalidRequest):
        cloud_events.parse(EventType.TRANSCRIBED, data)
