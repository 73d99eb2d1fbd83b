"""What clients do when a server does not answer as it should."""

from __future__ import annotations

import time

import pytest

from samo_client import NotFound, RateLimited, Retries, Samo, SamoError, ServerError, Unavailable, Unreachable
from tests.clients.drivers import HASTY, Client
from tests.clients.samples import entry
from tests.clients.scripted import NOTHING, Answer, Scripted, answer, problem


@pytest.fixture
def client(kind: type[Client], scripted: Scripted) -> Client:
    return kind(scripted.address, "token-1")


def asked(scripted: Scripted) -> list[str]:
    return [f"{heard.method} {heard.path}" for heard in scripted.heard]


def test_what_passes_is_waited_for(client: Client, scripted: Scripted) -> None:
    passing = [problem(503, "temporarily_unavailable", Retry_After="0"), Answer(502, b"<html>"), NOTHING]
    scripted.script.extend([*passing, answer(entry())])
    assert client("entries.get", "e1")["id"] == "e1"
    assert asked(scripted) == ["GET /v1/entries/e1"] * 4
    assert {heard.headers["Authorization"] for heard in scripted.heard} == {"Bearer token-1"}


def test_the_server_says_for_how_long(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([problem(429, "quota_exceeded", Retry_After="1"), answer(entry())])
    began = time.monotonic()
    client("entries.get", "e1")
    assert time.monotonic() - began >= 1


def test_patience_has_an_end(client: Client, scripted: Scripted) -> None:
    scripted.script.append(problem(429, "quota_exceeded", Retry_After="3600"))
    with pytest.raises(RateLimited) as refused:
        client("entries.get", "e1")
    assert (refused.value.code, refused.value.status, refused.value.retry_after) == (
        "quota_exceeded",
        429,
        3600,
    )
    assert refused.value.request_id == "r-1"
    assert len(scripted.heard) == 1


def test_so_have_attempts(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([Answer(502, b"<html>")] * 5)
    with pytest.raises(ServerError) as refused:
        client("jobs.list")
    assert refused.value.code == "http_502"
    assert len(scripted.heard) == 4


def test_a_new_entry_is_sent_again_under_the_same_key(client: Client, scripted: Scripted) -> None:
    scripted.script.extend(
        [NOTHING, problem(503, "temporarily_unavailable", Retry_After="0"), answer(entry(), 201)]
    )
    created = client("entries.create", "Hello.")
    assert created["id"] == "e1"
    keys = {heard.headers["Idempotency-Key"] for heard in scripted.heard}
    assert len(scripted.heard) == 3
    assert len(keys) == 1


def test_what_would_count_twice_is_not_sent_again(client: Client, scripted: Scripted) -> None:
    scripted.script.append(problem(503, "temporarily_unavailable"))
    with pytest.raises(Unavailable):
        client("keys.create", "server", ["entries:read"])
    scripted.script.append(NOTHING)
    with pytest.raises(Unreachable):
        client("exports.create")
    assert asked(scripted) == ["POST /v1/keys", "POST /v1/exports"]


def test_a_deletion_whose_answer_was_lost_is_done(client: Client, scripted: Scripted) -> None:
    scripted.script.extend([NOTHING, problem(404, "entry_not_found")])
    client("entries.delete", "e1")
    scripted.script.append(problem(404, "entry_not_found"))
    with pytest.raises(NotFound):
        client("entries.delete", "e1")


def test_a_token_is_asked_for_before_every_request(scripted: Scripted) -> None:
    tokens = iter(["one", "two", "three"])
    scripted.script.extend([NOTHING, answer({"jobs": []}), answer({"jobs": []})])
    with Samo(scripted.address, lambda: next(tokens), retries=HASTY) as samo:
        samo.jobs.list()
        samo.jobs.list()
    sent = [heard.headers["Authorization"] for heard in scripted.heard]
    assert sent == ["Bearer one", "Bearer two", "Bearer three"]


def test_nobody_there_is_an_error_of_ours(kind: type[Client], refusing: str) -> None:
    nobody = kind(f"http://{refusing}", retries=Retries(attempts=2, base_s=0.01))
    with pytest.raises(Unreachable) as refused:
        nobody("entries.get", "e1")
    assert (refused.value.code, refused.value.status) == ("unreachable", 0)


def test_pauses_grow_up_to_a_limit_and_vary() -> None:
    retries = Retries(attempts=20, base_s=1, most_s=8)
    lost = Unreachable("", code="unreachable")
    for attempt in range(1, 20):
        longest = min(8, 2 ** (attempt - 1))
        pauses = {retries.pause(attempt, lost) for _ in range(20)}
        assert all(pause is not None and 0 <= pause <= longest for pause in pauses)
        assert len(pauses) > 1
    assert retries.pause(20, lost) is None
    assert retries.pause(1, SamoError("", code="invalid_field", status=400)) is None
