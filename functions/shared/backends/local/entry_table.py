"""The tables of entries and their pieces in SQLite, and how a transaction writes them."""

from __future__ import annotations

import sqlite3

import msgspec

from functions.shared.backends.local.database import sortable
from functions.shared.domain.changes import Write
from functions.shared.domain.content import ChunkTranscript
from functions.shared.domain.effective import labels_of
from functions.shared.domain.entries import Entry, EntryKey

SCHEMA = """
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

_FORGET_EMBEDDINGS_OF_OTHER_LANGUAGES = """
UPDATE entries SET document = CAST(json_remove(CAST(document AS TEXT), '$.embedding_model') AS BLOB)
WHERE json_extract(CAST(document AS TEXT), '$.empty_reason') = 'unsupported_language'
"""


def load(db: sqlite3.Connection, key: EntryKey) -> Entry | None:
    row = db.execute(
        "SELECT document FROM entries WHERE uid=? AND entry_id=?", (key.uid, key.entry_id)
    ).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Entry)


def apply(db: sqlite3.Connection, key: EntryKey, write: Write) -> None:
    """Write one transaction's changes."""
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
    _replace_labels(db, entry)
    for piece in write.pieces:
        position = piece.index if isinstance(piece, ChunkTranscript) else 0
        place = (key.uid, key.entry_id, entry.revision, type(piece).__name__, position)
        db.execute(
            "INSERT OR REPLACE INTO pieces VALUES (?, ?, ?, ?, ?, ?)", (*place, msgspec.json.encode(piece))
        )


def purge(db: sqlite3.Connection, key: EntryKey) -> None:
    """Delete every row of an entry."""
    for statement in (
        "DELETE FROM pieces WHERE uid=? AND entry_id=?",
        "DELETE FROM labels WHERE uid=? AND entry_id=?",
        "DELETE FROM entries WHERE uid=? AND entry_id=?",
    ):
        db.execute(statement, (key.uid, key.entry_id))


def upgrade(db: sqlite3.Connection) -> None:
    """Fill the labels table of a journal from before the table existed, or before labels were corrected.

    Entries in other languages from before search knew their words are to be embedded again.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version < 2:
        for (document,) in db.execute("SELECT document FROM entries").fetchall():
            _replace_labels(db, msgspec.json.decode(document, type=Entry))
    if version < 3:
        db.execute(_FORGET_EMBEDDINGS_OF_OTHER_LANGUAGES)
        db.execute("PRAGMA user_version = 3")


def _replace_labels(db: sqlite3.Connection, entry: Entry) -> None:
    db.execute("DELETE FROM labels WHERE uid=? AND entry_id=?", (entry.uid, entry.entry_id))
    recorded_at = sortable(entry.recorded_at)
    rows = ((entry.uid, label, recorded_at, entry.entry_id) for label in labels_of(entry))
    db.executemany("INSERT OR IGNORE INTO labels VALUES (?, ?, ?, ?)", rows)
