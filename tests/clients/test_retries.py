"""How clients handle errors and unreachable servers."""

from __future__ import annotations

import time

import pytest

from samo_client import NotFound, RateLimited, Retries, Samo, SamoError, ServerError, Unavailable, Unreachable
from tests.clients.drivers import FAST_RETRIES, Client
from tests.clients.samples import entry
from tests.clients.scripted import NO_RESPONSE, Response, Scripted, json_response, problem


@pytest.fixture
def client(kind: type[Client], scripted: Scripted) -> Client:
    return kind(scripted.address, "token-1")


def requested(scripted: Scripted) -> list[str]:
    return [f"{request.method} {request.path}" for request in scripted.requests]


def test_temporary_errors_are_retried(client: Client, scripted: Scripted) -> None:
    failures = [
        problem(503, "temporarily_unavailable", Retry_After="0"),
        Response(502, b"<html>"),
        NO_RESPONSE,
    ]
    scripted.script.extend([*failures, json_response(entry())])
    assert client("entries.get", "e1")["id"] == "e1"
    assert requested(scripted) == ["GET /v1/entries/e1"] * 4
    assert {request.headers["Authorization"] for request in scripted.requests} == {"Bearer token-1"}


def test_retry_after_is_respected(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([problem(429, "quota_exceeded", Retry_After="1"), json_response(entry())])
    began = time.monotonic()
    client("entries.get", "e1")
    assert time.monotonic() - began >= 1


def test_a_long_retry_after_raises_the_error(client: Client, scripted: Scripted) -> None:
    scripted.script.append(problem(429, "quota_exceeded", Retry_After="3600"))
    with pytest.raises(RateLimited) as raised:
        client("entries.get", "e1")
    assert (raised.value.code, raised.value.status, raised.value.retry_after) == (
        "quota_exceeded",
        429,
        3600,
    )
    assert raised.value.request_id == "r-1"
    assert len(scripted.requests) == 1


def test_attempts_are_limited(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([Response(502, b"<html>")] * 5)
    with pytest.raises(ServerError) as raised:
        client("jobs.list")
    assert raised.value.code == "http_502"
    assert len(scripted.requests) == 4


def test_a_retried_entry_keeps_its_idempotency_key(client: Client, scripted: Scripted) -> None:
    scripted.script.extend(
        [NO_RESPONSE, problem(503, "temporarily_unavailable", Retry_After="0"), json_response(entry(), 201)]
    )
    created = client("entries.create", "Hello.")
    assert created["id"] == "e1"
    keys = {request.headers["Idempotency-Key"] for request in scripted.requests}
    assert len(scripted.requests) == 3
    assert len(keys) == 1


def test_non_idempotent_requests_are_not_retried(client: Client, scripted: Scripted) -> None:
    scripted.script.append(problem(503, "temporarily_unavailable"))
    with pytest.raises(Unavailable):
        client("keys.create", "server", ["entries:read"])
    scripted.script.append(NO_RESPONSE)
    with pytest.raises(Unreachable):
        client("exports.create")
    assert requested(scripted) == ["POST /v1/keys", "POST /v1/exports"]


def test_a_deletion_whose_response_was_lost_succeeds(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([NO_RESPONSE, problem(404, "entry_not_found")])
    client("entries.delete", "e1")
    scripted.script.append(problem(404, "entry_not_found"))
    with pytest.raises(NotFound):
        client("entries.delete", "e1")


def test_the_token_is_fetched_before_every_request(scripted: Scripted) -> None:
    tokens = iter(["one", "two", "three"])
    scripted.script.extend([NO_RESPONSE, json_response({"jobs": []}), json_response({"jobs": []})])
    with Samo(scripted.address, lambda: next(tokens), retries=FAST_RETRIES) as samo:
        samo.jobs.list()
        samo.jobs.list()
    sent = [request.headers["Authorization"] for request in scripted.requests]
    assert sent == ["Bearer one", "Bearer two", "Bearer three"]


def test_an_unreachable_server_raises_unreachable(kind: type[Client], refusing: str) -> None:
    nobody = kind(f"http://{refusing}", retries=Retries(attempts=2, base_s=0.01))
    with pytest.raises(Unreachable) as raised:
        nobody("entries.get", "e1")
    assert (raised.value.code, raised.value.status) == ("unreachable", 0)


def test_pauses_grow_up_to_a_limit_with_jitter() -> None:
    retries = Retries(attempts=20, base_s=1, most_s=8)
    lost = Unreachable("", code="unreachable")
    for attempt in range(1, 20):
        longest = min(8, 2 ** (attempt - 1))
        pauses = {retries.pause(attempt, lost) for _ in range(20)}
        assert all(pause is not None and 0 <= pause <= longest for pause in pauses)
        assert len(pauses) > 1
    assert retries.pause(20, lost) is None
    assert retries.pause(1, SamoError("", code="invalid_field", status=400)) is None
