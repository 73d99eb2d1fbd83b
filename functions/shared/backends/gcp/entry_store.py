"""EntryStore on Firestore: `users/{uid}/entries/{entry_id}`, and its pieces in `content` below it."""

from __future__ import annotations

import base64
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from functions.shared.backends.gcp.documents import (
    Fields,
    entry_of,
    fields_of,
    parts_of,
    piece_id,
    piece_of,
    vector_of,
)
from functions.shared.backends.gcp.names import document_id
from functions.shared.backends.gcp.transactions import (
    CALL,
    CALL_S,
    PATIENCE_S,
    Firestore,
    Mark,
    Queue,
    field_filter,
    put,
    unchanged,
)
from functions.shared.domain.changes import NO_CHANGE, Change, Write
from functions.shared.domain.content import ChunkTranscript, Piece
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.errors import InvalidRequest
from functions.shared.ports import ALL_ENTRIES, EntryFilter, EntryPage, PassageMatch

T = TypeVar("T")
P = TypeVar("P", bound=Piece)

_NEAREST = 1000
"""Firestore's most."""


class FirestoreEntryStore:
    """Entries in a Firestore database; the clock is the server's."""

    def __init__(self, project: str, database: str = "(default)", *, patience_s: float = PATIENCE_S) -> None:
        self._firestore = Firestore(project, database, patience_s=patience_s)

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        def decide(snapshot: Any, now: datetime) -> tuple[Queue | None, T]:
            standing: Fields | None = snapshot.to_dict()
            write, answer = change(None if standing is None else entry_of(standing), now)
            return (None if write == NO_CHANGE else _queue_of(write)), answer

        return self._firestore.transact(self._entry(key), decide)

    def get(self, key: EntryKey) -> Entry | None:
        snapshot = self._firestore.patiently(lambda: self._entry(key).get(**CALL))
        return entry_of(snapshot.to_dict()) if snapshot.exists else None

    def read(self, key: EntryKey, revision: int, kind: type[P], index: int = 0) -> P | None:
        content = self._entry(key).collection("content")
        prefix = piece_id(revision, kind, index)
        parts = (
            content.order_by("__name__")
            .start_at({"__name__": content.document(prefix)})
            .end_before({"__name__": content.document(prefix + "~")})
        )
        found = self._firestore.patiently(lambda: parts.get(**CALL))
        return piece_of([part.to_dict() for part in found], kind) if found else None

    def list_entries(
        self, uid: str, *, limit: int, cursor: str | None = None, where: EntryFilter = ALL_ENTRIES
    ) -> EntryPage:
        query = self._listed(uid, where)
        last = None if cursor is None else _decode_cursor(cursor)
        found: list[Entry] = []
        while len(found) <= limit:
            after = query if last is None else query.start_after(self._position(uid, last))
            some = self._get(after.limit(limit + 1))
            found += [entry for entry in some if set(where.labels) <= set(entry.labels)]
            if len(some) <= limit:
                break
            last = _place(some[-1])
        entries = tuple(found[:limit])
        return EntryPage(
            entries=entries, next_cursor=_encode_cursor(entries[-1]) if len(found) > limit else None
        )

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
                limit=min(limit, _NEAREST),
                distance_result_field="distance",
            )
        )
        found = self._firestore.patiently(lambda: query.get(**CALL))
        return [_match(snapshot.to_dict()) for snapshot in found]

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
                keys += [_key(found) for found in self._firestore.patiently(partial(query.get, **CALL))]
        return keys

    def count_awaiting_audio(self, uid: str, limit: int) -> int:
        query = (
            self._entries(uid)
            .where(filter=field_filter("deleted", "==", False))
            .where(filter=field_filter("status", "==", Status.AWAITING_AUDIO.value))
            .select([])
            .limit(limit)
        )
        return len(self._firestore.patiently(lambda: query.get(**CALL)))

    def list_keys(self, uid: str, limit: int) -> list[EntryKey]:
        query = self._entries(uid).select(["uid", "entry_id"]).limit(limit)
        found = self._firestore.patiently(lambda: query.get(**CALL))
        return [_key(snapshot) for snapshot in found]

    def purge(self, key: EntryKey) -> None:
        entry = self._entry(key)

        def at_once() -> None:
            batch = self._firestore.client.batch()
            for part in entry.collection("content").list_documents(timeout=CALL_S):
                batch.delete(part)
            batch.delete(entry)
            batch.commit(**CALL)

        self._firestore.patiently(at_once)

    def list_due(self, limit: int) -> list[EntryKey]:
        query = (
            self._firestore.client.collection_group("entries")
            .where(filter=field_filter("wake_at", "<=", self._firestore.now()))
            .order_by("wake_at")
            .select(["uid", "entry_id"])
            .limit(limit)
        )
        found = self._firestore.patiently(lambda: query.get(**CALL))
        return [_key(snapshot) for snapshot in found]

    def _listed(self, uid: str, where: EntryFilter) -> Any:
        """A query for what Firestore can find by itself: it looks up one label at most."""
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

    def _get(self, query: Any) -> list[Entry]:
        found = self._firestore.patiently(lambda: query.get(**CALL))
        return [entry_of(snapshot.to_dict()) for snapshot in found]

    def _position(self, uid: str, last: tuple[datetime, str]) -> Fields:
        recorded_at, name = last
        return {"recorded_at": recorded_at, "__name__": self._entries(uid).document(name)}

    def _entries(self, uid: str) -> Any:
        return self._firestore.client.collection("users", document_id(uid), "entries")

    def _entry(self, key: EntryKey) -> Any:
        return self._entries(key.uid).document(document_id(key.entry_id))


