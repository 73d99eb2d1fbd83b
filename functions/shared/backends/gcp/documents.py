"""Translates entries and their pieces to and from Firestore documents.

An entry is a document with a field per attribute and timestamps for times, so that Firestore can query and
expire it. Five fields are the store's own: `deleted` (not listed), `labels` (for filtering lists), `embedded`
(the model by which search finds it), `content` (the IDs of the documents that hold its pieces) and `write`
(the last transaction). A piece is JSON, split into as many documents as its size needs; an embedding is one
document per vector.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec

from functions.shared.domain.content import ChunkTranscript, Embedding, PassageVector, Piece
from functions.shared.domain.effective import labels_of
from functions.shared.domain.entries import Entry, EntryKey, Status

P = TypeVar("P", bound=Piece)

PART_BYTES = 900_000
"""JSON per document; Firestore's limit is 1 MiB including names and overhead."""

Fields = dict[str, Any]


def fields_of(entry: Entry, content: Iterable[str], write: str) -> Fields:
    fields: Fields = msgspec.to_builtins(entry, builtin_types=(datetime,))
    store_fields = {
        "deleted": not entry.listed,
        "labels": list(dict.fromkeys(labels_of(entry))),
        "embedded": _embedded(entry),
        "content": sorted(content),
        "write": write,
    }
    return fields | store_fields


def _embedded(entry: Entry) -> str | None:
    """The model that embedded a finished entry, empty if none has; None for other entries."""
    is_finished = entry.listed and entry.status in {Status.READY, Status.PARTIAL}
    return (entry.embedding_model or "") if is_finished else None


def entry_of(fields: Fields) -> Entry:
    return msgspec.convert(plain(fields), Entry)


def to_utc(timestamp: datetime) -> datetime:
    """Convert Google's datetime with nanoseconds to Python's own class, the only one that msgspec accepts."""
    return datetime.combine(timestamp.date(), timestamp.time(), UTC)


def piece_id(revision: int, kind: type, index: int) -> str:
    """The prefix of the IDs of a piece's documents."""
    return f"{revision}.{kind.__name__}.{index}."


def part_id(prefix: str, number: int) -> str:
    """The ID of one document of a piece, which sorts by number."""
    return f"{prefix}{number:03}"


def is_full_part(fields: Fields) -> bool:
    """Whether another document of the same piece may follow this one."""
    return len(fields["json"]) >= PART_BYTES


def parts_of(piece: Piece, revision: int, key: EntryKey) -> Mapping[str, Fields]:
    """The documents of a piece by ID: parts of its JSON, or one document per vector."""
    index = piece.index if isinstance(piece, ChunkTranscript) else 0
    prefix = piece_id(revision, type(piece), index)
    if isinstance(piece, Embedding):
        return {
            part_id(prefix, number): _vector_fields(piece.model, passage, key, revision)
            for number, passage in enumerate(piece.passages)
        }
    data = msgspec.json.encode(piece)
    return {
        part_id(prefix, number): {"json": data[start : start + PART_BYTES]}
        for number, start in enumerate(range(0, len(data), PART_BYTES))
    }


def piece_of(parts: Sequence[Fields], kind: type[P]) -> P:
    """Assemble a piece from its documents in the order of their IDs."""
    if kind is Embedding:
        passages = tuple(
            PassageVector(first=part["first"], last=part["last"], vector=vector_bytes(part["vector"]))
            for part in parts
        )
        return cast(P, Embedding(model=parts[0]["model"], passages=passages))
    return msgspec.json.decode(b"".join(part["json"] for part in parts), type=kind)


def vector_of(data: bytes) -> Any:
    """A vector in Firestore's own type, which it can index."""
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
    """Convert Firestore's values to Python's own types."""
    match value:
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case datetime():
            return to_utc(value)
    return value
