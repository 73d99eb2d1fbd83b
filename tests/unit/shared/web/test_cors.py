"""Pages of other origins: those that are named, and no others."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from functions.shared.web.routing import Call, Reply, Route

OURS = "https://journal.example.org"


def whoami(call: Call[None]) -> Reply:
    return Reply(body={"uid": call.uid}, headers={"ETag": '"a"'})


ROUTE = Route(method="GET", path="/me", handler=whoami, summary="", tag="", replies={200: None})


@pytest.fixture
def client() -> FlaskClient:
    return create_app([ROUTE], Settings(cors_origins=f"{OURS}, https://other.example.org")).test_client()


def test_a_named_origins_page_may_read_the_answer(client: FlaskClient) -> None:
    answer = client.get("/me", headers={"Origin": OURS})
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{OURS}.evil.example", OURS.upper()])
def test_another_origins_page_may_not(client: FlaskClient, origin: str) -> None:
    answer = client.get("/me", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_preflight_is_answered_before_anybody_is_identified(client: FlaskClient) -> None:
    headers = {"Origin": OURS, "Access-Control-Request-Method": "GET"}
    answer = client.options("/me", headers=headers)
    assert answer.status_code == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]


def test_without_the_setting_nobody_is_let_in() -> None:
    answer = create_app([ROUTE], Settings()).test_client().get("/me", headers={"Origin": OURS})
    assert "Access-Control-Allow-Origin" not in answer.headers
