"""A user's own account: consent, wishes, keys, and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from functions.journal.upkeep.account_deletion import AccountDeletion
from functions.journal.views.accounts import AccountView, KeyView, account_view, key_view
from functions.shared.access.api_keys import ApiKeys, IssuedKey
from functions.shared.access.authorization import Requirement
from functions.shared.domain.records import Account, Address, Scope
from functions.shared.errors import InvalidRequest
from functions.shared.observability import logs
from functions.shared.ports import RecordStore
from functions.shared.runtime.settings import AudioRetention, Settings
from functions.shared.web.routing import Call, Reply, Route

TAG = "Account"
Days = Annotated[int, Meta(ge=1, le=36_500)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class AccountChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to change; null takes a wish back. `consent_version`: of the terms that are agreed to."""

    consent_version: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    timezone: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    language: Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z0-9-]+$")] | UnsetType | None = UNSET
    audio_retention: AudioRetention | UnsetType | None = UNSET
    audio_retention_days: Days | UnsetType | None = UNSET
    retention_days: Days | UnsetType | None = UNSET


class NewKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`days`: for how long it is good; until it is revoked where not given."""

    name: Name
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=8)]
    days: Days | None = None


class Rotation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For how long the secret before stays good, so that servers can change without a gap."""

    grace_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class KeySecret(msgspec.Struct, frozen=True, kw_only=True):
    """A key and its secret, which is shown this once: send it as `Authorization: Bearer …`."""

    key: KeyView
    secret: str


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    keys: tuple[KeyView, ...]


class DeletionReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The account is deleted: no call is let in any more, and everything of it is being removed."""

    state: Literal["deleting"] = "deleting"


class AccountApi:
    """Handlers over one store of records."""

    def __init__(self, records: RecordStore, account_deletion: AccountDeletion, settings: Settings) -> None:
        self._records = records
        self._keys = ApiKeys(records)
        self._account_deletion = account_deletion
        self._settings = settings

    def read(self, call: Call[None]) -> Reply:
        account = self._records.get(Address(Account, call.uid))
        return Reply(body=account_view(account, self._settings))

    def change(self, call: Call[AccountChanges]) -> Reply:
        _check(call.body)

        def change(account: Account | None, now: datetime) -> tuple[Account, Account]:
            wished = _wished(account or _new(call.uid, now), call.body, now)
            return wished, wished

        account = self._records.transact(Address(Account, call.uid), change)
        return Reply(body=account_view(account, self._settings))

    def leave(self, call: Call[None]) -> Reply:
        self._account_deletion.begin(call.uid)
        logs.audit("delete", call.uid, "account")
        return Reply(status=202, body=DeletionReceipt())

    def issue(self, call: Call[NewKey]) -> Reply:
        lasts = timedelta(days=call.body.days) if call.body.days else None
        issued = self._keys.issue(call.uid, call.body.name, frozenset(call.body.scopes), lasts)
        logs.audit("edit", call.uid, "keys")
        return Reply(status=201, body=_shown(issued))

    def list(self, call: Call[None]) -> Reply:
        return Reply(body=KeyList(keys=tuple(map(key_view, self._keys.owned_by(call.uid)))))

    def rotate(self, call: Call[Rotation]) -> Reply:
        grace = timedelta(hours=call.body.grace_hours)
        issued = self._keys.rotate(call.uid, call.path["key_id"], grace)
        logs.audit("edit", call.uid, "keys")
        return Reply(body=_shown(issued))

    def revoke(self, call: Call[None]) -> Reply:
        self._keys.revoke(call.uid, call.path["key_id"])
        logs.audit("delete", call.uid, "keys")
        return Reply(status=204)


def _new(uid: str, now: datetime) -> Account:
    return Account(record_id=uid, owner=uid, created_at=now, updated_at=now)


def _wished(account: Account, wishes: AccountChanges, now: datetime) -> Account:
    """The account with the wishes; entries kept for a time are looked after from now on."""
    said = {name: value for name, value in msgspec.structs.asdict(wishes).items() if value is not UNSET}
    if "consent_version" in said:
        said["consented_at"] = now if said["consent_version"] is not None else None
    changed = replace(account, **said, updated_at=now)
    return replace(changed, wake_at=now if changed.retention_days is not None else None)


def _check(wishes: AccountChanges) -> None:
    zone = wishes.timezone
    if isinstance(zone, str) and zone not in _zones():
        raise InvalidRequest("the timezone is no IANA name", code="invalid_field")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _shown(issued: IssuedKey) -> KeySecret:
    return KeySecret(key=key_view(issued.key), secret=issued.text)


def routes(api: AccountApi) -> Sequence[Route]:
    return [*_account_routes(api), *_key_routes(api)]


def _account_routes(api: AccountApi) -> Sequence[Route]:
    return [
        Route(
            method="GET",
            path="/v1/me",
            handler=api.read,
            summary="What the user has agreed to and asked for",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            replies={200: AccountView},
        ),
        Route(
            method="PATCH",
            path="/v1/me",
            handler=api.change,
            summary="Agree to terms; ask for other retention, language or time zone",
            description="A change of `audio_retention` holds for recordings made from then on; one of "
            "`retention_days` for all entries, the next time they are looked at.",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT),
            body=AccountChanges,
            replies={200: AccountView},
        ),
        Route(
            method="DELETE",
            path="/v1/me",
            handler=api.leave,
            summary="Delete the account and everything in it",
            description="At once no call is let in any more; words, recordings, exports and keys are removed "
            "within minutes. This cannot be undone.",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT, irreversible=True, departed=True),
            replies={202: DeletionReceipt},
        ),
    ]


def _key_routes(api: AccountApi) -> Sequence[Route]:
    key = "/v1/keys/{key_id}"
    missing = {"key_not_found": 404}
    return [
        Route(
            method="POST",
            path="/v1/keys",
            handler=api.issue,
            summary="Make an API key for a server",
            description="It acts as the user who made it, within its scopes.",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT, irreversible=True),
            body=NewKey,
            replies={201: KeySecret},
            problems={"scope_not_grantable": 400, "too_many_keys": 409},
        ),
        Route(
            method="GET",
            path="/v1/keys",
            handler=api.list,
            summary="The user's API keys, without their secrets",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT),
            replies={200: KeyList},
        ),
        Route(
            method="POST",
            path=f"{key}/rotate",
            handler=api.rotate,
            summary="Give a key a new secret",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT, irreversible=True),
            body=Rotation,
            replies={200: KeySecret},
            problems=missing,
        ),
        Route(
            method="DELETE",
            path=key,
            handler=api.revoke,
            summary="Revoke a key, at once",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT),
            replies={204: None},
            problems=missing,
        ),
    ]
