"""What every route requires of its caller, and what it counts against, over HTTP with accounts."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from functions.laptop.process import LocalProcess
from functions.shared.access import revocation
from functions.shared.access.api_keys import GRANTABLE_SCOPES
from functions.shared.domain.records import Scope
from functions.shared.runtime.settings import Settings
from functions.shared.web.app import served_routes
from functions.shared.web.routing import Route
from tests.support import issuer as issuers
from tests.support.api import wav
from tests.support.issuer import Issuer
from tests.support.person import AUDIENCE, TEXT, Person, code

ADA = "ada"
MIB = 2**20


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    with issuers.serving() as serving:
        monkeypatch.setenv(revocation.EMULATOR, serving.address.removeprefix("http://"))
        serving.sign_up(ADA)
        yield serving


@pytest.fixture
def settings(issuer: Issuer, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=str(tmp_path / "journal"),
        auth_issuer=issuer.address,
        auth_audience=AUDIENCE,
        auth_revocation="identity-platform",
    )


@pytest.fixture
def app(settings: Settings) -> flask.Flask:
    return LocalProcess(settings).app()


@pytest.fixture
def client(app: flask.Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def ada(client: FlaskClient, issuer: Issuer) -> Person:
    return Person(client, issuer.token(AUDIENCE, sub=ADA))


@pytest.fixture
def routes(app: flask.Flask) -> list[Route]:
    """All routes that need a caller."""
    return [route for route in served_routes(app) if not route.requires.public]


def call(person: Person, route: Route, **request: Any) -> Any:
    """Calls a route, with its path parameters left as they are in its template."""
    return person(route.method, route.path, **request)


# -- scopes ---------------------------------------------------------------------------------------


def test_every_route_that_needs_a_caller_requires_a_scope(routes: list[Route]) -> None:
    assert [route.path for route in routes if route.requires.scope is None] == []


def test_a_key_with_every_other_scope_is_rejected_by_each_route(ada: Person, routes: list[Route]) -> None:
    for scope in Scope:
        key = ada.key(*(GRANTABLE_SCOPES - {scope}))
        for route in routes:
            if route.requires.scope is scope:
                assert code(call(key, route)) == (403, "insufficient_scope"), route.path


@pytest.mark.parametrize(
    "path", ["/predict", "/predict_batch", "/summarize", "/transcribe", "/transcribe/batch"]
)
def test_analyzing_takes_the_scope_analyze(ada: Person, path: str) -> None:
    assert code(ada.key("entries:read")("POST", path)) == (403, "insufficient_scope")
    for allowed in (ada, ada.key("analyze")):
        assert code(allowed("POST", path)) == (415, "unsupported_content_type")


def test_exporting_takes_the_scope_export(ada: Person) -> None:
    assert code(ada.key("entries:read")("POST", "/v1/exports")) == (403, "insufficient_scope")
    assert ada.key("entries:export")("POST", "/v1/exports").status_code == 202


# -- revoked sign-ins and deleted accounts ----------------------------------------------------------


def test_a_revoked_sign_in_is_rejected_by_irreversible_routes(
    client: FlaskClient, issuer: Issuer, routes: list[Route]
) -> None:
    token = issuer.token(AUDIENCE, sub=ADA, auth_time=int(time.time()) - 600, samo_admin=True)
    issuer.sign_up(ADA, valid_since=int(time.time()) - 60)
    revoked = Person(client, token)
    assert {route.path for route in routes if route.requires.irreversible} >= {
        "/v1/entries/{entry_id}", "/v1/exports", "/v1/keys", "/v1/me"
    }  # fmt: skip
    for route in routes:
        if route.requires.irreversible:
            assert code(call(revoked, route)) == (401, "token_revoked"), route.path


def test_a_revoked_sign_in_cannot_delete_the_account(client: FlaskClient, issuer: Issuer) -> None:
    token = issuer.token(AUDIENCE, sub=ADA, auth_time=int(time.time()) - 600)
    issuer.sign_up(ADA, valid_since=int(time.time()) - 60)
    assert code(Person(client, token)("DELETE", "/v1/me")) == (401, "token_revoked")
    assert Person(client, issuer.token(AUDIENCE, sub=ADA))("GET", "/v1/me").status_code == 200


def test_a_deleted_account_can_only_be_deleted_again(ada: Person, routes: list[Route]) -> None:
    assert ada("DELETE", "/v1/me").status_code == 202
    for route in routes:
        if (route.method, route.path) != ("DELETE", "/v1/me"):
            assert code(call(ada, route)) == (403, "account_deleted"), route.path
    assert ada("DELETE", "/v1/me").status_code == 202


# -- quotas -----------------------------------------------------------------------------------------


@pytest.fixture
def limited(settings: Settings, issuer: Issuer) -> Person:
    """A client of a journal that allows five entries per hour and 1 MiB of recordings per day."""
    few = replace(settings, quota_entries_per_hour=5, quota_audio_mib_per_day=1)
    return Person(LocalProcess(few).app().test_client(), issuer.token(AUDIENCE, sub=ADA))


def upload(person: Person, size: float) -> Any:
    return person("POST", "/v1/uploads", json={"size": int(size), "content_type": "audio/wav"})


def test_routes_that_count_entries_reject_calls_beyond_the_quota(
    limited: Person, routes: list[Route]
) -> None:
    for _ in range(5):
        limited.write()
    counting = [route for route in routes if "entries" in route.requires.quotas]
    assert {route.path for route in counting} == {
        "/v1/entries", "/v1/uploads", "/transcribe", "/transcribe/batch", "/v1/audio/transcriptions"
    }  # fmt: skip
    for route in counting:
        assert code(call(limited, route)) == (429, "quota_exceeded"), route.path


def test_routes_that_count_recordings_reject_calls_beyond_the_quota(
    limited: Person, routes: list[Route]
) -> None:
    assert upload(limited, MIB).status_code == 201
    counting = [route for route in routes if "audio" in route.requires.quotas]
    assert len(counting) == 5
    for route in counting:
        if route.body is not None:
            response = upload(limited, 1)
        elif "audio/*" in route.accepts:
            response = call(limited, route, data=wav(), content_type="audio/wav")
        else:
            form = {"audio": (io.BytesIO(wav()), "a.wav"), "model": "whisper-1"}
            response = call(limited, route, data=form)
        assert code(response) == (429, "quota_exceeded"), route.path


@pytest.mark.models
def test_transcriptions_count_as_entries_and_by_their_size(limited: Person) -> None:
    recording = wav(0.4 * MIB / 32_000)
    responses = [limited("POST", "/transcribe", data=recording, content_type="audio/wav") for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert '"entries";r=4' in responses[0].headers["RateLimit"]
    for _ in range(2):
        limited.write()
    assert code(limited("POST", "/v1/entries", json={"text": TEXT})) == (429, "quota_exceeded")


def test_recordings_smaller_than_the_unit_of_the_quota_add_up(limited: Person) -> None:
    sizes = [0.4 * MIB, 0.4 * MIB, 0.4 * MIB, 0.1 * MIB]
    assert [upload(limited, size).status_code for size in sizes] == [201, 201, 429, 201]


def test_every_recording_of_a_batch_counts_as_an_entry(limited: Person) -> None:
    def batch(count: int) -> Any:
        files = [(io.BytesIO(wav()), f"{number}.wav") for number in range(count)]
        return limited("POST", "/transcribe/batch", data={"audio": files})

    assert batch(4).status_code == 202
    assert code(batch(2)) == (429, "quota_exceeded")
