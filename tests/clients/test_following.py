"""Entries that are followed, over streams that end as streams do."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import pytest

from samo_client import AsyncSamo, NotFound, Samo
from tests.clients.drivers import Client, step
from tests.clients.samples import entry
from tests.clients.scripted import Answer, Scripted, answer, problem, stream

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
    return [each["status"] for each in entries]


def last_seen(scripted: Scripted) -> list[str | None]:
    return [heard.headers.get("Last-Event-ID") for heard in scripted.heard]


def test_a_stream_tells_of_each_change(client: Client, scripted: Scripted) -> None:
    scripted.script.append(stream(event("a", status="processing"), BEAT, event("b", status="ready"), END))
    assert statuses(client("entries.follow", "e1")) == ["processing", "ready"]


def test_a_stream_that_was_cut_or_broke_goes_on_after_what_was_seen(
    client: Client, scripted: Scripted
) -> None:
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


def test_lines_end_where_the_standard_says_and_nowhere_else(client: Client, scripted: Scripted) -> None:
    text = "One\u2028two\u0085three\x0cfour, né"
    said = event("a", transcript={"text": text, "segments": []})
    scripted.script.append(stream(said.replace("\n", "\r\n"), END))
    (heard,) = client("entries.follow", "e1")
    assert heard["transcript"]["text"] == text


def test_who_stops_listening_leaves_nothing_open(scripted: Scripted) -> None:
    scripted.script.extend([stream(event("a", status="processing"), END)] * 2)
    with Samo(scripted.address) as samo:
        for heard in samo.entries.follow("e1"):
            assert heard.status == "processing"
            break

    async def listen() -> None:
        async with AsyncSamo(scripted.address) as samo:
            async for heard in samo.entries.follow("e1"):
                assert heard.status == "processing"
                break

    asyncio.run(listen())
    gc.collect()


def test_an_entry_that_is_deleted_meanwhile_is_not_found(client: Client, scripted: Scripted) -> None:
    scripted.script.append(stream(event("a", status="processing"), "event: deleted\ndata: {}\n\n"))
    with pytest.raises(NotFound) as refused:
        client("entries.follow", "e1")
    assert refused.value.code == "entry_not_found"


def test_without_a_stream_it_polls_for_what_is_new(client: Client, scripted: Scripted) -> None:
    scripted.script.extend(
        [
            problem(503, "too_many_streams", Retry_After="5"),
            answer(entry("processing"), ETag='"a"'),
            Answer(304),
            answer(entry("ready"), ETag='"b"'),
        ]
    )
    assert statuses(client("entries.follow", "e1")) == ["processing", "ready"]
    assert [heard.headers.get("If-None-Match") for heard in scripted.heard] == [None, None, '"a"', '"a"']


def test_what_has_not_changed_is_not_sent_again(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([answer(entry(revision=3), ETag='"a"'), Answer(304)])
    first, second = client.all(step("entries.get", "e1"), step("entries.get", "e1"))
    assert first == second
    assert first["revision"] == 3


def test_what_a_stream_told_is_known(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([stream(event("a"), END), Answer(304)])
    (followed,), read = client.all(step("entries.follow", "e1"), step("entries.get", "e1"))
    assert read == followed
    assert scripted.heard[1].headers["If-None-Match"] == '"a"'


def test_waiting_has_an_end(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([answer(entry("processing"), ETag='"a"')] * 20)
    with pytest.raises(TimeoutError):
        client("entries.wait", "e1", timeout_s=0.3)


def test_fields_and_values_that_are_new_do_no_harm(client: Client, scripted: Scripted) -> None:
    scripted.script.append(answer(entry("resting", mood="calm")))
    assert client("entries.get", "e1")["status"] == "resting"
