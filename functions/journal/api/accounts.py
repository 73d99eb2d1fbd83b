"""The caller's account: consent, preferences, API keys and deletion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from functions.journal.api import places
from functions.journal.upkeep.account_deletion import AccountDeletion
from functions.journal.views.accounts import AccountView, KeyView, account_view, key_view
from functions.shared.access.api_keys import ApiKeys, IssuedKey
from functions.shared.access.authorization import Requirement
from functions.shared.domain.records import Account, Address, Scope
from functions.shared.observability import logs
from functions.shared.ports import RecordStore
from functions.shared.runtime.settings import AudioRetention, Settings
from functions.shared.web.routing import Call, Reply, Route

TAG = "Account"
_KEY_PATH = "/v1/keys/{key_id}"
_NOT_FOUND = {"key_not_found": 404}

Days = Annotated[int, Meta(ge=1, le=36_500)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]


class AccountChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields to change; null restores the default.

    `consent_version` is of the terms that the user accepts. `country` is ISO 3166-1 alpha-2, for help lines;
    by default, that of the time zone. `share_corrections` lets the operator use the user's corrections, and
    the texts that they are about, to train models.
    """

    consent_version: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    timezone: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    language: Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z0-9-]+$")] | UnsetType | None = UNSET
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | UnsetType | None = UNSET
    audio_retention: AudioRetention | UnsetType | None = UNSET
    audio_retention_days: Days | UnsetType | None = UNSET
    retention_days: Days | UnsetType | None = UNSET
    share_corrections: bool | UnsetType | None = UNSET


class NewKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A new API key. It is valid for `days`, or until it is revoked."""

    name: Name
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=8)]
    days: Days | None = None


class Rotation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long the previous secret stays valid, so that servers can switch without downtime."""

    grace_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class KeySecret(msgspec.Struct, frozen=True, kw_only=True):
    """A key and its secret, which is shown only once. Send it as `Authorization: Bearer …`."""

    key: KeyView
    secret: str


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """A user's API keys, newest first."""

    keys: tuple[KeyView, ...]


class DeletionReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The account is deleted: all further calls are rejected, and its data is being removed."""

    state: Literal["deleting"] = "deleting"


class AccountApi:
    """Handlers over the callers' accounts."""

    def __init__(self, records: RecordStore, account_deletion: AccountDeletion, settings: Settings) -> None:
        self._records = records
        self._keys = ApiKeys(records)
        self._account_deletion = account_deletion
        self._settings = settings

    def read(self, call: Call[None]) -> Reply:
        account = self._records.get(Address(Account, call.uid))
        return Reply(body=account_view(account, self._settings))

    def change(self, call: Call[AccountChanges]) -> Reply:
        places.require_time_zone(call.body.timezone)
        places.require_country(call.body.country)

        def change(account: Account | None, now: datetime) -> tuple[Account, Account]:
            changed = _changed(account or _new(call.uid, now), call.body, now)
            return changed, changed

        account = self._records.transact(Address(Account, call.uid), change)
        return Reply(body=account_view(account, self._settings))

    def delete(self, call: Call[None]) -> Reply:
        self._account_deletion.begin(call.uid)
        logs.audit("delete", call.uid, "account")
        return Reply(status=202, body=DeletionReceipt())

    def issue(self, call: Call[NewKey]) -> Reply:
        lifetime = timedelta(days=call.body.days) if call.body.days else None
        issued = self._keys.issue(call.uid, call.body.name, frozenset(call.body.scopes), lifetime)
        logs.audit("edit", call.uid, "keys")
        return Reply(status=201, body=_key_secret(issued))

    def list(self, call: Call[None]) -> Reply:
        return Reply(body=KeyList(keys=tuple(map(key_view, self._keys.owned_by(call.uid)))))

    def rotate(self, call: Call[Rotation]) -> Reply:
        grace = timedelta(hours=call.body.grace_hours)
        issued = self._keys.rotate(call.uid, call.path["key_id"], grace)
        logs.audit("edit", call.uid, "keys")
        return Reply(body=_key_secret(issued))

    def revoke(self, call: Call[None]) -> Reply:
        self._keys.revoke(call.uid, call.path["key_id"])
        logs.audit("delete", call.uid, "keys")
        return Reply(status=204)


def _new(uid: str, now: datetime) -> Account:
    return Account(record_id=uid, owner=uid, created_at=now, updated_at=now)


def _changed(account: Account, changes: AccountChanges, now: datetime) -> Account:
    """The account with the changes; with `retention_days` it is due for retention at once."""
    fields = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
    if "consent_version" in fields:
        fields["consented_at"] = now if fields["consent_version"] is not None else None
    changed = replace(account, **fields, updated_at=now)
    return replace(changed, wake_at=now if changed.retention_days is not None else None)


def _key_secret(issued: IssuedKey) -> KeySecret:
    return KeySecret(key=key_view(issued.key), secret=issued.text)


def routes(api: AccountApi) -> Sequence[Route]:
    return [*_account_routes(api), *_key_routes(api), *_single_key_routes(api)]


def _account_routes(api: AccountApi) -> Sequence[Route]:
    return [
        Route(
            method="GET",
            path="/v1/me",
            handler=api.read,
            summary="Retrieve the account",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            replies={200: AccountView},
        ),
        Route(
            method="PATCH",
            path="/v1/me",
            handler=api.change,
            summary="Update consent and preferences",
            description="A new `audio_retention` applies to recordings made from then on, a new "
            "`retention_days` to all entries.",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT),
            body=AccountChanges,
            replies={200: AccountView},
        ),
        Route(
            method="DELETE",
            path="/v1/me",
            handler=api.delete,
            summary="Delete the account and all of its data",
            description="All further calls are rejected immediately. Entries, recordings, exports and keys "
            "are removed within minutes. This cannot be undone.",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT, irreversible=True, departed=True),
            replies={202: DeletionReceipt},
        ),
    ]


def _key_routes(api: AccountApi) -> Sequence[Route]:
    return [
        Route(
            method="POST",
            path="/v1/keys",
            handler=api.issue,
            summary="Create an API key",
            description="For servers. The key acts as the user who created it, within its scopes.",
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
            summary="List API keys, without their secrets",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT),
            replies={200: KeyList},
        ),
    ]


def _single_key_routes(api: AccountApi) -> Sequence[Route]:
    return [
        Route(
            method="POST",
            path=f"{_KEY_PATH}/rotate",
            handler=api.rotate,
            summary="Rotate an API key's secret",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT, irreversible=True),
            body=Rotation,
            replies={200: KeySecret},
            problems=_NOT_FOUND,
        ),
        Route(
            method="DELETE",
            path=_KEY_PATH,
            handler=api.revoke,
            summary="Revoke an API key",
            tag=TAG,
            requires=Requirement(scope=Scope.ACCOUNT),
            replies={204: None},
            problems=_NOT_FOUND,
        ),
    ]
