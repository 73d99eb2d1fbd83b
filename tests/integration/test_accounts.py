"""Accounts over HTTP: isolation of users, API keys, consent, preferences, operators and deletion."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from functions.journal import assembly
from functions.laptop.process import LocalProcess
from functions.shared.access import revocation
from functions.shared.domain.entries import EntryKey
from functions.shared.observability import logs
from functions.shared.runtime.settings import Settings
from tests.support import issuer as issuers
from tests.support.api import wav
from tests.support.issuer import Issuer
from tests.support.person import AUDIENCE, TEXT, Person, code
from tests.support.waiting import wait_until

ADA, BOB = "ada-uid-5f1b", "bob-uid-77c2"
SECRET = "zanzibar"
assert SECRET in TEXT


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    with issuers.serving() as serving:
        monkeypatch.setenv(revocation.EMULATOR, serving.address.removeprefix("http://"))
        for uid in (ADA, BOB):
            serving.sign_up(uid)
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
def samo(settings: Settings) -> LocalProcess:
    return LocalProcess(settings)


@pytest.fixture
def client(samo: LocalProcess) -> Iterator[FlaskClient]:
    with samo.app().test_client() as client:
        yield client


@pytest.fixture
def ada(client: FlaskClient, issuer: Issuer) -> Person:
    return Person(client, issuer.token(AUDIENCE, sub=ADA))


@pytest.fixture
def bob(client: FlaskClient, issuer: Issuer) -> Person:
    return Person(client, issuer.token(AUDIENCE, sub=BOB))


def test_other_users_data_is_not_found(ada: Person, bob: Person) -> None:
    entry = ada.write()
    job = ada("POST", "/v1/exports").json["id"]
    key = ada("POST", "/v1/keys", json={"name": "k", "scopes": ["entries:read"]}).json["key"]["id"]
    for method, path in (
        ("GET", f"/v1/entries/{entry}"),
        ("PATCH", f"/v1/entries/{entry}"),
        ("PUT", f"/v1/entries/{entry}/feedback"),
        ("PATCH", f"/v1/entries/{entry}/corrections"),
        ("DELETE", f"/v1/entries/{entry}/corrections"),
        ("DELETE", f"/v1/entries/{entry}"),
        ("GET", f"/v1/entries/{entry}/events"),
        ("GET", f"/v1/entries/{entry}/transcript"),
        ("GET", f"/v1/entries/{entry}/audio"),
        ("GET", f"/v1/jobs/{job}"),
        ("GET", f"/v1/jobs/{job}/result"),
        ("POST", f"/v1/jobs/{job}/cancel"),
        ("POST", f"/v1/keys/{key}/rotate"),
        ("DELETE", f"/v1/keys/{key}"),
    ):
        body = {"text": "x", "emotion": "joy", "verdict": "agree"} if method in ("PATCH", "PUT") else {}
        response = bob(method, path, json=body) if method != "GET" else bob(method, path)
        assert response.status_code == 404, (method, path, response.text)
    assert bob("GET", "/v1/entries").json["entries"] == []
    assert bob("GET", "/v1/jobs").json["jobs"] == []
    assert bob("GET", "/v1/keys").json["keys"] == []
    ada("PATCH", "/v1/names", json={"add": ["Zorvath"]})
    assert bob("GET", "/v1/names").json["names"] == []
    assert ada("GET", f"/v1/entries/{entry}").status_code == 200


def test_a_key_acts_within_its_scopes_until_it_is_revoked(client: FlaskClient, ada: Person) -> None:
    entry = ada.write()
    created = ada("POST", "/v1/keys", json={"name": "reader", "scopes": ["entries:read"], "days": 30})
    assert created.status_code == 201, created.text
    server = Person(client, created.json["secret"])
    assert server("GET", f"/v1/entries/{entry}").status_code == 200
    assert code(server("DELETE", f"/v1/entries/{entry}")) == (403, "insufficient_scope")
    assert code(server("POST", "/v1/keys", json={"name": "x", "scopes": ["entries:read"]})) == (
        403,
        "insufficient_scope",
    )
    listed = ada("GET", "/v1/keys").json["keys"]
    assert [(key["name"], key["scopes"]) for key in listed] == [("reader", ["entries:read"])]
    assert "secret" not in listed[0]
    rotated = ada("POST", f"/v1/keys/{listed[0]['id']}/rotate", json={"grace_hours": 0})
    assert code(server("GET", "/v1/entries")) == (401, "invalid_key")
    again = Person(client, rotated.json["secret"])
    assert again("GET", "/v1/entries").status_code == 200
    assert ada("DELETE", f"/v1/keys/{listed[0]['id']}").status_code == 204
    assert code(again("GET", "/v1/entries")) == (401, "invalid_key")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x", "scopes": []},
        {"name": "", "scopes": ["entries:read"]},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["entries:read"], "days": 0},
    ],
    ids=str,
)
def test_an_invalid_key_request_is_rejected(ada: Person, wrong: dict[str, Any]) -> None:
    assert code(ada("POST", "/v1/keys", json=wrong)) == (400, "invalid_field")


def test_preferences_are_stored_and_can_be_reset(ada: Person) -> None:
    before = ada("GET", "/v1/me").json
    assert (before["audio_retention"], before["retention_days"]) == ("days", None)
    preferences = {
        "timezone": "Europe/Berlin",
        "audio_retention": "until_transcribed",
        "consent_version": "3",
    }
    changed = ada("PATCH", "/v1/me", json=preferences).json
    assert changed["consented_at"] is not None
    assert {name: changed[name] for name in preferences} == preferences
    back = ada("PATCH", "/v1/me", json={"audio_retention": None}).json
    assert (back["audio_retention"], back["timezone"]) == ("days", "Europe/Berlin")
    assert code(ada("PATCH", "/v1/me", json={"timezone": "Mars/Base"})) == (400, "invalid_field")
    assert code(ada("PATCH", "/v1/me", json={"audio_retention": "forever"})) == (400, "invalid_field")


def test_entries_require_consent(samo: LocalProcess, settings: Settings, issuer: Issuer) -> None:
    demanding = LocalProcess(replace(settings, consent_version="2"))
    with demanding.app().test_client() as client:
        ada = Person(client, issuer.token(AUDIENCE, sub=ADA))
        assert ada("GET", "/v1/me").json["required_consent"] == "2"
        assert code(ada("POST", "/v1/entries", json={"text": TEXT})) == (403, "consent_required")
        assert code(ada("POST", "/v1/entries", data=wav(), content_type="audio/wav")) == (
            403,
            "consent_required",
        )
        ada("PATCH", "/v1/me", json={"consent_version": "1"})
        assert code(ada("POST", "/v1/entries", json={"text": TEXT})) == (403, "consent_required")
        ada("PATCH", "/v1/me", json={"consent_version": "2"})
        assert ada("POST", "/v1/entries", json={"text": TEXT}).status_code == 201


def test_audio_retention_follows_the_users_preference(samo: LocalProcess, ada: Person, bob: Person) -> None:
    ada("PATCH", "/v1/me", json={"audio_retention": "kept"})
    bob("PATCH", "/v1/me", json={"audio_retention": "days", "audio_retention_days": 2})
    kept = ada("POST", "/v1/entries", data=wav(), content_type="audio/wav").json
    short = bob("POST", "/v1/entries", data=wav(), content_type="audio/wav").json
    assert kept["audio"]["delete_after"] is None
    entry = samo.backend.store.get(EntryKey(BOB, short["id"]))
    assert entry is not None
    assert entry.audio is not None
    assert entry.audio.delete_after is not None
    assert entry.audio.received_at is not None
    assert entry.audio.delete_after - entry.audio.received_at == timedelta(days=2)


def test_entries_are_deleted_after_the_users_retention_period(
    samo: LocalProcess, ada: Person, bob: Person
) -> None:
    old = {"text": TEXT, "recorded_at": "2020-01-01T00:00:00Z"}
    for person in (ada, bob):
        person("POST", "/v1/entries", json=old)
        person.write("Today.")
    ada("PATCH", "/v1/me", json={"retention_days": 30})
    samo.assembly.chores()
    assert len(ada("GET", "/v1/entries").json["entries"]) == 1
    assert len(bob("GET", "/v1/entries").json["entries"]) == 2


# -- operators ------------------------------------------------------------------------------------


@pytest.fixture
def operator(client: FlaskClient, issuer: Issuer) -> Person:
    issuer.sign_up("root")
    return Person(client, issuer.token(AUDIENCE, sub="root", samo_admin=True))


def test_operators_see_numbers_but_no_content(ada: Person, operator: Person) -> None:
    ada.write()
    ada("POST", "/v1/keys", json={"name": "k", "scopes": ["entries:read"]})
    ada("POST", "/v1/exports")
    seen = operator("GET", f"/v1/admin/accounts/{ADA}")
    assert seen.json == {
        "state": "standing", "entries": 1, "keys": 1, "open_jobs": 1, "consent_version": None
    }  # fmt: skip
    assert operator("GET", "/v1/entries").json["entries"] == []


def test_only_operators_can_revoke_keys_and_delete_accounts_of_others(
    client: FlaskClient, ada: Person, bob: Person, operator: Person
) -> None:
    server = Person(
        client, ada("POST", "/v1/keys", json={"name": "k", "scopes": ["entries:read"]}).json["secret"]
    )
    account = f"/v1/admin/accounts/{ADA}"
    for person in (ada, bob, server):
        for method, path in (("GET", account), ("DELETE", account), ("POST", f"{account}/keys/revoke")):
            assert code(person(method, path)) == (403, "insufficient_scope")
    assert operator("POST", f"{account}/keys/revoke").json == {"revoked": 1}
    assert code(server("GET", "/v1/entries")) == (401, "invalid_key")
    assert operator("DELETE", account).status_code == 202
    assert code(ada("GET", "/v1/entries")) == (403, "account_deleted")
    assert operator("GET", account).json["state"] == "deleted"
    assert bob("GET", "/v1/entries").status_code == 200


# -- deletion --------------------------------------------------------------------------------------


def store_data(person: Person) -> None:
    """Stores data of every kind."""
    entry = person.write()
    person("POST", "/v1/entries", json={"text": TEXT}, headers={"Idempotency-Key": "once"})
    person("POST", "/v1/entries", data=wav(), content_type="audio/wav")
    person("POST", "/v1/uploads", json={"size": 100, "content_type": "audio/wav"})
    person("PUT", f"/v1/entries/{entry}/feedback", json={"emotion": "relief", "verdict": "agree"})
    person("PATCH", f"/v1/entries/{entry}", json={"text": f"{TEXT} Edited."})
    person("DELETE", f"/v1/entries/{person.write()}")
    person("PATCH", "/v1/me", json={"timezone": "Europe/Berlin"})
    person("POST", "/v1/keys", json={"name": "k", "scopes": ["entries:read"]})
    person("POST", "/v1/exports")


def test_deleting_an_account_removes_all_of_its_data(
    samo: LocalProcess,
    settings: Settings,
    ada: Person,
    bob: Person,
    issuer: Issuer,
    monkeypatch: pytest.MonkeyPatch,
    lines: Callable[[], str],
) -> None:
    monkeypatch.setattr(assembly, "LOCAL_GRACE", timedelta(seconds=1))
    process = LocalProcess(settings)
    with process, process.app().test_client() as client:
        ada, bob = (Person(client, issuer.token(AUDIENCE, sub=uid)) for uid in (ADA, BOB))
        store_data(ada)
        kept = bob.write("Bob stays.")
        job = ada("GET", "/v1/jobs").json["jobs"][0]["id"]
        wait_until(lambda: ada("GET", f"/v1/jobs/{job}").json["state"] == "done")
        deletion = ada("DELETE", "/v1/me")
        assert (deletion.status_code, deletion.json) == (202, {"state": "deleting"})
        assert code(ada("GET", "/v1/entries")) == (403, "account_deleted")
        assert ada("DELETE", "/v1/me").status_code == 202, "deleting again is harmless"
        wait_until(lambda: not _grep(settings.data_path, ADA))
        assert bob("GET", f"/v1/entries/{kept}").status_code == 200
        assert code(ada("POST", "/v1/entries", json={"text": TEXT})) == (403, "account_deleted")
    assert _grep(settings.data_path, ADA) == []
    assert _grep(settings.data_path, SECRET) == []
    assert _grep(settings.data_path, BOB) != [], "the search works"
    assert ADA not in lines()
    assert SECRET not in lines()


def test_without_accounts_the_local_user_can_delete_everything_repeatedly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "LOCAL_GRACE", timedelta())
    alone = LocalProcess(Settings(data_dir=str(tmp_path / "journal")))
    with alone.app().test_client() as client:
        for _ in range(2):
            client.post("/v1/entries", json={"text": TEXT})
            assert len((client.get("/v1/entries").json or {})["entries"]) == 1
            assert client.delete("/v1/me").status_code == 202
            for _ in range(3):
                alone.assembly.chores()
            assert (client.get("/v1/entries").json or {})["entries"] == []


def _grep(folder: Path, word: str) -> list[str]:
    """Names of the files in a folder whose path or content has the word; skips files deleted meanwhile."""
    files = []
    for place, _, names in os.walk(folder):
        for path in (Path(place) / name for name in names):
            with suppress(FileNotFoundError):
                if word in str(path) or word.encode() in path.read_bytes():
                    files.append(path.name)
    return files


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """The log output during the test."""
    stream = io.StringIO()
    logger = logging.getLogger("samo")
    before = logger.handlers[:], logger.level, logger.propagate
    logs.configure()
    (handler,) = logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream.getvalue
    logger.handlers[:], logger.level, logger.propagate = before
