"""Deleted accounts are rejected, with few reads of the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.shared.access.accounts import ACTIVE_TTL_S, Accounts, deleted_account_address
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.domain.records import Address, DeletedAccount, R
from functions.shared.errors import Forbidden
from tests.support.laptop import Clock


class CountingStore(SqliteRecordStore):
    reads = 0

    def get(self, address: Address[R]) -> R | None:
        self.reads += 1
        return super().get(address)


def test_an_active_account_is_read_once_per_interval_and_a_deletion_counts_after_it(tmp_path: Path) -> None:
    clock = Clock()
    store = CountingStore(tmp_path / "journal.db", clock)
    accounts = Accounts(store, lambda: clock.now.timestamp())
    for _ in range(3):
        accounts.require_active("ada")
    assert store.reads == 1

    address = deleted_account_address("ada")
    tombstone = DeletedAccount(record_id=address.record_id, deleted_at=clock.now)
    store.transact(address, lambda _, now: (tombstone, None))
    clock.advance(ACTIVE_TTL_S + 1)
    with pytest.raises(Forbidden) as error:
        accounts.require_active("ada")
    assert error.value.code == "account_deleted"
