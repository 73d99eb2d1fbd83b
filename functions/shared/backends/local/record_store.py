"""RecordStore on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from functions.shared.backends.local.database import Database, sortable, system_clock
from functions.shared.domain.records import Address, R
from functions.shared.ports import UNCHANGED, RecordChange

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    collection TEXT NOT NULL,
    scope TEXT NOT NULL,
    record_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    wake_at TEXT,
    expires_at TEXT,
    document BLOB NOT NULL,
    PRIMARY KEY (collection, scope, record_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_by_owner ON records (owner, collection);
CREATE INDEX IF NOT EXISTS records_to_wake ON records (collection, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_to_expire ON records (expires_at) WHERE expires_at IS NOT NULL;
"""
_GET = (
    "SELECT document FROM records WHERE collection=? AND scope=? AND record_id=?"
    " AND (expires_at IS NULL OR expires_at > ?)"
)
_OWNED = (
    "SELECT document FROM records WHERE owner=? AND collection=?"
    " AND (expires_at IS NULL OR expires_at > ?) LIMIT ?"
)
_ALL = (
    "SELECT record_id, document FROM records WHERE collection=? AND scope='' AND record_id > ?"
    " AND (expires_at IS NULL OR expires_at > ?) ORDER BY record_id LIMIT ?"
)
_DUE = (
    "SELECT document FROM records WHERE collection=? AND wake_at <= ?"
    " AND (expires_at IS NULL OR expires_at > ?) ORDER BY wake_at LIMIT ?"
)
_PUT = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"
_PAGE = 200
"""Records that `list_all` reads at once."""
_DELETE = "DELETE FROM records WHERE collection=? AND scope=? AND record_id=?"


class SqliteRecordStore:
    """Records in `path`; `clock` is the store's clock."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = system_clock) -> None:
        self._db = Database(path, _SCHEMA)
        self._clock = clock

    def transact(self, address: Address[R], change: RecordChange[R, T]) -> T:
        with self._db.transaction() as db:
            now = self._clock()
            changed, result = change(_load(db, address, now), now)
            if changed is UNCHANGED:
                return result
            if changed is None:
                db.execute(_DELETE, _primary_key(address))
            else:
                db.execute(_PUT, _row(address, changed))
        if changed is None:
            self._db.truncate_log()
        return result

    def get(self, address: Address[R]) -> R | None:
        with self._db.reading() as db:
            return _load(db, address, self._clock())

    def list_owned(self, kind: type[R], owner: str, limit: int = 1000) -> list[R]:
        with self._db.reading() as db:
            rows = db.execute(_OWNED, (owner, kind.collection, sortable(self._clock()), limit)).fetchall()
        return [msgspec.json.decode(row[0], type=kind) for row in rows]

    def list_all(self, kind: type[R]) -> Iterator[R]:
        last = ""
        while True:
            with self._db.reading() as db:
                page = (kind.collection, last, sortable(self._clock()), _PAGE)
                rows = db.execute(_ALL, page).fetchall()
            yield from (msgspec.json.decode(document, type=kind) for _, document in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    def list_due(self, kind: type[R], limit: int) -> list[R]:
        now = sortable(self._clock())
        with self._db.reading() as db:
            rows = db.execute(_DUE, (kind.collection, now, now, limit)).fetchall()
        return [msgspec.json.decode(row[0], type=kind) for row in rows]

    def delete_all(self, owner: str) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM records WHERE owner=?", (owner,))
        self._db.truncate_log()

    def sweep(self) -> None:
        """Delete expired records."""
        with self._db.transaction() as db:
            db.execute("DELETE FROM records WHERE expires_at <= ?", (sortable(self._clock()),))


def _load(db: sqlite3.Connection, address: Address[R], now: datetime) -> R | None:
    row = db.execute(_GET, (*_primary_key(address), sortable(now))).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=address.kind)


def _primary_key(address: Address[R]) -> tuple[str, str, str]:
    return address.kind.collection, address.scope, address.record_id


def _row(address: Address[R], record: R) -> tuple[object, ...]:
    times = (time and sortable(time) for time in (record.wake_at, record.expires_at))
    return (*_primary_key(address), record.owner, *times, msgspec.json.encode(record))
