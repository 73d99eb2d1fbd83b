"""User accounts: preferences, consent, and the tombstones of deleted accounts."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from functions.shared.domain.records import Account, Address, DeletedAccount
from functions.shared.errors import Forbidden
from functions.shared.ports import RecordStore
from functions.shared.runtime.bounded_cache import BoundedCache

ACTIVE_TTL_S = 30.0
"""How long an instance assumes that an account still exists. Anything written to a deleted account during
this time is removed by the deletion's final sweep."""


def deleted_account_address(uid: str) -> Address[DeletedAccount]:
    """Address of a user's tombstone. Its ID is a hash, so that it does not reveal the user."""
    return Address(DeletedAccount, hashlib.sha256(f"samo-departed\x1f{uid}".encode()).hexdigest())


class Accounts:
    """Accounts of all users."""

    def __init__(self, records: RecordStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._active_until = BoundedCache[str, float]()
        """When each user must be checked against the store again."""

    def get(self, uid: str) -> Account | None:
        """A user's account, or None if the user never changed anything and the defaults apply."""
        return self._records.get(Address(Account, uid))

    def require_consent(self, uid: str, terms: str) -> Account | None:
        """Returns the account of a user who has accepted these terms; empty terms need no consent.

        Raises:
            Forbidden: `consent_required`.
        """
        account = self.get(uid)
        if terms and (account is None or account.consent_version != terms):
            raise Forbidden(
                f"accept version {terms} of the terms first, with PATCH /v1/me", code="consent_required"
            )
        return account

    def is_deleted(self, uid: str) -> bool:
        """Whether the account was deleted; always asks the store."""
        return self._records.get(deleted_account_address(uid)) is not None

    def require_active(self, uid: str) -> None:
        """Rejects deleted accounts. Asks the store at most once per user every `ACTIVE_TTL_S`.

        Raises:
            Forbidden: `account_deleted`.
        """
        now = self._clock()
        if now < (self._active_until.get(uid) or 0.0):
            return
        if self.is_deleted(uid):
            raise Forbidden("this account was deleted", code="account_deleted")
        self._active_until.put(uid, now + ACTIVE_TTL_S)

    def forget(self, uid: str) -> None:
        """Ask the store again at the next call."""
        self._active_until.discard(uid)
