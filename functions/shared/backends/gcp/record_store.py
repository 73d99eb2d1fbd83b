"""RecordStore on Firestore: a document each, in the collection its kind names.

Besides its own fields a document has `write`, who wrote last. Expiry is Firestore's own (a TTL policy on
`expires_at`), which may take a day, so what has expired is passed over here.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec

from functions.shared.backends.gcp.documents import moment, plain
from functions.shared.backends.gcp.names import document_id
from functions.shared.backends.gcp.transactions import (
    CALL,
    PATIENCE_S,
    Firestore,
    Mark,
    Queue,
    field_filter,
    put,
    unchanged,
)
from functions.shared.domain.records import KINDS, Address, R, Record
from functions.shared.ports import UNCHANGED, RecordChange

T = TypeVar("T")

_BATCH = 400
"""Deleted at once; Firestore takes 500."""


class FirestoreRecordStore:
    """Records in a Firestore database, or in two; the clock is the servers'.

    Args:
        access: the database of what every service's door needs (`Record.door`); the same one if None.
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
        self._door = self._journal
        if access is not None and access != database:
            self._door = Firestore(project, access, patience_s=patience_s)

    def transact(self, address: Address[R], change: RecordChange[R, T]) -> T:
        def decide(snapshot: Any, now: datetime) -> tuple[Queue | None, T]:
            changed, answer = change(_standing(snapshot, address.kind), now)
            if changed is UNCHANGED or (changed is None and not snapshot.exists):
                return None, answer
            return _queue_of(changed), answer

        return self._of(address.kind).transact(self._document(address), decide)

    def get(self, address: Address[R]) -> R | None:
        document = self._document(address)
        found = self._of(address.kind).patiently(lambda: document.get(**CALL))
        return _standing(found, address.kind)

    def list_owned(self, kind: type[R], owner: str, limit: int = 1000) -> list[R]:
        query = self._owned(kind, owner).limit(limit)
        return _all_standing(self._of(kind).patiently(lambda: query.get(**CALL)), kind)

    def list_due(self, kind: type[R], limit: int) -> list[R]:
        firestore = self._of(kind)
        client = firestore.client
        everywhere = client.collection_group if kind.nested else client.collection
        query = (
            everywhere(kind.collection)
            .where(filter=field_filter("wake_at", "<=", firestore.now()))
            .order_by("wake_at")
            .limit(limit)
        )
        return _all_standing(self._of(kind).patiently(lambda: query.get(**CALL)), kind)

    def delete_all(self, owner: str) -> None:
        for kind in KINDS:
            while self._of(kind).patiently(partial(self._forget_some, kind, owner)) == _BATCH:
                pass

    def _forget_some(self, kind: type[Record], owner: str) -> int:
        found = self._owned(kind, owner).select([]).limit(_BATCH).get(**CALL)
        batch = self._of(kind).client.batch()
        for snapshot in found:
            batch.delete(snapshot.reference)
        batch.commit(**CALL)
        return len(found)

    def _of(self, kind: type[Record]) -> Firestore:
        return self._door if kind.door else self._journal

    def _document(self, address: Address[R]) -> Any:
        name = document_id(address.record_id)
        return self._collection(address.kind, address.scope).document(name)

    def _collection(self, kind: type[R], scope: str) -> Any:
        client = self._of(kind).client
        if not kind.nested:
            return client.collection(kind.collection)
        return client.collection("users", document_id(scope), kind.collection)

    def _owned(self, kind: type[R], owner: str) -> Any:
        return self._collection(kind, owner).where(filter=field_filter("owner", "==", owner))


def _queue_of(changed: Any) -> Queue:
    def queue(batch: Any, snapshot: Any, mark: Mark) -> None:
        if changed is None:
            batch.delete(snapshot.reference, option=unchanged(snapshot))
            return
        fields = msgspec.to_builtins(changed, builtin_types=(datetime,))
        put(batch, snapshot, {**fields, "write": mark})

    return queue


def _standing(snapshot: Any, kind: type[R]) -> R | None:
    if not snapshot.exists:
        return None
    record = msgspec.convert(plain(snapshot.to_dict()), kind)
    gone = record.expires_at is not None and record.expires_at <= moment(snapshot.read_time)
    return None if gone else record


def _all_standing(snapshots: Any, kind: type[R]) -> list[R]:
    found = (_standing(snapshot, kind) for snapshot in snapshots)
    return [record for record in found if record is not None]
