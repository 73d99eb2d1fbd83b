"""Accounts: what a user has agreed to and asked for, and the tombstones of those who left."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from functions.shared.errors import Forbidden
from functions.shared.ports import RecordStore
from functions.shared.records import Account, Address, Departed

REMEMBERED_S = 30.0
"""How long an instance takes it for granted that an account stands. What is written meanwhile to one that was
deleted is found by the deletion's last sweep."""
_KNOWN = 10_000


def tombstone(uid: str) -> Address[Departed]:
    """Where it stands that a user has left: under a hash, so that nothing names them."""
    return Address(Departed, hashlib.sha256(f"samo-departed\x1f{uid}".encode()).hexdigest())


class Accounts:
    """The accounts of all users."""

    def __init__(self, records: RecordStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._standing: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def get(self, uid: str) -> Account | None:
        """What a user has asked for; None: nothing, so the deployment's defaults hold."""
        return self._records.get(Address(Account, uid))

    def has_left(self, uid: str) -> bool:
        """Whether a user's account was deleted, asked of the store."""
        return self._records.get(tombstone(uid)) is not None

    def require(self, uid: str) -> None:
        """Raises Forbidden `account_deleted`; asks the store at most every half a minute a user."""
        now = self._clock()
        with self._lock:
            if now < self._standing.get(uid, 0.0):
                return
        if self.has_left(uid):
            raise Forbidden("this account was deleted", code="account_deleted")
        with self._lock:
            self._standing[uid] = now + REMEMBERED_S
            self._standing.move_to_end(uid)
            while len(self._standing) > _KNOWN:
                self._standing.popitem(last=False)

    def forget(self, uid: str) -> None:
        """Ask the store at the next call."""
        with self._lock:
            self._standing.pop(uid, None)
