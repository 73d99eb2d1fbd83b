"""Deletes entries older than their owner's retention period."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.journal.journal import Journals
from functions.shared.domain.records import Account, Address
from functions.shared.errors import NotFound
from functions.shared.observability import logs
from functions.shared.ports import UNCHANGED, EntryFilter, Ports, RecordUpdate

INTERVAL = timedelta(hours=12)
_BATCH_SIZE = 100


class Retention:
    """Applies per-user retention."""

    def __init__(self, ports: Ports, journals: Journals) -> None:
        self._ports = ports
        self._journals = journals

    def run_due(self) -> int:
        """Expire the entries of every account that is due; returns the number of accounts."""
        due = self._ports.records.list_due(Account, _BATCH_SIZE)
        for account in due:
            try:
                self._expire(account)
            except Exception:
                logs.failure("entries could not be expired", actor=logs.pseudonym(account.record_id))
        return len(due)

    def _expire(self, account: Account) -> None:
        now = self._ports.records.transact(Address(Account, account.record_id), _schedule_next)
        if now is not None and account.retention_days is not None:
            count = self._delete_before(account.record_id, now - timedelta(days=account.retention_days))
            logs.event("entries expired", actor=logs.pseudonym(account.record_id), count=count)

    def _delete_before(self, uid: str, until: datetime) -> int:
        """Delete every entry recorded before `until`; returns their number."""
        store, journal, count = self._ports.store, self._journals(uid), 0
        expired = EntryFilter(until=until)
        while entries := store.list_entries(uid, limit=_BATCH_SIZE, where=expired).entries:
            for entry in entries:
                try:
                    journal.delete(entry.entry_id)
                except NotFound:
                    continue
            count += len(entries)
        return count


def _schedule_next(account: Account | None, now: datetime) -> RecordUpdate[Account, datetime | None]:
    """Set when the account is due next; returns the store's time, or None if the account is gone."""
    if account is None:
        return UNCHANGED, None
    wake_at = now + INTERVAL if account.retention_days is not None else None
    return replace(account, wake_at=wake_at), now
