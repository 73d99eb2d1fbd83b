"""EntryStore on SQLite in WAL mode: one file, safe between threads and processes."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from functions.shared.backends.local.database import Database, sortable, system_clock
from functions.shared.backends.local.similarity import ranked
from functions.shared.domain.changes import Change, Write
from functions.shared.domain.content import ChunkTranscript, Piece
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.errors import InvalidRequest
from functions.shared.ports import ALL_ENTRIES, EntryFilter, EntryPage, PassageMatch

T = TypeVar("T")
P = TypeVar("P", bound=Piece)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    uid TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    wake_at TEXT,
    document BLOB NOT NULL,
    PRIMARY KEY (uid, entry_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_time ON entries (uid, deleted, recorded_at DESC, entry_id DESC);
CREATE TABLE IF NOT EXISTS labels (
    uid TEXT NOT NULL,
    label TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (uid, label, recorded_at, entry_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS labels_of_entries ON labels (uid, entry_id);
CREATE INDEX IF NOT EXISTS entries_to_wake ON entries (wake_at) WHERE wake_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS pieces (
    uid TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL,
    position INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (uid, entry_id, revision, kind, position)
) WITHOUT ROWID;
"""


_LISTED = """
SELECT document FROM entries
WHERE uid=? AND deleted=0 AND (recorded_at, entry_id) < (?, ?) AND recorded_at >= ? AND recorded_at < ?
ORDER BY recorded_at DESC, entry_id DESC LIMIT ?
"""
_LABELLED = """
SELECT document FROM labels AS one JOIN entries USING (uid, entry_id)
WHERE one.uid=? AND one.label=?
  AND (one.recorded_at, one.entry_id) < (?, ?) AND one.recorded_at >= ? AND one.recorded_at < ?
  AND (SELECT count(*) FROM labels AS other WHERE other.uid = one.uid AND other.entry_id = one.entry_id
       AND other.label IN (SELECT value FROM json_each(?))) = ?
ORDER BY one.recorded_at DESC, one.entry_id DESC LIMIT ?
"""
_EMBEDDINGS = "SELECT entry_id, revision, content FROM pieces WHERE uid=? AND kind='Embedding'"
_UNEMBEDDED = """
SELECT uid, entry_id FROM entries
WHERE deleted=0 AND json_extract(CAST(document AS TEXT), '$.status') IN ('ready', 'partial')
  AND json_extract(CAST(document AS TEXT), '$.embedding_model') IS NOT ? LIMIT ?
"""
_ERASE = (
    "DELETE FROM pieces WHERE uid=? AND entry_id=?",
    "DELETE FROM labels WHERE uid=? AND entry_id=?",
    "DELETE FROM entries WHERE uid=? AND entry_id=?",
)