def _key(snapshot: Any) -> EntryKey:
    return EntryKey(snapshot.get("uid"), snapshot.get("entry_id"))


def _match(fields: Fields) -> PassageMatch:
    return PassageMatch(
        key=EntryKey(fields["uid"], fields["entry_id"]),
        revision=fields["revision"],
        first=fields["first"],
        last=fields["last"],
        similarity=1.0 - fields["distance"],
    )


def _queue_of(write: Write) -> Queue:
    def queue(batch: Any, snapshot: Any, mark: Mark) -> None:
        content = _queue_content(batch, snapshot, write)
        _queue_entry(batch, snapshot, write, content, mark)

    return queue


def _queue_content(batch: Any, snapshot: Any, write: Write) -> set[str]:
    """Queue the changes of the pieces; returns the ids of the documents that will hold any."""
    standing = set(snapshot.get("content")) if snapshot.exists else set()
    revision = write.entry.revision if write.entry else 0
    pieces = write.pieces if write.entry else ()
    key = write.entry.key if write.entry else EntryKey("", "")
    parts = {name: part for piece in pieces for name, part in parts_of(piece, revision, key).items()}
    replaced = tuple(_prefix(piece, revision) for piece in pieces)
    kept = set() if write.delete_pieces else {name for name in standing if not name.startswith(replaced)}
    collection = snapshot.reference.collection("content")
    for name in standing - kept - parts.keys():
        batch.delete(collection.document(name))
    for name, part in parts.items():
        batch.set(collection.document(name), part)
    return kept | parts.keys()


def _prefix(piece: Piece, revision: int) -> str:
    return piece_id(revision, type(piece), piece.index if isinstance(piece, ChunkTranscript) else 0)


def _queue_entry(batch: Any, snapshot: Any, write: Write, content: set[str], mark: Mark) -> None:
    if write.entry is not None:
        put(batch, snapshot, fields_of(write.entry, content, mark))
    elif snapshot.exists:
        fields: Fields = {"content": sorted(content), "write": mark}
        batch.update(snapshot.reference, fields, option=unchanged(snapshot))


def _place(entry: Entry) -> tuple[datetime, str]:
    return entry.recorded_at, document_id(entry.entry_id)


def _encode_cursor(last: Entry) -> str:
    recorded_at, name = _place(last)
    position = f"{recorded_at.isoformat()}|{name}"
    return base64.urlsafe_b64encode(position.encode()).decode()


def _decode_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        recorded_at, _, name = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        if not name or "/" in name:
            raise ValueError
        return datetime.fromisoformat(recorded_at), name
    except ValueError as error:
        raise InvalidRequest("the cursor is not one this list gave out", code="invalid_cursor") from error
