"""Idempotency keys: how long they are remembered, on a clock that the tests move, and the replay header."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from functions.journal.assembly import Assembly
from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from tests.support.laptop import Clock, Laptop

HOUR_S = 3600.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> FlaskClient:
    settings = Settings(data_dir=str(tmp_path))
    return create_app(Assembly(Laptop(tmp_path, clock).ports, settings).routes(), settings).test_client()


def create(client: FlaskClient) -> str:
    headers = {"Idempotency-Key": "note-1"}
    response = client.post("/v1/entries", json={"text": "A calm evening."}, headers=headers)
    assert response.status_code == 201
    return str((response.json or {})["id"])


def test_a_key_is_remembered_for_a_day(client: FlaskClient, clock: Clock) -> None:
    first = create(client)
    clock.advance(23.9 * HOUR_S)
    assert create(client) == first
    clock.advance(0.2 * HOUR_S)
    assert create(client) != first


def test_only_a_repeated_request_is_marked_as_replayed(client: FlaskClient) -> None:
    key = {"Idempotency-Key": "once"}
    responses = [client.post("/v1/entries", json={"text": "words"}, headers=h) for h in ({}, {}, key, key)]
    assert [r.headers.get("Idempotency-Replayed") for r in responses] == [None, None, None, "true"]
    assert len({r.get_json()["id"] for r in responses}) == 3