class SqliteEntryStore:
    """Entries in `path`; `clock` is the store's own."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = system_clock) -> None:
        self._db = Database(path, _SCHEMA)
        with self._db.transaction() as db:
            _upgrade(db)
        self._clock = clock

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        with self._db.transaction() as db:
            write, answer = change(_load(db, key), self._clock())
            _apply(db, key, write)
        if write.delete_pieces:
            self._db.truncate_log()
        return answer

    def get(self, key: EntryKey) -> Entry | None:
        with self._db.reading() as db:
            return _load(db, key)

    def read(self, key: EntryKey, revision: int, kind: type[P], index: int = 0) -> P | None:
        with self._db.reading() as db:
            row = db.execute(
                "SELECT content FROM pieces"
                " WHERE uid=? AND entry_id=? AND revision=? AND kind=? AND position=?",
                (key.uid, key.entry_id, revision, kind.__name__, index),
            ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def list_entries(
        self, uid: str, *, limit: int, cursor: str | None = None, where: EntryFilter = ALL_ENTRIES
    ) -> EntryPage:
        before = ("9999", "") if cursor is None else _decode_cursor(cursor)
        since = sortable(where.since) if where.since else ""
        until = sortable(where.until) if where.until else "9999"
        span = (*before, since, until)
        with self._db.reading() as db:
            if where.labels:
                wanted = (json.dumps(where.labels), len(set(where.labels)))
                rows = db.execute(_LABELLED, (uid, where.labels[0], *span, *wanted, limit + 1)).fetchall()
            else:
                rows = db.execute(_LISTED, (uid, *span, limit + 1)).fetchall()
        entries = tuple(msgspec.json.decode(row[0], type=Entry) for row in rows[:limit])
        more = len(rows) > limit
        return EntryPage(entries=entries, next_cursor=_encode_cursor(entries[-1]) if more else None)

    def find_nearest(self, uid: str, model: str, vector: bytes, limit: int) -> list[PassageMatch]:
        with self._db.reading() as db:
            rows = db.execute(_EMBEDDINGS, (uid,)).fetchall()
        return ranked(uid, rows, model, vector, limit)

    def list_unembedded(self, model: str, limit: int) -> list[EntryKey]:
        with self._db.reading() as db:
            rows = db.execute(_UNEMBEDDED, (model, limit)).fetchall()
        return [EntryKey(*row) for row in rows]

    def count_awaiting_audio(self, uid: str, limit: int) -> int:
        with self._db.reading() as db:
            rows = db.execute(
                "SELECT document FROM entries WHERE uid=? AND deleted=0 AND wake_at IS NOT NULL", (uid,)
            )
            found = (msgspec.json.decode(row[0], type=Entry) for row in rows)
            return sum(1 for _ in islice((e for e in found if e.status is Status.AWAITING_AUDIO), limit))

    def list_keys(self, uid: str, limit: int) -> list[EntryKey]:
        with self._db.reading() as db:
            rows = db.execute(
                "SELECT uid, entry_id FROM entries WHERE uid=? LIMIT ?", (uid, limit)
            ).fetchall()
        return [EntryKey(*row) for row in rows]

    def purge(self, key: EntryKey) -> None:
        with self._db.transaction() as db:
            for statement in _ERASE:
                db.execute(statement, (key.uid, key.entry_id))
        self._db.truncate_log()

    def list_due(self, limit: int) -> list[EntryKey]:
        with self._db.reading() as db:
            rows = db.execute(
                "SELECT uid, entry_id FROM entries WHERE wake_at <= ? ORDER BY wake_at LIMIT ?",
                (sortable(self._clock()), limit),
            ).fetchall()
        return [EntryKey(*row) for row in rows]

    def list_waking(self) -> list[EntryKey]:
        """Every entry that waits for anything, however far ahead."""
        with self._db.reading() as db:
            rows = db.execute("SELECT uid, entry_id FROM entries WHERE wake_at IS NOT NULL").fetchall()
        return [EntryKey(*row) for row in rows]


def _load(db: sqlite3.Connection, key: EntryKey) -> Entry | None:
    row = db.execute(
        "SELECT document FROM entries WHERE uid=? AND entry_id=?", (key.uid, key.entry_id)
    ).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Entry)


def _apply(db: sqlite3.Connection, key: EntryKey, write: Write) -> None:
    if write.delete_pieces:
        db.execute("DELETE FROM pieces WHERE uid=? AND entry_id=?", (key.uid, key.entry_id))
    entry = write.entry
    if entry is None:
        return
    db.execute(
        "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)",
        (
            key.uid,
            key.entry_id,
            sortable(entry.recorded_at),
            not entry.listed,
            entry.wake_at and sortable(entry.wake_at),
            msgspec.json.encode(entry),
        ),
    )
    _label(db, entry)
    for piece in write.pieces:
        position = piece.index if isinstance(piece, ChunkTranscript) else 0
        db.execute(
            "INSERT OR REPLACE INTO pieces VALUES (?, ?, ?, ?, ?, ?)",
            (
                key.uid,
                key.entry_id,
                entry.revision,
                type(piece).__name__,
                position,
                msgspec.json.encode(piece),
            ),
        )


def _label(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute("DELETE FROM labels WHERE uid=? AND entry_id=?", (entry.uid, entry.entry_id))
    moment = sortable(entry.recorded_at)
    rows = ((entry.uid, label, moment, entry.entry_id) for label in entry.labels)
    db.executemany("INSERT OR IGNORE INTO labels VALUES (?, ?, ?, ?)", rows)


def _upgrade(db: sqlite3.Connection) -> None:
    """Give the entries of a journal that was kept before there were labels theirs."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version < 1:
        for (document,) in db.execute("SELECT document FROM entries").fetchall():
            _label(db, msgspec.json.decode(document, type=Entry))
        db.execute("PRAGMA user_version = 1")


def _encode_cursor(entry: Entry) -> str:
    position = f"{sortable(entry.recorded_at)}|{entry.entry_id}"
    return base64.urlsafe_b64encode(position.encode()).decode()


def _decode_cursor(cursor: str) -> tuple[str, str]:
    try:
        moment, _, entry_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        datetime.fromisoformat(moment)
    except ValueError as error:
        raise InvalidRequest("the cursor is not one this list gave out", code="invalid_cursor") from error
    return moment, entry_id
