"""Entries whose authors want them kept for a time only."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.journal.journal import Journals
from functions.shared.domain.records import Account, Address
from functions.shared.errors import NotFound
from functions.shared.observability import logs
from functions.shared.ports import UNCHANGED, EntryFilter, Ports, RecordUpdate

LOOK_EVERY = timedelta(hours=12)
_AT_ONCE = 100


class Retention:
    """Deletes what has been kept for as long as its author wanted."""

    def __init__(self, ports: Ports, journals: Journals) -> None:
        self._ports = ports
        self._journals = journals

    def go_on(self) -> int:
        """Look after every account whose turn it is; answers how many there were."""
        due = self._ports.records.list_due(Account, _AT_ONCE)
        for account in due:
            try:
                self._look_after(account)
            except Exception:
                logs.failure("entries could not be expired", actor=logs.pseudonym(account.record_id))
        return len(due)

    def _look_after(self, account: Account) -> None:
        now = self._ports.records.transact(Address(Account, account.record_id), _scheduled)
        if now is not None and account.retention_days is not None:
            count = self._delete(account.record_id, now - timedelta(days=account.retention_days))
            logs.event("entries expired", actor=logs.pseudonym(account.record_id), count=count)

    def _delete(self, uid: str, until: datetime) -> int:
        """Delete every entry recorded before a moment."""
        journal, count = self._journals(uid), 0
        while page := self._ports.store.list_entries(
            uid, limit=_AT_ONCE, where=EntryFilter(until=until)
        ).entries:
            for entry in page:
                try:
                    journal.delete(entry.entry_id)
                except NotFound:
                    continue
            count += len(page)
        return count


def _scheduled(account: Account | None, now: datetime) -> RecordUpdate[Account, datetime | None]:
    """When it is looked after next; answers the store's clock, if the account is still there."""
    if account is None:
        return UNCHANGED, None
    again = now + LOOK_EVERY if account.retention_days is not None else None
    return replace(account, wake_at=again), now
