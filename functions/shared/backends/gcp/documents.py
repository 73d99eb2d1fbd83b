"""Entries and their pieces as Firestore documents.

An entry is a document of real fields, times as timestamps, so that Firestore can query and expire it.
Five fields are the store's own: `deleted` (what is not to be listed), `labels` (what lists are filtered by),
`embedded` (by which model it can be found), `content` (the ids of the documents that hold the pieces) and
`write` (who wrote last). A piece is JSON in as many documents as its size asks for, or a vector a document.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec

from functions.shared.domain.content import ChunkTranscript, Embedding, PassageVector, Piece
from functions.shared.domain.entries import Entry, EntryKey, Status

P = TypeVar("P", bound=Piece)

PART_BYTES = 900_000
"""Of one document; Firestore's limit is 1 MiB with its names and overhead."""

Fields = dict[str, Any]


def fields_of(entry: Entry, content: Iterable[str], write: str) -> Fields:
    fields: Fields = msgspec.to_builtins(entry, builtin_types=(datetime,))
    own = {
        "deleted": not entry.listed,
        "labels": list(dict.fromkeys(entry.labels)),
        "embedded": _embedded(entry),
        "content": sorted(content),
        "write": write,
    }
    return fields | own


def _embedded(entry: Entry) -> str | None:
    """By which model an entry with words can be found; empty: by none yet."""
    has_words = entry.listed and entry.status in {Status.READY, Status.PARTIAL}
    return (entry.embedding_model or "") if has_words else None


def entry_of(fields: Fields) -> Entry:
    return msgspec.convert(plain(fields), Entry)


def moment(timestamp: datetime) -> datetime:
    """Google's datetime with nanoseconds as Python's own, which is all that msgspec takes."""
    return datetime.combine(timestamp.date(), timestamp.time(), UTC)


def piece_id(revision: int, kind: type, index: int) -> str:
    """What the ids of a piece's documents begin with."""
    return f"{revision}.{kind.__name__}.{index}."


def parts_of(piece: Piece, revision: int, key: EntryKey) -> Mapping[str, Fields]:
    """The documents a piece is stored in: JSON in parts, or a vector each that Firestore can search."""
    index = piece.index if isinstance(piece, ChunkTranscript) else 0
    prefix = piece_id(revision, type(piece), index)
    if isinstance(piece, Embedding):
        return {
            f"{prefix}{number:03}": _vector_fields(piece.model, passage, key, revision)
            for number, passage in enumerate(piece.passages)
        }
    data = msgspec.json.encode(piece)
    return {
        f"{prefix}{number:03}": {"json": data[start : start + PART_BYTES]}
        for number, start in enumerate(range(0, len(data), PART_BYTES))
    }


def piece_of(parts: Sequence[Fields], kind: type[P]) -> P:
    """A piece from its documents in the order of their ids."""
    if kind is Embedding:
        passages = tuple(
            PassageVector(first=part["first"], last=part["last"], vector=vector_bytes(part["vector"]))
            for part in parts
        )
        return cast(P, Embedding(model=parts[0]["model"], passages=passages))
    return msgspec.json.decode(b"".join(part["json"] for part in parts), type=kind)


def vector_of(data: bytes) -> Any:
    """A vector as Firestore stores and compares it."""
    from google.cloud.firestore_v1.vector import Vector

    return Vector(list(struct.unpack(f"<{len(data) // 4}f", data)))


def vector_bytes(vector: Any) -> bytes:
    values = list(vector)
    return struct.pack(f"<{len(values)}f", *values)


def _vector_fields(model: str, passage: PassageVector, key: EntryKey, revision: int) -> Fields:
    return {
        "uid": key.uid,
        "entry_id": key.entry_id,
        "revision": revision,
        "model": model,
        "first": passage.first,
        "last": passage.last,
        "vector": vector_of(passage.vector),
    }


def plain(value: Any) -> Any:
    """What Firestore holds, in Python's own types."""
    match value:
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case datetime():
            return moment(value)
    return value
