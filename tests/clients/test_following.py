"""Following entries over streams that end, break or are refused."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import pytest

from samo_client import AsyncSamo, NotFound, Samo
from tests.clients.drivers import Client, step
from tests.clients.samples import entry
from tests.clients.scripted import Response, Scripted, json_response, problem, stream

END = "event: end\ndata: {}\n\n"
CUT = "event: cut\ndata: {}\n\n"
BEAT = ": still here\n\n"


@pytest.fixture
def client(kind: type[Client], scripted: Scripted) -> Client:
    return kind(scripted.address)


def event(tag: str, **changes: Any) -> str:
    data = json.dumps(entry(**changes), ensure_ascii=False)
    return f"event: entry\nid: {tag}\ndata: {data}\n\n"


def statuses(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["status"] for entry in entries]


def last_seen(scripted: Scripted) -> list[str | None]:
    return [request.headers.get("Last-Event-ID") for request in scripted.requests]


def test_a_stream_yields_every_change(client: Client, scripted: Scripted) -> None:
    scripted.script.append(stream(event("a", status="processing"), BEAT, event("b", status="ready"), END))
    assert statuses(client("entries.follow", "e1")) == ["processing", "ready"]


def test_an_interrupted_stream_resumes_after_the_last_event(client: Client, scripted: Scripted) -> None:
    scripted.script.extend(
        [
            stream(event("a", status="awaiting_audio"), CUT),
            stream(event("b", status="processing"), 'event: entry\nid: c\ndata: {"id"', broken=True),
            problem(503, "temporarily_unavailable", Retry_After="0"),
            stream(BEAT),
            stream(event("c", status="ready"), END),
        ]
    )
    assert statuses(client("entries.follow", "e1")) == ["awaiting_audio", "processing", "ready"]
    assert last_seen(scripted) == [None, "a", "b", "b", "b"]


def test_only_the_line_endings_of_the_standard_end_lines(client: Client, scripted: Scripted) -> None:
    text = "One\u2028two\u0085three\x0cfour, né"
    frame = event("a", transcript={"text": text, "segments": []})
    scripted.script.append(stream(frame.replace("\n", "\r\n"), END))
    (entry,) = client("entries.follow", "e1")
    assert entry["transcript"]["text"] == text


def test_leaving_a_stream_closes_its_connection(scripted: Scripted) -> None:
    scripted.script.extend([stream(event("a", status="processing"), END)] * 2)
    with Samo(scripted.address) as samo:
        for entry in samo.entries.follow("e1"):
            assert entry.status == "processing"
            break

    async def listen() -> None:
        async with AsyncSamo(scripted.address) as samo:
            async for entry in samo.entries.follow("e1"):
                assert entry.status == "processing"
                break

    asyncio.run(listen())
    gc.collect()


def test_an_entry_deleted_meanwhile_raises_not_found(client: Client, scripted: Scripted) -> None:
    scripted.script.append(stream(event("a", status="processing"), "event: deleted\ndata: {}\n\n"))
    with pytest.raises(NotFound) as raised:
        client("entries.follow", "e1")
    assert raised.value.code == "entry_not_found"


def test_without_a_stream_the_client_polls(client: Client, scripted: Scripted) -> None:
    scripted.script.extend(
        [
            problem(503, "too_many_streams", Retry_After="5"),
            json_response(entry("processing"), ETag='"a"'),
            Response(304),
            json_response(entry("ready"), ETag='"b"'),
        ]
    )
    assert statuses(client("entries.follow", "e1")) == ["processing", "ready"]
    assert [request.headers.get("If-None-Match") for request in scripted.requests] == [
        None,
        None,
        '"a"',
        '"a"',
    ]


def test_an_unchanged_entry_is_not_transferred_again(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([json_response(entry(revision=3), ETag='"a"'), Response(304)])
    first, second = client.all(step("entries.get", "e1"), step("entries.get", "e1"))
    assert first == second
    assert first["revision"] == 3


def test_entries_from_a_stream_are_cached(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([stream(event("a"), END), Response(304)])
    (followed,), read = client.all(step("entries.follow", "e1"), step("entries.get", "e1"))
    assert read == followed
    assert scripted.requests[1].headers["If-None-Match"] == '"a"'


def test_waiting_times_out(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([json_response(entry("processing"), ETag='"a"')] * 20)
    with pytest.raises(TimeoutError):
        client("entries.wait", "e1", timeout_s=0.3)


def test_unknown_fields_and_values_are_accepted(client: Client, scripted: Scripted) -> None:
    scripted.script.append(json_response(entry("resting", mood="calm")))
    assert client("entries.get", "e1")["status"] == "resting"
