"""API keys: issued, used, rotated, revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.shared.access.api_keys import (
    GRANTABLE_SCOPES,
    LAST_USED_PRECISION,
    MAX_KEYS,
    REVOKED_KEY_TTL,
    ApiKeys,
    looks_like_api_key,
)
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.domain.records import Scope
from functions.shared.errors import Conflict, InvalidRequest, NotFound, Unauthenticated

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
READ = frozenset({Scope.READ})


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def keys(path: Path, clock: Clock) -> ApiKeys:
    return ApiKeys(SqliteRecordStore(path, clock))


def test_a_key_authenticates_its_owner_with_its_scopes(keys: ApiKeys) -> None:
    issued = keys.issue("ada", "my server", READ, None)
    key = keys.authenticate(issued.text)
    assert looks_like_api_key(issued.text)
    assert (key.owner, key.scopes, key.name) == ("ada", READ, "my server")


def test_the_secret_is_not_stored(keys: ApiKeys, path: Path) -> None:
    secret = keys.issue("ada", "my server", READ, None).text.rpartition("_")[2]
    for file in path.parent.iterdir():
        assert secret.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "scopes",
    [frozenset(), {Scope.ADMIN}, {Scope.ACCOUNT, Scope.READ}],
    ids=["none", "admin", "account and read"],
)
def test_scopes_that_need_a_person_cannot_be_granted(keys: ApiKeys, scopes: set[Scope]) -> None:
    with pytest.raises(InvalidRequest) as error:
        keys.issue("ada", "greedy", frozenset(scopes), None)
    assert error.value.code == "scope_not_grantable"
    assert Scope.ACCOUNT not in GRANTABLE_SCOPES


def test_every_invalid_key_is_rejected_in_the_same_way(keys: ApiKeys) -> None:
    good = keys.issue("ada", "a", READ, None).text
    other = keys.issue("ada", "b", READ, None).text
    swapped = good[:22] + other[22:]
    for text in (swapped, "samo_0123456789abcdef_" + "x" * 43, "samo_", good + "x", good.upper(), ""):
        with pytest.raises(Unauthenticated) as error:
            keys.authenticate(text)
        assert error.value.code == "invalid_key"


def test_a_revoked_key_is_rejected_immediately_and_listed_for_a_while(keys: ApiKeys, clock: Clock) -> None:
    issued = keys.issue("ada", "a", READ, None)
    keys.revoke("ada", issued.key.record_id)
    with pytest.raises(Unauthenticated):
        keys.authenticate(issued.text)
    assert [key.revoked_at for key in keys.owned_by("ada")] == [NOON]
    clock.now = NOON + REVOKED_KEY_TTL
    assert keys.owned_by("ada") == []


def test_the_previous_secret_works_until_the_grace_period_ends(keys: ApiKeys, clock: Clock) -> None:
    old = keys.issue("ada", "a", READ, None)
    new = keys.rotate("ada", old.key.record_id, timedelta(hours=1))
    assert new.key.record_id == old.key.record_id
    assert keys.authenticate(old.text).owner == keys.authenticate(new.text).owner == "ada"
    clock.now += timedelta(hours=1)
    assert keys.authenticate(new.text).owner == "ada"
    with pytest.raises(Unauthenticated):
        keys.authenticate(old.text)


def test_a_key_expires_at_the_end_of_its_lifetime(keys: ApiKeys, clock: Clock) -> None:
    issued = keys.issue("ada", "a", READ, timedelta(days=1))
    assert keys.authenticate(issued.text).ends_at == NOON + timedelta(days=1)
    clock.now += timedelta(days=1)
    with pytest.raises(Unauthenticated):
        keys.authenticate(issued.text)


def test_the_last_use_is_recorded_without_a_write_per_call(keys: ApiKeys, clock: Clock) -> None:
    text = keys.issue("ada", "a", READ, None).text
    assert keys.authenticate(text).last_used_at == NOON
    clock.now += LAST_USED_PRECISION / 2
    assert keys.authenticate(text).last_used_at == NOON
    clock.now += LAST_USED_PRECISION
    assert keys.authenticate(text).last_used_at == clock.now


def test_other_users_keys_are_not_found(keys: ApiKeys) -> None:
    key_id = keys.issue("ada", "a", READ, None).key.record_id
    assert keys.owned_by("bob") == []
    for attempt in (lambda: keys.revoke("bob", key_id), lambda: keys.rotate("bob", key_id, timedelta())):
        with pytest.raises(NotFound) as error:
            attempt()
        assert error.value.code == "key_not_found"


def test_a_user_may_have_only_so_many_keys(keys: ApiKeys) -> None:
    issued = [keys.issue("ada", str(number), READ, None) for number in range(MAX_KEYS)]
    with pytest.raises(Conflict) as error:
        keys.issue("ada", "one more", READ, None)
    assert error.value.code == "too_many_keys"
    keys.revoke("ada", issued[0].key.record_id)
    assert keys.issue("ada", "replacement", READ, None)
