"""A SQLite file with one connection per thread, durable commits and serialized writers."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from functions.shared.errors import TemporaryError

BUSY_TIMEOUT_S = 30.0


def system_clock() -> datetime:
    return datetime.now(UTC)


def sortable(moment: datetime) -> str:
    """UTC with fixed width, so that text sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Database:
    """Connections to `path`, each opened when its thread first needs it."""

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(self._open()) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(schema)
        path.chmod(0o600)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction, exclusive among writers; committed on exit, rolled back on an error.

        Raises:
            TemporaryError: other writers held the file longer than the busy timeout, or the disk is full.
        """
        with self.reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for single statements; raises TemporaryError as `transaction` does."""
        try:
            yield self._connection()
        except sqlite3.OperationalError as error:
            raise TemporaryError("the journal's database is busy or its disk is full") from error

    def truncate_log(self) -> None:
        """Truncate the write-ahead log, which would keep deleted content until it is overwritten."""
        with suppress(sqlite3.OperationalError):  # busy: the next deletion truncates it
            self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = self._open()
        return db

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA secure_delete=ON")
        return db
