"""Cross-origin access."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from functions.shared.web.routing import Call, Reply, Route

ALLOWED = "https://journal.example.org"


def whoami(call: Call[None]) -> Reply:
    return Reply(body={"uid": call.uid}, headers={"ETag": '"a"'})


ROUTE = Route(method="GET", path="/me", handler=whoami, summary="", tag="", replies={200: None})


@pytest.fixture
def client() -> FlaskClient:
    return create_app([ROUTE], Settings(cors_origins=f"{ALLOWED}, https://other.example.org")).test_client()


def test_an_allowed_origin_may_read_responses(client: FlaskClient) -> None:
    response = client.get("/me", headers={"Origin": ALLOWED})
    assert response.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Origin" in response.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{ALLOWED}.evil.example", ALLOWED.upper()]
)
def test_other_origins_may_not_read_responses(client: FlaskClient, origin: str) -> None:
    response = client.get("/me", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_preflight_request_needs_no_credentials(client: FlaskClient) -> None:
    headers = {"Origin": ALLOWED, "Access-Control-Request-Method": "GET"}
    response = client.options("/me", headers=headers)
    assert response.status_code == 204
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
    assert "Idempotency-Key" in response.headers["Access-Control-Allow-Headers"]
    assert "DELETE" in response.headers["Access-Control-Allow-Methods"]


def test_no_origin_is_allowed_by_default() -> None:
    response = create_app([ROUTE], Settings()).test_client().get("/me", headers={"Origin": ALLOWED})
    assert "Access-Control-Allow-Origin" not in response.headers
