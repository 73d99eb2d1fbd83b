"""Accounts: what a user has agreed to and asked for, and the tombstones of those who left."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from functions.shared.domain.records import Account, Address, DeletedAccount
from functions.shared.errors import Forbidden
from functions.shared.ports import RecordStore
from functions.shared.runtime.bounded_cache import BoundedCache

REMEMBERED_S = 30.0
"""How long an instance takes it for granted that an account stands. What is written meanwhile to one that was
deleted is found by the deletion's last sweep."""


def tombstone(uid: str) -> Address[DeletedAccount]:
    """Where it stands that a user has left: under a hash, so that nothing names them."""
    return Address(DeletedAccount, hashlib.sha256(f"samo-departed\x1f{uid}".encode()).hexdigest())


class Accounts:
    """The accounts of all users."""

    def __init__(self, records: RecordStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._standing = BoundedCache[str, float]()
        """Until when it is taken for granted."""

    def get(self, uid: str) -> Account | None:
        """What a user has asked for; None: nothing, so the deployment's defaults hold."""
        return self._records.get(Address(Account, uid))

    def agreed(self, uid: str, terms: str) -> Account | None:
        """As `get`, of a user who has agreed to these terms; none need be agreed to where they are empty.

        Raises:
            Forbidden: `consent_required`.
        """
        account = self.get(uid)
        if terms and (account is None or account.consent_version != terms):
            raise Forbidden(f"agree to the terms {terms} first: PATCH /v1/me", code="consent_required")
        return account

    def has_left(self, uid: str) -> bool:
        """Whether a user's account was deleted, asked of the store."""
        return self._records.get(tombstone(uid)) is not None

    def require(self, uid: str) -> None:
        """Raises Forbidden `account_deleted`; asks the store at most every half a minute a user."""
        now = self._clock()
        if now < (self._standing.get(uid) or 0.0):
            return
        if self.has_left(uid):
            raise Forbidden("this account was deleted", code="account_deleted")
        self._standing.put(uid, now + REMEMBERED_S)

    def forget(self, uid: str) -> None:
        """Ask the store at the next call."""
        self._standing.discard(uid)
