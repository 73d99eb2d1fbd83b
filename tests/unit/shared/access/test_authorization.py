"""Authorization over HTTP, against a real issuer: every kind of credential on every kind of route."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from functions.shared.access import authorization, revocation
from functions.shared.access.accounts import Accounts, deleted_account_address
from functions.shared.access.api_keys import ApiKeys
from functions.shared.access.authorization import Authorization, Requirement
from functions.shared.access.identity import Caller, anonymous
from functions.shared.access.quotas import RateLimiter, TooManyRequests, load_quotas
from functions.shared.backends.local.database import system_clock
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.domain.records import DeletedAccount, Scope
from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from functions.shared.web.routing import Call, Reply, Route
from tests.support import issuer as issuers
from tests.support.issuer import Issuer

AUDIENCE = "samo-project"


def respond(call: Call[None]) -> Reply:
    return Reply(body={"uid": call.uid})


def route(path: str, scope: Scope, **requirement: Any) -> Route:
    return Route(
        method="GET",
        path=path,
        handler=respond,
        summary="",
        tag="",
        replies={200: None},
        requires=Requirement(scope=scope, **requirement),
    )


ROUTES = (
    route("/read", Scope.READ),
    route("/write", Scope.WRITE),
    route("/delete", Scope.DELETE, irreversible=True),
    route("/account", Scope.ACCOUNT, irreversible=True),
    route("/departed", Scope.ACCOUNT, departed=True),
    route("/admin", Scope.ADMIN),
)


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    with issuers.serving() as serving:
        monkeypatch.setenv(revocation.EMULATOR, serving.address.removeprefix("http://"))
        serving.sign_up("ada")
        yield serving


@pytest.fixture
def records(tmp_path: Path) -> SqliteRecordStore:
    return SqliteRecordStore(tmp_path / "journal.db")


@pytest.fixture
def settings(issuer: Issuer) -> Settings:
    return Settings(auth_issuer=issuer.address, auth_audience=AUDIENCE, auth_revocation="identity-platform")


@pytest.fixture
def client(settings: Settings, records: SqliteRecordStore) -> FlaskClient:
    authorizer = authorization.client_authorizer(settings, lambda: records, cache(lambda: Accounts(records)))
    return create_app(ROUTES, settings, authorizer).test_client()


Get = Callable[[str, str | None], TestResponse]


@pytest.fixture
def get(client: FlaskClient) -> Get:
    def call(path: str, token: str | None) -> TestResponse:
        return client.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})

    return call


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


def _past() -> dict[str, int]:
    return {"iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}


TOKENS: dict[str, Callable[[Issuer], str | None]] = {
    "no token": lambda _: None,
    "good": lambda issuer: issuer.token(AUDIENCE),
    "expired": lambda issuer: issuer.token(AUDIENCE, **_past()),
    "wrong audience": lambda issuer: issuer.token("another"),
    "wrong issuer": lambda issuer: issuer.token(AUDIENCE, iss="https://evil.example"),
    "alg: none": lambda issuer: _unsigned(issuer.token(AUDIENCE)),
    "withdrawn key": lambda issuer: _withdrawn(issuer),
    "operator": lambda issuer: issuer.token(AUDIENCE, samo_admin=True),
}
MATRIX = {
    "no token": (401, 401, 401, 401),
    "good": (200, 200, 200, 403),
    "expired": (401, 401, 401, 401),
    "wrong audience": (401, 401, 401, 401),
    "wrong issuer": (401, 401, 401, 401),
    "alg: none": (401, 401, 401, 401),
    "withdrawn key": (401, 401, 401, 401),
    "operator": (200, 200, 200, 200),
}
"""Statuses for reading, deleting, changing the account, and operating."""
PATHS = ("/read", "/delete", "/account", "/admin")


def _withdrawn(issuer: Issuer) -> str:
    token = issuer.token(AUDIENCE)
    issuer.rotate(withdraw=True)
    return token


@pytest.mark.parametrize("name", MATRIX)
def test_access_with_a_token(issuer: Issuer, get: Get, name: str) -> None:
    token = TOKENS[name](issuer)
    assert tuple(get(path, token).status_code for path in PATHS) == MATRIX[name]


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        ({Scope.READ}, (200, 403, 403, 403)),
        ({Scope.READ, Scope.DELETE}, (200, 200, 403, 403)),
        ({Scope.WRITE}, (403, 403, 403, 403)),
    ],
)
def test_access_with_a_key(
    records: SqliteRecordStore, get: Get, scopes: set[Scope], statuses: tuple[int, ...]
) -> None:
    key = ApiKeys(records).issue("ada", "a server", frozenset(scopes), timedelta(days=1)).text
    assert tuple(get(path, key).status_code for path in PATHS) == statuses


def test_the_error_names_the_missing_scope(records: SqliteRecordStore, get: Get) -> None:
    key = ApiKeys(records).issue("ada", "a server", frozenset({Scope.WRITE}), None).text
    response = get("/read", key)
    assert response.json is not None
    assert response.json["code"] == "insufficient_scope"
    assert "entries:read" in response.json["detail"]
    assert "insufficient_scope" in response.headers["WWW-Authenticate"]


def test_revoked_and_forged_keys_are_rejected(records: SqliteRecordStore, get: Get) -> None:
    issued = ApiKeys(records).issue("ada", "a server", frozenset({Scope.READ}), None)
    ApiKeys(records).revoke("ada", issued.key.record_id)
    assert get("/read", issued.text).status_code == 401
    assert get("/read", issued.text[:-1] + "x").status_code == 401


def test_a_revoked_sign_in_can_still_read_but_not_make_irreversible_calls(issuer: Issuer, get: Get) -> None:
    token = issuer.token(AUDIENCE, auth_time=int(time.time()) - 600)
    issuer.sign_up("ada", valid_since=int(time.time()) - 60)
    assert get("/read", token).status_code == 200
    for path in ("/delete", "/account"):
        response = get(path, token)
        assert response.json is not None
        assert (response.status_code, response.json["code"]) == (401, "token_revoked")
    assert get("/delete", issuer.token(AUDIENCE)).status_code == 200, "a new sign-in is accepted"


def test_a_sign_in_in_the_second_of_the_revocation_is_accepted(issuer: Issuer, get: Get) -> None:
    now = int(time.time())
    issuer.sign_up("ada", valid_since=now)
    assert get("/delete", issuer.token(AUDIENCE, auth_time=now)).status_code == 200
    assert get("/delete", issuer.token(AUDIENCE, auth_time=now - 1)).status_code == 401


@pytest.mark.parametrize("state", ["disabled", "unknown"])
def test_a_disabled_or_unknown_user_cannot_make_irreversible_calls(
    issuer: Issuer, get: Get, state: str
) -> None:
    issuer.users.clear()
    if state == "disabled":
        issuer.sign_up("ada", disabled=True)
    assert get("/delete", issuer.token(AUDIENCE)).status_code == 401


def test_irreversible_calls_fail_while_revocation_cannot_be_checked(issuer: Issuer, get: Get) -> None:
    token = issuer.token(AUDIENCE)
    assert get("/read", token).status_code == 200
    issuer.available = False
    response = get("/delete", token)
    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (503, "revocation_unknown")
    assert get("/read", token).status_code == 200


def test_deleted_accounts_are_rejected(issuer: Issuer, records: SqliteRecordStore, get: Get) -> None:
    address = deleted_account_address("ada")
    deleted = DeletedAccount(record_id=address.record_id, deleted_at=system_clock())
    records.transact(address, lambda _, __: (deleted, None))
    response = get("/read", issuer.token(AUDIENCE))
    assert response.json is not None
    assert (response.status_code, response.json["code"]) == (403, "account_deleted")
    assert get("/departed", issuer.token(AUDIENCE)).status_code == 200


def test_calls_are_counted_and_headers_show_the_quotas(
    issuer: Issuer, records: SqliteRecordStore, settings: Settings
) -> None:
    few = replace(settings, quota_requests_per_minute=5, quota_key_requests_per_minute=2)
    authorizer = authorization.client_authorizer(few, lambda: records, cache(lambda: Accounts(records)))
    client = create_app(ROUTES, few, authorizer).test_client()
    key = ApiKeys(records).issue("ada", "a server", frozenset({Scope.READ}), None).text
    by_key = [client.get("/read", headers={"Authorization": f"Bearer {key}"}) for _ in range(3)]
    assert [response.status_code for response in by_key] == [200, 200, 429]
    assert by_key[0].headers["RateLimit-Policy"] == '"requests";q=5;w=60, "key-requests";q=2;w=60'
    assert by_key[0].headers["RateLimit"].startswith('"requests";r=4;t=')
    assert by_key[2].json is not None
    assert by_key[2].json["code"] == "quota_exceeded"
    assert '"key-requests";r=0;t=' in by_key[2].headers["RateLimit"], "it says which quota is used up"
    assert 1 <= int(by_key[2].headers["Retry-After"]) <= 60

    token = issuer.token(AUDIENCE)
    by_token = [client.get("/read", headers={"Authorization": f"Bearer {token}"}) for _ in range(4)]
    assert [response.status_code for response in by_token] == [200, 200, 429, 429], (
        "the quota is the user's, whichever credential is used"
    )
    assert by_token[2].headers["RateLimit"].startswith('"requests";r=0;t=')


def test_the_user_agent_does_not_affect_quotas(
    issuer: Issuer, records: SqliteRecordStore, settings: Settings
) -> None:
    few = replace(settings, quota_requests_per_minute=1)
    client = create_app(
        ROUTES, few, authorization.client_authorizer(few, lambda: records, cache(lambda: Accounts(records)))
    ).test_client()
    for agent, status in (("curl", 200), ("pytest", 429), ("test", 429)):
        headers = {"Authorization": f"Bearer {issuer.token(AUDIENCE)}", "User-Agent": agent}
        assert client.get("/read", headers=headers).status_code == status


def test_a_quota_that_is_used_up_is_among_those_counted(records: SqliteRecordStore) -> None:
    caller, quotas = Caller(uid="ada"), load_quotas(Settings(quota_audio_mib_per_day=1))
    counted = Authorization(caller, Requirement(quotas=("audio",)), RateLimiter(records), quotas)
    counted.count_call()
    with pytest.raises(TooManyRequests):
        counted.count_audio(2**21)
    assert [(status.quota.name, status.remaining) for status in counted.quota_statuses] == [
        ("requests", 599),
        ("audio-mib", 1),
    ]


def test_counting_against_an_undeclared_quota_is_an_error() -> None:
    call = Authorization(anonymous(), Requirement(quotas=("entries",)))
    call.count_further_entries(1)
    with pytest.raises(LookupError):
        call.count_audio(1)
    with pytest.raises(LookupError):
        Authorization(anonymous(), Requirement()).count_further_entries(1)
