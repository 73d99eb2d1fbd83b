"""EntryStore on Firestore: `users/{uid}/entries/{entry_id}`, and the pieces in `content` below it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from functions.shared.backends.gcp.documents import (
    Fields,
    entry_of,
    is_full_part,
    part_id,
    piece_id,
    piece_of,
    vector_of,
)
from functions.shared.backends.gcp.entry_writes import enqueue_write
from functions.shared.backends.gcp.names import document_id
from functions.shared.backends.gcp.transactions import (
    CALL,
    CALL_S,
    PATIENCE_S,
    EnqueueWrites,
    Firestore,
    field_filter,
)
from functions.shared.domain.changes import NO_CHANGE, Change
from functions.shared.domain.content import Piece
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.errors import InvalidRequest
from functions.shared.ports import ALL_ENTRIES, EntryFilter, EntryPage, PassageMatch, PieceKey
from functions.shared.ports.entry_store import J

T = TypeVar("T")
P = TypeVar("P", bound=Piece)

MAX_NEAREST = 1000
"""Firestore's limit on the results of a vector search."""


class FirestoreEntryStore:
    """Entries in a Firestore database; the clock is the server's."""

    def __init__(self, project: str, database: str = "(default)", *, patience_s: float = PATIENCE_S) -> None:
        self._firestore = Firestore(project, database, patience_s=patience_s)

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        def decide(snapshot: Any, now: datetime) -> tuple[EnqueueWrites | None, T]:
            fields: Fields | None = snapshot.to_dict()
            write, result = change(None if fields is None else entry_of(fields), now)
            return (None if write == NO_CHANGE else enqueue_write(write)), result

        return self._firestore.transact(self._entry(key), decide)

    def get(self, key: EntryKey) -> Entry | None:
        snapshot = self._firestore.retry(lambda: self._entry(key).get(**CALL))
        return entry_of(snapshot.to_dict()) if snapshot.exists else None

    def read(self, key: EntryKey, revision: int, kind: type[P], index: int = 0) -> P | None:
        content = self._entry(key).collection("content")
        prefix = piece_id(revision, kind, index)
        query = (
            content.order_by("__name__")
            .start_at({"__name__": content.document(prefix)})
            .end_before({"__name__": content.document(prefix + "~")})
        )
        parts = [snapshot.to_dict() for snapshot in self._query(query)]
        return piece_of(parts, kind) if parts else None

    def get_many(self, keys: Sequence[EntryKey]) -> list[Entry | None]:
        documents = self._firestore.get_all([self._entry(key) for key in keys])
        return [None if fields is None else entry_of(fields) for fields in documents]

    def read_many(self, keys: Sequence[PieceKey], kind: type[J]) -> list[J | None]:
        parts: list[list[Fields]] = [[] for _ in keys]
        unfinished = list(range(len(keys)))
        number = 0
        while unfinished:
            references = [self._part(keys[at], kind, number) for at in unfinished]
            documents = self._firestore.get_all(references)
            for at, fields in zip(unfinished, documents, strict=True):
                parts[at] += [] if fields is None else [fields]
            unfinished = [
                at
                for at, fields in zip(unfinished, documents, strict=True)
                if fields is not None and is_full_part(fields)
            ]
            number += 1
        return [piece_of(of_piece, kind) if of_piece else None for of_piece in parts]

    def list_entries(
        self, uid: str, *, limit: int, cursor: str | None = None, where: EntryFilter = ALL_ENTRIES
    ) -> EntryPage:
        query = self._listed(uid, where)
        position = None if cursor is None else _decode_cursor(cursor)
        matching: list[Entry] = []
        while len(matching) <= limit:
            rest = query if position is None else query.start_after(self._start_fields(uid, position))
            batch = [entry_of(snapshot.to_dict()) for snapshot in self._query(rest.limit(limit + 1))]
            matching += [entry for entry in batch if where.matches(entry)]
            if len(batch) <= limit:
                break
            position = _position(batch[-1])
        entries = tuple(matching[:limit])
        has_more = len(matching) > limit
        return EntryPage(entries=entries, next_cursor=_encode_cursor(entries[-1]) if has_more else None)

    def find_nearest(self, uid: str, model: str, vector: bytes, limit: int) -> list[PassageMatch]:
        from google.cloud.firestore_v1.base_vector_query import DistanceMeasure

        query = (
            self._firestore.client.collection_group("content")
            .where(filter=field_filter("uid", "==", uid))
            .where(filter=field_filter("model", "==", model))
            .find_nearest(
                vector_field="vector",
                query_vector=vector_of(vector),
                distance_measure=DistanceMeasure.COSINE,
                limit=min(limit, MAX_NEAREST),
                distance_result_field="distance",
            )
        )
        return [_match(snapshot.to_dict()) for snapshot in self._query(query)]

    def list_unembedded(self, model: str, limit: int) -> list[EntryKey]:
        keys: list[EntryKey] = []
        for operator in ("<", ">"):
            query = (
                self._firestore.client.collection_group("entries")
                .where(filter=field_filter("embedded", operator, model))
                .order_by("embedded")
                .select(["uid", "entry_id"])
                .limit(limit - len(keys))
            )
            if len(keys) < limit:
                keys += self._query_keys(query)
        return keys

    def count_awaiting_audio(self, uid: str, limit: int) -> int:
        query = (
            self._entries(uid)
            .where(filter=field_filter("deleted", "==", False))
            .where(filter=field_filter("status", "==", Status.AWAITING_AUDIO.value))
            .select([])
            .limit(limit)
        )
        return len(self._query(query))

    def list_keys(self, uid: str, limit: int) -> list[EntryKey]:
        return self._query_keys(self._entries(uid).select(["uid", "entry_id"]).limit(limit))

    def purge(self, key: EntryKey) -> None:
        entry = self._entry(key)

        def delete_all() -> None:
            batch = self._firestore.client.batch()
            for part in entry.collection("content").list_documents(timeout=CALL_S):
                batch.delete(part)
            batch.delete(entry)
            batch.commit(**CALL)

        self._firestore.retry(delete_all)

    def list_due(self, limit: int) -> list[EntryKey]:
        query = (
            self._firestore.client.collection_group("entries")
            .where(filter=field_filter("wake_at", "<=", self._firestore.now()))
            .order_by("wake_at")
            .select(["uid", "entry_id"])
            .limit(limit)
        )
        return self._query_keys(query)

    def _listed(self, uid: str, where: EntryFilter) -> Any:
        """A query for listed entries. Firestore can look up only one label; `where` must check the others."""
        query = self._entries(uid).where(filter=field_filter("deleted", "==", False))
        if where.labels:
            query = query.where(filter=field_filter("labels", "array_contains", where.labels[0]))
        if where.since is not None:
            query = query.where(filter=field_filter("recorded_at", ">=", where.since))
        if where.until is not None:
            query = query.where(filter=field_filter("recorded_at", "<", where.until))
        return query.order_by("recorded_at", direction="DESCENDING").order_by(
            "__name__", direction="DESCENDING"
        )

    def _query(self, query: Any) -> list[Any]:
        return list(self._firestore.retry(partial(query.get, **CALL)))

    def _query_keys(self, query: Any) -> list[EntryKey]:
        return [EntryKey(snapshot.get("uid"), snapshot.get("entry_id")) for snapshot in self._query(query)]

    def _start_fields(self, uid: str, position: tuple[datetime, str]) -> Fields:
        recorded_at, name = position
        return {"recorded_at": recorded_at, "__name__": self._entries(uid).document(name)}

    def _entries(self, uid: str) -> Any:
        return self._firestore.client.collection("users", document_id(uid), "entries")

    def _entry(self, key: EntryKey) -> Any:
        return self._entries(key.uid).document(document_id(key.entry_id))

    def _part(self, piece: PieceKey, kind: type[J], number: int) -> Any:
        name = part_id(piece_id(piece.revision, kind, piece.index), number)
        return self._entry(piece.key).collection("content").document(name)


def _match(fields: Fields) -> PassageMatch:
    return PassageMatch(
        key=EntryKey(fields["uid"], fields["entry_id"]),
        revision=fields["revision"],
        first=fields["first"],
        last=fields["last"],
        similarity=1.0 - fields["distance"],
    )


def _position(entry: Entry) -> tuple[datetime, str]:
    return entry.recorded_at, document_id(entry.entry_id)


def _encode_cursor(last: Entry) -> str:
    recorded_at, name = _position(last)
    return base64.urlsafe_b64encode(f"{recorded_at.isoformat()}|{name}".encode()).decode()


def _decode_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        recorded_at, _, name = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        if not name or "/" in name:
            raise ValueError
        return datetime.fromisoformat(recorded_at), name
    except ValueError as error:
        raise InvalidRequest(
            "the cursor is not one that this list returned", code="invalid_cursor"
        ) from error
