"""Entries and their pieces as Firestore documents.

An entry is a document of real fields, times as timestamps, so that Firestore can query and expire it.
Four fields are the store's own: `deleted` (what is not to be listed), `labels` (what lists are filtered by),
`content` (the ids of the documents that hold the pieces) and `write` (who wrote last). A piece is JSON in as
many documents as its size asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from functions.shared.entries import ChunkTranscript, Entry, Piece

P = TypeVar("P", bound=Piece)

PART_BYTES = 900_000
"""Of one document; Firestore's limit is 1 MiB with its names and overhead."""

Fields = dict[str, Any]


def fields_of(entry: Entry, content: Iterable[str], write: str) -> Fields:
    fields: Fields = msgspec.to_builtins(entry, builtin_types=(datetime,))
    own = {
        "deleted": not entry.listed,
        "labels": list(dict.fromkeys(entry.labels)),
        "content": sorted(content),
        "write": write,
    }
    return fields | own


def entry_of(fields: Fields) -> Entry:
    return msgspec.convert(plain(fields), Entry)


def moment(timestamp: datetime) -> datetime:
    """Google's datetime with nanoseconds as Python's own, which is all that msgspec takes."""
    return datetime.combine(timestamp.date(), timestamp.time(), UTC)


def piece_id(revision: int, kind: type, index: int) -> str:
    """What the ids of a piece's documents begin with."""
    return f"{revision}.{kind.__name__}.{index}."


def parts_of(piece: Piece, revision: int) -> Mapping[str, Fields]:
    """The documents a piece is stored in."""
    index = piece.index if isinstance(piece, ChunkTranscript) else 0
    prefix = piece_id(revision, type(piece), index)
    data = msgspec.json.encode(piece)
    return {
        f"{prefix}{number:03}": {"json": data[start : start + PART_BYTES]}
        for number, start in enumerate(range(0, len(data), PART_BYTES))
    }


def piece_of(parts: Sequence[Fields], kind: type[P]) -> P:
    """A piece from its documents in the order of their ids."""
    return msgspec.json.decode(b"".join(part["json"] for part in parts), type=kind)


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
