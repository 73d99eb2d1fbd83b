"""EntryStore on Firestore: `users/{uid}/entries/{entry_id}`, and its pieces in `content` below it.

A transaction here is optimistic: read, compute, and commit everything at once on the condition that the
entry's document is still the one that was read. A process that dies in between leaves no lock behind.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from functions.shared.entries import Entry, EntryKey, Piece
from functions.shared.errors import InvalidRequest
from functions.shared.gcp import errors
from functions.shared.gcp.documents import Fields, entry_of, fields_of, moment, parts_of, piece_id, piece_of
from functions.shared.gcp.errors import Contended, explained, patiently
from functions.shared.gcp.names import document_id
from functions.shared.ports import NOTHING, Change, Page, Write

T = TypeVar("T")
P = TypeVar("P", bound=Piece)

CALL_S = 15.0
PATIENCE_S = 40.0
"""Until one call is given up, and until an operation with all its retries is."""
_CALL = {"retry": None, "timeout": CALL_S}


class FirestoreEntryStore:
    """Entries in a Firestore database; the clock is the server's."""

    def __init__(self, project: str, database: str = "(default)", *, patience_s: float = PATIENCE_S) -> None:
        self._project = project
        self._database = database
        self._patience_s = patience_s
        self._resource = errors.database(database, project)

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        return self._patiently(_Transaction(self._client, self._entry(key), change))

    def get(self, key: EntryKey) -> Entry | None:
        snapshot = self._patiently(lambda: self._entry(key).get(**_CALL))
        return entry_of(snapshot.to_dict()) if snapshot.exists else None

    def read(self, key: EntryKey, revision: int, kind: type[P], index: int = 0) -> P | None:
        content = self._entry(key).collection("content")
        prefix = piece_id(revision, kind, index)
        parts = (
            content.order_by("__name__")
            .start_at({"__name__": content.document(prefix)})
            .end_before({"__name__": content.document(prefix + "~")})
        )
        found = self._patiently(lambda: parts.get(**_CALL))
        return piece_of([part.to_dict() for part in found], kind) if found else None

    def page(self, uid: str, *, limit: int, cursor: str | None = None) -> Page:
        query = (
            self._entries(uid)
            .where(filter=_filter("deleted", "==", False))
            .order_by("recorded_at", direction="DESCENDING")
            .order_by("__name__", direction="DESCENDING")
            .limit(limit + 1)
        )
        if cursor is not None:
            recorded_at, name = _decode_cursor(cursor)
            query = query.start_after(
                {"recorded_at": recorded_at, "__name__": self._entries(uid).document(name)}
            )
        found = self._patiently(lambda: query.get(**_CALL))
        entries = tuple(entry_of(snapshot.to_dict()) for snapshot in found[:limit])
        return Page(entries=entries, next_cursor=_encode_cursor(entries[-1]) if len(found) > limit else None)

    def due(self, limit: int) -> list[EntryKey]:
        query = (
            self._client.collection_group("entries")
            .where(filter=_filter("wake_at", "<=", self._now()))
            .order_by("wake_at")
            .select(["uid", "entry_id"])
            .limit(limit)
        )
        found = self._patiently(lambda: query.get(**_CALL))
        return [EntryKey(snapshot.get("uid"), snapshot.get("entry_id")) for snapshot in found]

    def _now(self) -> datetime:
        """The server's clock, by way of a document that need not exist."""
        nowhere = self._client.document("clock/now")
        return moment(self._patiently(lambda: nowhere.get(**_CALL)).read_time)

    @cached_property
    def _client(self) -> Any:
        from google.cloud import firestore_v1

        with explained(self._resource):
            return firestore_v1.Client(project=self._project, database=self._database)

    def _entries(self, uid: str) -> Any:
        return self._client.collection("users", document_id(uid), "entries")

    def _entry(self, key: EntryKey) -> Any:
        return self._entries(key.uid).document(document_id(key.entry_id))

    def _patiently(self, call: Callable[[], T]) -> T:
        return patiently(call, self._resource, seconds=self._patience_s)


class _Transaction(Generic[T]):
    """One change of one entry, called until it is committed.

    Every write leaves its transaction's own mark. It tells, after a commit whose answer was lost,
    that the commit went through; and it makes any two writes differ, so that none goes unnoticed.
    """

    def __init__(self, client: Any, entry: Any, change: Change[T]) -> None:
        self._client = client
        self._entry = entry
        self._change = change
        self._mark = uuid.uuid4().hex
        self._answer: T

    def __call__(self) -> T:
        snapshot = self._entry.get(**_CALL)
        standing: Fields | None = snapshot.to_dict()
        if standing is not None and standing["write"] == self._mark:
            return self._answer
        entry = None if standing is None else entry_of(standing)
        write, self._answer = self._change(entry, moment(snapshot.read_time))
        if write != NOTHING:
            self._commit(snapshot, write)
        return self._answer

    def _commit(self, snapshot: Any, write: Write) -> None:
        from google.api_core import exceptions as api

        batch = self._client.batch()
        content = self._write_content(batch, snapshot, write)
        self._write_entry(batch, snapshot, write, content)
        try:
            batch.commit(**_CALL)
        except (api.Aborted, api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Contended from error

    def _write_content(self, batch: Any, snapshot: Any, write: Write) -> set[str]:
        """Queue the changes of the pieces; returns the ids of the documents that will hold any."""
        standing = set(snapshot.get("content")) if snapshot.exists else set()
        revision = write.entry.revision if write.entry else 0
        pieces = write.pieces if write.entry else ()
        parts = {name: part for piece in pieces for name, part in parts_of(piece, revision).items()}
        replaced = tuple({name.rpartition(".")[0] + "." for name in parts})
        kept = set() if write.forget else {name for name in standing if not name.startswith(replaced)}
        collection = self._entry.collection("content")
        for name in standing - kept - parts.keys():
            batch.delete(collection.document(name))
        for name, part in parts.items():
            batch.set(collection.document(name), part)
        return kept | parts.keys()

    def _write_entry(self, batch: Any, snapshot: Any, write: Write, content: set[str]) -> None:
        from google.cloud.firestore_v1 import DELETE_FIELD

        if not snapshot.exists:
            if write.entry is not None:
                batch.create(self._entry, fields_of(write.entry, content, self._mark))
            return
        unchanged = self._client.write_option(last_update_time=snapshot.update_time)
        if write.entry is None:
            fields: Fields = {"content": sorted(content), "write": self._mark}
        else:
            gone = dict.fromkeys(snapshot.to_dict(), DELETE_FIELD)
            fields = gone | fields_of(write.entry, content, self._mark)
        batch.update(self._entry, fields, option=unchanged)


def _filter(field: str, operator: str, value: object) -> Any:
    from google.cloud.firestore_v1 import FieldFilter

    return FieldFilter(field, operator, value)


def _encode_cursor(last: Entry) -> str:
    position = f"{last.recorded_at.isoformat()}|{document_id(last.entry_id)}"
    return base64.urlsafe_b64encode(position.encode()).decode()


def _decode_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        recorded_at, _, name = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        if not name or "/" in name:
            raise ValueError
        return datetime.fromisoformat(recorded_at), name
    except ValueError as error:
        raise InvalidRequest("the cursor is not one this list gave out", code="invalid_cursor") from error
