"""EntryStore on SQLite in WAL mode: one file, safe to use from several threads and processes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from functions.shared.backends.local import entry_table
from functions.shared.backends.local.database import Database, sortable, system_clock
from functions.shared.backends.local.similarity import rank
from functions.shared.domain.changes import Change
from functions.shared.domain.content import Piece
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.errors import InvalidRequest
from functions.shared.ports import ALL_ENTRIES, EntryFilter, EntryPage, PassageMatch, PieceKey
from functions.shared.ports.entry_store import J

T = TypeVar("T")
P = TypeVar("P", bound=Piece)

_GET_MANY = """
SELECT document FROM json_each(?) AS wanted LEFT JOIN entries
  ON uid = json_extract(wanted.value, '$[0]') AND entry_id = json_extract(wanted.value, '$[1]')
ORDER BY wanted.key
"""
_READ_MANY = """
SELECT content FROM json_each(?) AS wanted LEFT JOIN pieces
  ON uid = json_extract(wanted.value, '$[0]') AND entry_id = json_extract(wanted.value, '$[1]')
  AND revision = json_extract(wanted.value, '$[2]') AND kind = ?
  AND position = json_extract(wanted.value, '$[3]')
ORDER BY wanted.key
"""
_LISTED = """
SELECT document FROM entries
WHERE uid=? AND deleted=0 AND (recorded_at, entry_id) < (?, ?) AND recorded_at >= ? AND recorded_at < ?
ORDER BY recorded_at DESC, entry_id DESC LIMIT ?
"""
_LABELED = """
SELECT document FROM labels AS first JOIN entries USING (uid, entry_id)
WHERE first.uid=? AND first.label=?
  AND (first.recorded_at, first.entry_id) < (?, ?) AND first.recorded_at >= ? AND first.recorded_at < ?
  AND (SELECT count(*) FROM labels AS other WHERE other.uid = first.uid AND other.entry_id = first.entry_id
       AND other.label IN (SELECT value FROM json_each(?))) = ?
ORDER BY first.recorded_at DESC, first.entry_id DESC LIMIT ?
"""
_EMBEDDINGS = "SELECT entry_id, revision, content FROM pieces WHERE uid=? AND kind='Embedding'"
_UNEMBEDDED = """
SELECT uid, entry_id FROM entries
WHERE deleted=0 AND json_extract(CAST(document AS TEXT), '$.status') IN ('ready', 'partial')
  AND json_extract(CAST(document AS TEXT), '$.embedding_model') IS NOT ? LIMIT ?
"""


class SqliteEntryStore:
    """Entries in `path`; `clock` is the store's clock."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = system_clock) -> None:
        self._db = Database(path, entry_table.SCHEMA)
        with self._db.transaction() as db:
            entry_table.upgrade(db)
        self._clock = clock

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        with self._db.transaction() as db:
            write, result = change(entry_table.load(db, key), self._clock())
            entry_table.apply(db, key, write)
        if write.delete_pieces:
            self._db.truncate_log()
        return result

    def get(self, key: EntryKey) -> Entry | None:
        with self._db.reading() as db:
            return entry_table.load(db, key)

    def read(self, key: EntryKey, revision: int, kind: type[P], index: int = 0) -> P | None:
        with self._db.reading() as db:
            row = db.execute(
                "SELECT content FROM pieces"
                " WHERE uid=? AND entry_id=? AND revision=? AND kind=? AND position=?",
                (key.uid, key.entry_id, revision, kind.__name__, index),
            ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def get_many(self, keys: Sequence[EntryKey]) -> list[Entry | None]:
        wanted = json.dumps([(key.uid, key.entry_id) for key in keys])
        with self._db.reading() as db:
            rows = db.execute(_GET_MANY, (wanted,)).fetchall()
        return [document and msgspec.json.decode(document, type=Entry) for (document,) in rows]

    def read_many(self, keys: Sequence[PieceKey], kind: type[J]) -> list[J | None]:
        wanted = json.dumps(
            [(piece.key.uid, piece.key.entry_id, piece.revision, piece.index) for piece in keys]
        )
        with self._db.reading() as db:
            rows = db.execute(_READ_MANY, (wanted, kind.__name__)).fetchall()
        return [content and msgspec.json.decode(content, type=kind) for (content,) in rows]

    def list_entries(
        self, uid: str, *, limit: int, cursor: str | None = None, where: EntryFilter = ALL_ENTRIES
    ) -> EntryPage:
        before = ("9999", "") if cursor is None else _decode_cursor(cursor)
        since = sortable(where.since) if where.since else ""
        until = sortable(where.until) if where.until else "9999"
        span = (*before, since, until)
        with self._db.reading() as db:
            if where.labels:
                labels = (json.dumps(where.labels), len(set(where.labels)))
                rows = db.execute(_LABELED, (uid, where.labels[0], *span, *labels, limit + 1)).fetchall()
            else:
                rows = db.execute(_LISTED, (uid, *span, limit + 1)).fetchall()
        entries = tuple(msgspec.json.decode(row[0], type=Entry) for row in rows[:limit])
        has_more = len(rows) > limit
        return EntryPage(entries=entries, next_cursor=_encode_cursor(entries[-1]) if has_more else None)

    def find_nearest(self, uid: str, model: str, vector: bytes, limit: int) -> list[PassageMatch]:
        with self._db.reading() as db:
            rows = db.execute(_EMBEDDINGS, (uid,)).fetchall()
        return rank(uid, rows, model, vector, limit)

    def list_unembedded(self, model: str, limit: int) -> list[EntryKey]:
        return self._keys(_UNEMBEDDED, (model, limit))

    def count_awaiting_audio(self, uid: str, limit: int) -> int:
        with self._db.reading() as db:
            rows = db.execute(
                "SELECT document FROM entries WHERE uid=? AND deleted=0 AND wake_at IS NOT NULL", (uid,)
            )
            entries = (msgspec.json.decode(row[0], type=Entry) for row in rows)
            awaiting = (entry for entry in entries if entry.status is Status.AWAITING_AUDIO)
            return sum(1 for _ in islice(awaiting, limit))

    def list_keys(self, uid: str, limit: int) -> list[EntryKey]:
        return self._keys("SELECT uid, entry_id FROM entries WHERE uid=? LIMIT ?", (uid, limit))

    def purge(self, key: EntryKey) -> None:
        with self._db.transaction() as db:
            entry_table.purge(db, key)
        self._db.truncate_log()

    def list_due(self, limit: int) -> list[EntryKey]:
        return self._keys(
            "SELECT uid, entry_id FROM entries WHERE wake_at <= ? ORDER BY wake_at LIMIT ?",
            (sortable(self._clock()), limit),
        )

    def list_waking(self) -> list[EntryKey]:
        """Every entry with a `wake_at`, however far in the future."""
        return self._keys("SELECT uid, entry_id FROM entries WHERE wake_at IS NOT NULL", ())

    def _keys(self, query: str, parameters: tuple[object, ...]) -> list[EntryKey]:
        with self._db.reading() as db:
            return [EntryKey(*row) for row in db.execute(query, parameters).fetchall()]


def _encode_cursor(entry: Entry) -> str:
    position = f"{sortable(entry.recorded_at)}|{entry.entry_id}"
    return base64.urlsafe_b64encode(position.encode()).decode()


def _decode_cursor(cursor: str) -> tuple[str, str]:
    try:
        recorded_at, _, entry_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        datetime.fromisoformat(recorded_at)
    except ValueError as error:
        raise InvalidRequest(
            "the cursor is not one that this list returned", code="invalid_cursor"
        ) from error
    return recorded_at, entry_id
