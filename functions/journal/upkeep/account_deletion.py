"""Deleting an account: everything of a user goes, and nothing in flight brings any of it back.

A tombstone under a hash of the user's id comes first; from then on no call is let in. Then entries,
recordings, exports, keys and whatever else the user owns are removed, again and again, until a sweep that
began after the last request can have ended finds nothing. Only then does the tombstone forget who it is for.
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

_LOOK_AGAIN = timedelta(seconds=60)
_AT_ONCE = 200


class AccountDeletion:
    """Users who leave.

    Args:
        accounts: asked at the door; another process asks the store within half a minute.
        grace: for how long something that was already under way may still write; longer than any request.
        ring: called when somebody leaves.
    """

    def __init__(
        self, ports: Ports, accounts: Accounts, grace: timedelta, ring: Callable[[], None] = lambda: None
    ) -> None:
        self._ports = ports
        self._accounts = accounts
        self._grace = grace
        self._ring = ring

    def begin(self, uid: str) -> None:
        """From now on the account is deleted; asking again while it goes on changes nothing.

        Once it is done, what has come since is deleted too: where there are no accounts, nobody is kept out.
        """
        address = deleted_account_address(uid)

        def depart(found: DeletedAccount | None, now: datetime) -> RecordUpdate[DeletedAccount, None]:
            if found is not None and found.uid:
                return UNCHANGED, None
            stone = DeletedAccount(record_id=address.record_id, uid=uid, deleted_at=now, wake_at=now)
            return stone, None

        self._ports.records.transact(address, depart)
        self._accounts.forget(uid)
        self._ring()

    def go_on(self) -> int:
        """Sweep for everybody whose turn it is; answers how many there were."""
        due = self._ports.records.list_due(DeletedAccount, _AT_ONCE)
        for stone in due:
            try:
                self._sweep(stone)
            except Exception:
                logs.failure("an account could not be removed", actor=logs.pseudonym(stone.uid))
        return len(due)

    def _sweep(self, stone: DeletedAccount) -> None:
        """Remove all there is, then note when to look again, or that it is done."""
        found = self._remove(stone.uid)
        address = Address(DeletedAccount, stone.record_id)

        def note(standing: DeletedAccount | None, now: datetime) -> RecordUpdate[DeletedAccount, None]:
            if standing is None or not standing.uid:
                return UNCHANGED, None
            if found == 0 and stone.wake_at is not None and stone.wake_at >= stone.deleted_at + self._grace:
                return replace(standing, uid="", wake_at=None, expires_at=now + TOMBSTONE_TTL), None
            again = stone.deleted_at + self._grace if found == 0 else now + min(_LOOK_AGAIN, self._grace)
            return replace(standing, wake_at=max(again, now)), None

        self._ports.records.transact(address, note)
        self._ports.records.delete_all(stone.uid)  # once more: what the tombstone said of them goes as well
        logs.event("account removed", actor=logs.pseudonym(stone.uid), found=found)

    def _remove(self, uid: str) -> int:
        """Everything but the tombstone; answers how many entries and objects there were."""
        count = 0
        while keys := self._ports.store.list_keys(uid, _AT_ONCE):
            for key in keys:
                self._erase(key)
            count += len(keys)
        count += self._ports.audio.delete_all(uid) + self._ports.exports.delete_all(uid)
        self._ports.records.delete_all(uid)
        self._ports.bus.delete_all(uid)
        return count

    def _erase(self, key: EntryKey) -> None:
        entry = self._ports.store.get(key)
        if entry is not None and entry.upload_session is not None:
            self._ports.audio.cancel_upload_session(entry.upload_session)
        self._ports.store.purge(key)
