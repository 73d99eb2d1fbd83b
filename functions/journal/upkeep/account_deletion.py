"""Deletes accounts: all data of a user, including what requests and stages in flight still write.

A tombstone under a hash of the user's ID comes first; from then on every request is refused. Entries,
recordings, exports, keys and all other records are then deleted, in repeated sweeps. The last sweep starts
after every request that was accepted before the tombstone must have ended, and finds nothing. Only then is
the user's ID removed from the tombstone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.shared.access.accounts import Accounts, deleted_account_address
from functions.shared.domain.entries import EntryKey
from functions.shared.domain.lifecycle import TOMBSTONE_TTL
from functions.shared.domain.records import Address, DeletedAccount
from functions.shared.observability import logs
from functions.shared.ports import UNCHANGED, Ports, RecordUpdate

_SWEEP_INTERVAL = timedelta(seconds=60)
_BATCH_SIZE = 200


class AccountDeletion:
    """Marks accounts as deleted, and deletes their data.

    Args:
        accounts: this process's cache of deleted accounts; other processes notice within half a minute.
        grace: how long a request or stage that was already running may still write; longer than any of them.
        wake_worker: called after an account is marked as deleted, to wake a worker in this process.
    """

    def __init__(
        self,
        ports: Ports,
        accounts: Accounts,
        grace: timedelta,
        wake_worker: Callable[[], None] = lambda: None,
    ) -> None:
        self._ports = ports
        self._accounts = accounts
        self._grace = grace
        self._wake_worker = wake_worker

    def begin(self, uid: str) -> None:
        """Mark the account as deleted. While its data is being deleted, calling this again changes nothing.

        After that, it starts a new deletion: without accounts, the one user can keep using the journal.
        """
        address = deleted_account_address(uid)

        def mark(current: DeletedAccount | None, now: datetime) -> RecordUpdate[DeletedAccount, None]:
            if current is not None and current.uid:
                return UNCHANGED, None
            tombstone = DeletedAccount(record_id=address.record_id, uid=uid, deleted_at=now, wake_at=now)
            return tombstone, None

        self._ports.records.transact(address, mark)
        self._accounts.forget(uid)
        self._wake_worker()

    def run_due(self) -> int:
        """Sweep every deleted account that is due; returns their number."""
        due = self._ports.records.list_due(DeletedAccount, _BATCH_SIZE)
        for tombstone in due:
            try:
                self._sweep(tombstone)
            except Exception:
                logs.failure("an account could not be removed", actor=logs.pseudonym(tombstone.uid))
        return len(due)

    def _sweep(self, tombstone: DeletedAccount) -> None:
        """Delete everything there is, then schedule the next sweep or complete the deletion."""
        count = self._delete_all(tombstone.uid)
        grace_ends = tombstone.deleted_at + self._grace
        complete = count == 0 and tombstone.wake_at is not None and tombstone.wake_at >= grace_ends

        def reschedule(current: DeletedAccount | None, now: datetime) -> RecordUpdate[DeletedAccount, None]:
            if current is None or not current.uid:
                return UNCHANGED, None
            if complete:
                return replace(current, uid="", wake_at=None, expires_at=now + TOMBSTONE_TTL), None
            next_sweep = grace_ends if count == 0 else now + min(_SWEEP_INTERVAL, self._grace)
            return replace(current, wake_at=max(next_sweep, now)), None

        self._ports.records.transact(Address(DeletedAccount, tombstone.record_id), reschedule)
        self._ports.records.delete_all(tombstone.uid)  # again: SQLite's log still has the user's ID
        logs.event("account removed", actor=logs.pseudonym(tombstone.uid), found=count)

    def _delete_all(self, uid: str) -> int:
        """Delete everything except the tombstone; returns the number of entries and objects."""
        count = 0
        while keys := self._ports.store.list_keys(uid, _BATCH_SIZE):
            for key in keys:
                self._delete_entry(key)
            count += len(keys)
        count += self._ports.audio.delete_all(uid) + self._ports.exports.delete_all(uid)
        self._ports.records.delete_all(uid)
        self._ports.bus.delete_all(uid)
        return count

    def _delete_entry(self, key: EntryKey) -> None:
        entry = self._ports.store.get(key)
        if entry is not None and entry.upload_session is not None:
            self._ports.audio.cancel_upload_session(entry.upload_session)
        self._ports.store.purge(key)
