"""Optimistic transactions on one Firestore document: read, compute, then commit if it has not changed since.

Unlike with Firestore's own transactions, a process that dies in between leaves no lock behind.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

from functions.shared.backends.gcp import errors
from functions.shared.backends.gcp.documents import Fields, to_utc
from functions.shared.backends.gcp.errors import Contended, retry, translated

T = TypeVar("T")

CALL_S = 15.0
"""Timeout of one call."""
PATIENCE_S = 40.0
"""How long an operation is retried."""
CALL: dict[str, Any] = {"retry": None, "timeout": CALL_S}
MAX_GET = 300
"""Documents requested in one call."""

WriteMark = str
"""The value of the field `write`, unique to each transaction.

After a commit whose response was lost, it shows that the commit succeeded. It also makes any two writes
differ, so that none goes unnoticed.
"""
EnqueueWrites = Callable[[Any, Any, WriteMark], None]
"""Adds writes to a batch, given the snapshot that they follow from."""
Decide = Callable[[Any, datetime], tuple[EnqueueWrites | None, T]]
"""Computes the writes (None: nothing) and the transaction's result from a snapshot and the server's clock."""


class Firestore:
    """A database, connected when first used."""

    def __init__(self, project: str, database: str = "(default)", *, patience_s: float = PATIENCE_S) -> None:
        self._project = project
        self._database = database
        self._patience_s = patience_s
        self._resource = errors.database(database, project)

    @cached_property
    def client(self) -> Any:
        from google.cloud import firestore_v1

        with translated(self._resource):
            return firestore_v1.Client(project=self._project, database=self._database)

    def now(self) -> datetime:
        """The server's clock, read from the response for a document that need not exist."""
        document = self.client.document("clock/now")
        return to_utc(self.retry(lambda: document.get(**CALL)).read_time)

    def get_all(self, references: Sequence[Any]) -> list[Fields | None]:
        """The fields of each document, or None if it does not exist, in the order of the references."""
        fields: dict[str, Fields | None] = {}
        distinct = list({reference.path: reference for reference in references}.values())
        for start in range(0, len(distinct), MAX_GET):
            get = partial(self._get, distinct[start : start + MAX_GET])
            fields |= {snapshot.reference.path: snapshot.to_dict() for snapshot in self.retry(get)}
        return [fields[reference.path] for reference in references]

    def _get(self, references: Sequence[Any]) -> list[Any]:
        return list(self.client.get_all(references, **CALL))

    def retry(self, call: Callable[[], T]) -> T:
        """Call until it succeeds, while its errors are temporary and `patience_s` is not over.

        Raises:
            ConfigurationError: something must be set up or granted first.
            TemporaryError: the errors persisted.
        """
        return retry(call, self._resource, seconds=self._patience_s)

    def transact(self, document: Any, decide: Decide[T]) -> T:
        """Decide and commit; start over if another writer commits first. Raises as `retry` does."""
        return self.retry(_Transaction(self.client, document, decide))


class _Transaction(Generic[T]):
    """One change of one document; called until it is committed."""

    def __init__(self, client: Any, document: Any, decide: Decide[T]) -> None:
        self._client = client
        self._document = document
        self._decide = decide
        self._mark = uuid.uuid4().hex
        self._result: T

    def __call__(self) -> T:
        snapshot = self._document.get(**CALL)
        if snapshot.exists and snapshot.get("write") == self._mark:
            return self._result
        enqueue, self._result = self._decide(snapshot, to_utc(snapshot.read_time))
        if enqueue is not None:
            self._commit(snapshot, enqueue)
        return self._result

    def _commit(self, snapshot: Any, enqueue: EnqueueWrites) -> None:
        from google.api_core import exceptions as api

        batch = self._client.batch()
        enqueue(batch, snapshot, self._mark)
        try:
            batch.commit(**CALL)
        except (api.Aborted, api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Contended from error


def unchanged(snapshot: Any) -> Any:
    """The precondition that the document has not changed since the snapshot."""
    from google.cloud.firestore_v1 import LastUpdateOption

    return LastUpdateOption(snapshot.update_time)


def put(batch: Any, snapshot: Any, fields: Fields) -> None:
    """Create the document, or replace all of its fields."""
    from google.cloud.firestore_v1 import DELETE_FIELD

    if not snapshot.exists:
        batch.create(snapshot.reference, fields)
        return
    removed = dict.fromkeys(snapshot.to_dict(), DELETE_FIELD)
    batch.update(snapshot.reference, removed | fields, option=unchanged(snapshot))


def field_filter(field: str, operator: str, value: object) -> Any:
    from google.cloud.firestore_v1 import FieldFilter

    return FieldFilter(field, operator, value)
