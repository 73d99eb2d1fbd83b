"""Operators' support for users: delete an account or revoke its keys, but never read a journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from functions.journal.api.accounts import DeletionReceipt
from functions.journal.jobs.jobs import FINAL_STATES, Jobs
from functions.journal.upkeep.account_deletion import AccountDeletion
from functions.shared.access.accounts import Accounts
from functions.shared.access.api_keys import ApiKeys
from functions.shared.access.authorization import Requirement
from functions.shared.domain.records import Scope
from functions.shared.observability import logs
from functions.shared.ports import Ports
from functions.shared.web.routing import Call, Reply, Route

TAG = "Operators"
MAX_COUNTED = 10_000


class AccountSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An account in numbers. `entries` includes tombstones and is counted up to 10,000."""

    state: Literal["standing", "deleted"]
    entries: int
    keys: int
    open_jobs: int
    consent_version: str | None


class RevokedKeys(msgspec.Struct, frozen=True, kw_only=True):
    """How many keys were revoked."""

    revoked: int


class AdminApi:
    """Handlers for operators; access is logged."""

    def __init__(
        self, ports: Ports, accounts: Accounts, account_deletion: AccountDeletion, jobs: Jobs
    ) -> None:
        self._store = ports.store
        self._keys = ApiKeys(ports.records)
        self._accounts = accounts
        self._account_deletion = account_deletion
        self._jobs = jobs

    def read(self, call: Call[None]) -> Reply:
        uid = call.path["uid"]
        account = self._accounts.get(uid)
        logs.audit("read", call.uid, logs.pseudonym(uid))
        return Reply(
            body=AccountSummary(
                state="deleted" if self._accounts.is_deleted(uid) else "standing",
                entries=len(self._store.list_keys(uid, MAX_COUNTED)),
                keys=sum(key.revoked_at is None for key in self._keys.owned_by(uid)),
                open_jobs=sum(job.state not in FINAL_STATES for job in self._jobs.owned_by(uid)),
                consent_version=account.consent_version if account else None,
            )
        )

    def delete(self, call: Call[None]) -> Reply:
        self._account_deletion.begin(call.path["uid"])
        logs.audit("delete", call.uid, logs.pseudonym(call.path["uid"]))
        return Reply(status=202, body=DeletionReceipt())

    def revoke_keys(self, call: Call[None]) -> Reply:
        uid = call.path["uid"]
        active = [key for key in self._keys.owned_by(uid) if key.revoked_at is None]
        for key in active:
            self._keys.revoke(uid, key.record_id)
        logs.audit("delete", call.uid, logs.pseudonym(uid))
        return Reply(body=RevokedKeys(revoked=len(active)))


def routes(api: AdminApi) -> Sequence[Route]:
    account = "/v1/admin/accounts/{uid}"
    return [
        Route(
            method="GET",
            path=account,
            handler=api.read,
            summary="Retrieve an account's state and size",
            tag=TAG,
            requires=Requirement(scope=Scope.ADMIN),
            replies={200: AccountSummary},
        ),
        Route(
            method="DELETE",
            path=account,
            handler=api.delete,
            summary="Delete an account and all of its data",
            tag=TAG,
            requires=Requirement(scope=Scope.ADMIN, irreversible=True),
            replies={202: DeletionReceipt},
        ),
        Route(
            method="POST",
            path=f"{account}/keys/revoke",
            handler=api.revoke_keys,
            summary="Revoke all API keys of an account",
            tag=TAG,
            requires=Requirement(scope=Scope.ADMIN, irreversible=True),
            replies={200: RevokedKeys},
        ),
    ]
