"""Checks the API against its OpenAPI document with generated requests.

`HYPOTHESIS_PROFILE=verify` generates ten times as many.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.browser.samo import Samo

CASES = 170 if os.environ.get("HYPOTHESIS_PROFILE") == "verify" else 17
"""Requests per operation."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@schemathesis.serializer("audio/*", "video/*")
def raw_body(_: Any, value: Any) -> bytes:
    """Sends generated recordings as bytes, and other generated values as text."""
    return bytes(value) if isinstance(value, bytes | bytearray) else str(value).encode()


class ExistingIds:
    """Provides ids of existing entries, jobs and keys, and creates new ones when they are gone."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._makers = {"entry_id": self._entry, "job_id": self._job, "key_id": self._key}
        self._turns = itertools.count()

    def path(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Path parameters, two thirds of which identify something that exists."""
        if not parameters or next(self._turns) % 3 == 0:
            return parameters
        makers = self._makers
        return {name: makers[name]() if name in makers else value for name, value in parameters.items()}

    def _entry(self) -> str:
        known = self._client.get("/v1/entries?limit=1").json()["entries"]
        return str((known or [self._create("/v1/entries", {"text": "I am glad."})])[0]["id"])

    def _job(self) -> str:
        known = self._client.get("/v1/jobs").json()["jobs"]
        return str((known or [self._create("/v1/exports", {})])[0]["id"])

    def _key(self) -> str:
        keys = self._client.get("/v1/keys").json()["keys"]
        active = [key for key in keys if key["revoked_at"] is None]
        new = {"name": "a server", "scopes": ["entries:read"]}
        return str((active or [self._create("/v1/keys", new)["key"]])[0]["id"])

    def _create(self, path: str, new: dict[str, Any]) -> Any:
        return self._client.post(path, json=new).raise_for_status().json()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Any]:
    """The OpenAPI document of a real server with running workers."""
    samo = Samo(tmp_path)
    try:
        loaded = schemathesis.openapi.from_url(f"{samo.address}/openapi.json")
        with httpx.Client(base_url=samo.address, timeout=120) as client:
            known = ExistingIds(client)
            loaded.hooks.hook("map_path_parameters")(lambda _, parameters: known.path(parameters))
            yield loaded
    finally:
        samo.stop()


def test_every_response_matches_the_openapi_document(api: Any, subtests: pytest.Subtests) -> None:
    for result in api.get_all_operations():
        operation = result.ok()
        with subtests.test(operation.label):
            check_operation(operation)


def check_operation(operation: Any) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def check(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    check()
