"""Two users of one server, with ID tokens and API keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.shared.access import revocation
from samo_client import Forbidden, NotFound, Unauthenticated
from tests.browser.samo import Samo
from tests.clients.drivers import Client
from tests.support import issuer as issuers
from tests.support.issuer import Issuer

AUDIENCE = "samo-project"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with issuers.serving() as serving:
        yield serving


@pytest.fixture(scope="module")
def address(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A journal with accounts."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SAMO_AUTH_ISSUER", issuer.address)
        environment.setenv("SAMO_AUTH_AUDIENCE", AUDIENCE)
        environment.setenv("SAMO_AUTH_REVOCATION", "identity-platform")
        environment.setenv(revocation.EMULATOR, issuer.address.removeprefix("http://"))
        samo = Samo(tmp_path_factory.mktemp("accounts") / "journal")
    yield samo.address
    samo.stop()


@pytest.fixture
def ada(kind: type[Client], address: str, issuer: Issuer) -> Client:
    issuer.sign_up(uid := f"ada-{kind.__name__}")
    return kind(address, issuer.token(AUDIENCE, sub=uid))


@pytest.fixture
def bob(ada: Client, issuer: Issuer) -> Client:
    issuer.sign_up("bob")
    return ada.of(issuer.token(AUDIENCE, sub="bob"))


def test_users_have_separate_journals(ada: Client, bob: Client) -> None:
    created = ada("entries.create", "I told nobody.")
    with pytest.raises(NotFound):
        bob("entries.get", created["id"])
    with pytest.raises(NotFound):
        bob("entries.follow", created["id"])
    assert created["id"] in [entry["id"] for entry in ada("entries.list")]
    assert created["id"] not in [entry["id"] for entry in bob("entries.list")]


def test_an_invalid_token_is_rejected(ada: Client, issuer: Issuer) -> None:
    for token in ("nonsense", issuer.token("another-audience")):
        with pytest.raises(Unauthenticated) as raised:
            ada.of(token)("entries.list")
        assert raised.value.code == "unauthenticated"


def test_a_key_works_within_its_scopes_until_revoked(ada: Client) -> None:
    created = ada("keys.create", "reader", ["entries:read"], days=7)
    reader = ada.of(created["secret"])
    assert isinstance(reader("entries.list"), list)
    with pytest.raises(Forbidden) as raised:
        reader("entries.create", "Hello.")
    assert raised.value.code == "insufficient_scope"
    rotated = ada("keys.rotate", created["key"]["id"], grace_hours=0)
    with pytest.raises(Unauthenticated):
        reader("entries.list")
    assert isinstance(ada.of(rotated["secret"])("entries.list"), list)
    ada("keys.revoke", created["key"]["id"])
    with pytest.raises(Unauthenticated):
        ada.of(rotated["secret"])("entries.list")
    (listed,) = (key for key in ada("keys.list") if key["id"] == created["key"]["id"])
    assert listed["revoked_at"] is not None


def test_preferences_are_stored_and_reset_and_the_account_deleted(ada: Client) -> None:
    ada("account.update", timezone="Europe/Berlin", retention_days=30)
    account = ada("account.update", timezone=None)
    assert (account["timezone"], account["retention_days"]) == (None, 30)
    assert ada("account.get") == account
    assert ada("account.delete")["state"] == "deleting"
    with pytest.raises((Unauthenticated, Forbidden, NotFound)):
        ada("entries.list")


def test_admins_see_counts_and_delete_accounts(ada: Client, bob: Client, issuer: Issuer) -> None:
    uid = f"{ada.__class__.__name__}-guest"
    issuer.sign_up(uid)
    guest = ada.of(issuer.token(AUDIENCE, sub=uid))
    guest("entries.create", "I told nobody.")
    secret = guest("keys.create", "reader", ["entries:read"])["secret"]
    issuer.sign_up("operator")
    operator = ada.of(issuer.token(AUDIENCE, sub="operator", samo_admin=True))
    assert operator("admin.get", uid)["entries"] == 1
    operator("admin.revoke_keys", uid)
    with pytest.raises(Unauthenticated):
        ada.of(secret)("entries.list")
    assert operator("admin.delete", uid)["state"] == "deleting"
    with pytest.raises(Forbidden):
        bob("admin.get", uid)
