"""Translates the writes of one transaction on an entry to Firestore."""

from __future__ import annotations

from typing import Any

from functions.shared.backends.gcp.documents import Fields, fields_of, parts_of, piece_id
from functions.shared.backends.gcp.transactions import EnqueueWrites, WriteMark, put, unchanged
from functions.shared.domain.changes import Write
from functions.shared.domain.content import ChunkTranscript, Piece
from functions.shared.domain.entries import EntryKey


def enqueue_write(write: Write) -> EnqueueWrites:
    """Adds a write to a batch, given the snapshot of the entry that it follows from."""

    def enqueue(batch: Any, snapshot: Any, mark: WriteMark) -> None:
        content = _enqueue_content(batch, snapshot, write)
        _enqueue_entry(batch, snapshot, write, content, mark)

    return enqueue


def _enqueue_content(batch: Any, snapshot: Any, write: Write) -> set[str]:
    """Enqueue the changes to the pieces; returns the IDs of all content documents after the write."""
    stored = set(snapshot.get("content")) if snapshot.exists else set()
    revision = write.entry.revision if write.entry else 0
    pieces = write.pieces if write.entry else ()
    key = write.entry.key if write.entry else EntryKey("", "")
    parts = {name: part for piece in pieces for name, part in parts_of(piece, revision, key).items()}
    replaced = tuple(_prefix(piece, revision) for piece in pieces)
    kept = set() if write.delete_pieces else {name for name in stored if not name.startswith(replaced)}
    collection = snapshot.reference.collection("content")
    for name in stored - kept - parts.keys():
        batch.delete(collection.document(name))
    for name, part in parts.items():
        batch.set(collection.document(name), part)
    return kept | parts.keys()


def _prefix(piece: Piece, revision: int) -> str:
    return piece_id(revision, type(piece), piece.index if isinstance(piece, ChunkTranscript) else 0)


def _enqueue_entry(batch: Any, snapshot: Any, write: Write, content: set[str], mark: WriteMark) -> None:
    if write.entry is not None:
        put(batch, snapshot, fields_of(write.entry, content, mark))
    elif snapshot.exists:
        fields: Fields = {"content": sorted(content), "write": mark}
        batch.update(snapshot.reference, fields, option=unchanged(snapshot))
