"""RecordStore on Firestore: one document per record, in the collection of its kind.

Besides the record's own fields a document has `write`, the last transaction. Firestore deletes expired
records by its TTL policy on `expires_at`, which may take a day, so they are ignored here until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec

from functions.shared.backends.gcp.documents import plain, to_utc
from functions.shared.backends.gcp.names import document_id
from functions.shared.backends.gcp.transactions import (
    CALL,
    PATIENCE_S,
    EnqueueWrites,
    Firestore,
    WriteMark,
    field_filter,
    put,
    unchanged,
)
from functions.shared.domain.records import KINDS, Address, R, Record
from functions.shared.ports import UNCHANGED, RecordChange

T = TypeVar("T")

_PAGE = 200
"""Records that `list_all` reads at once."""
_DELETE_BATCH = 400
"""Documents deleted in one commit; Firestore's limit is 500 writes."""


class FirestoreRecordStore:
    """Records in one or two Firestore databases; the clock is the server's.

    Args:
        access: the database of records with `shared_access`; None means the same one.
    """

    def __init__(
        self,
        project: str,
        database: str = "(default)",
        access: str | None = None,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._journal = Firestore(project, database, patience_s=patience_s)
        self._access = self._journal
        if access is not None and access != database:
            self._access = Firestore(project, access, patience_s=patience_s)

    def transact(self, address: Address[R], change: RecordChange[R, T]) -> T:
        def decide(snapshot: Any, now: datetime) -> tuple[EnqueueWrites | None, T]:
            changed, result = change(_record_of(snapshot, address.kind), now)
            if changed is UNCHANGED or (changed is None and not snapshot.exists):
                return None, result
            return _enqueue_record(changed), result

        return self._database_of(address.kind).transact(self._document(address), decide)

    def get(self, address: Address[R]) -> R | None:
        document = self._document(address)
        snapshot = self._database_of(address.kind).retry(lambda: document.get(**CALL))
        return _record_of(snapshot, address.kind)

    def list_owned(self, kind: type[R], owner: str, limit: int = 1000) -> list[R]:
        return self._query(kind, self._owned(kind, owner).limit(limit))

    def list_all(self, kind: type[R]) -> Iterator[R]:
        database = self._database_of(kind)
        page = query = database.client.collection(kind.collection).order_by("__name__").limit(_PAGE)
        while snapshots := database.retry(partial(page.get, **CALL)):
            records = (_record_of(snapshot, kind) for snapshot in snapshots)
            yield from (record for record in records if record is not None)
            page = query.start_after(snapshots[-1])

    def list_due(self, kind: type[R], limit: int) -> list[R]:
        database = self._database_of(kind)
        collection = database.client.collection_group if kind.nested else database.client.collection
        query = (
            collection(kind.collection)
            .where(filter=field_filter("wake_at", "<=", database.now()))
            .order_by("wake_at")
            .limit(limit)
        )
        return self._query(kind, query)

    def delete_all(self, owner: str) -> None:
        for kind in KINDS:
            while self._database_of(kind).retry(partial(self._delete_some, kind, owner)) == _DELETE_BATCH:
                pass

    def _delete_some(self, kind: type[Record], owner: str) -> int:
        snapshots = self._owned(kind, owner).select([]).limit(_DELETE_BATCH).get(**CALL)
        batch = self._database_of(kind).client.batch()
        for snapshot in snapshots:
            batch.delete(snapshot.reference)
        batch.commit(**CALL)
        return len(snapshots)

    def _query(self, kind: type[R], query: Any) -> list[R]:
        snapshots = self._database_of(kind).retry(lambda: query.get(**CALL))
        records = (_record_of(snapshot, kind) for snapshot in snapshots)
        return [record for record in records if record is not None]

    def _database_of(self, kind: type[Record]) -> Firestore:
        return self._access if kind.shared_access else self._journal

    def _document(self, address: Address[R]) -> Any:
        name = document_id(address.record_id)
        return self._collection(address.kind, address.scope).document(name)

    def _collection(self, kind: type[R], scope: str) -> Any:
        client = self._database_of(kind).client
        if not kind.nested:
            return client.collection(kind.collection)
        return client.collection("users", document_id(scope), kind.collection)

    def _owned(self, kind: type[R], owner: str) -> Any:
        return self._collection(kind, owner).where(filter=field_filter("owner", "==", owner))


def _enqueue_record(record: Any) -> EnqueueWrites:
    """Adds the write of a record to a batch; None deletes the document."""

    def enqueue(batch: Any, snapshot: Any, mark: WriteMark) -> None:
        if record is None:
            batch.delete(snapshot.reference, option=unchanged(snapshot))
            return
        fields = msgspec.to_builtins(record, builtin_types=(datetime,))
        put(batch, snapshot, {**fields, "write": mark})

    return enqueue


def _record_of(snapshot: Any, kind: type[R]) -> R | None:
    """The record, unless it does not exist or has expired."""
    if not snapshot.exists:
        return None
    record = msgspec.convert(plain(snapshot.to_dict()), kind)
    is_expired = record.expires_at is not None and record.expires_at <= to_utc(snapshot.read_time)
    return None if is_expired else record
