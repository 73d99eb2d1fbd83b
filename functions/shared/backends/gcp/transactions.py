"""Optimistic transactions on one Firestore document: read, compute, and one commit on the condition that
it is still the one that was read. A process that dies in between leaves no lock behind.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from functions.shared.backends.gcp import errors
from functions.shared.backends.gcp.documents import moment
from functions.shared.backends.gcp.errors import Contended, explained, patiently

T = TypeVar("T")

CALL_S = 15.0
PATIENCE_S = 40.0
"""Until one call is given up, and until an operation with all its retries is."""
CALL: dict[str, Any] = {"retry": None, "timeout": CALL_S}

Mark = str
"""Left in the field `write` by whoever wrote last.

It tells, after a commit whose answer was lost, that the commit went through; and it makes any two
writes differ, so that none goes unnoticed.
"""
Queue = Callable[[Any, Any, Mark], None]
"""Queues writes in a batch, given the snapshot they follow from."""
Decide = Callable[[Any, datetime], tuple[Queue | None, T]]
"""Given a snapshot and the server's clock: what to write, if anything, and what to answer."""


class Firestore:
    """A database; connected when it is first used."""

    def __init__(self, project: str, database: str = "(default)", *, patience_s: float = PATIENCE_S) -> None:
        self._project = project
        self._database = database
        self._patience_s = patience_s
        self._resource = errors.database(database, project)

    @cached_property
    def client(self) -> Any:
        from google.cloud import firestore_v1

        with explained(self._resource):
            return firestore_v1.Client(project=self._project, database=self._database)

    def now(self) -> datetime:
        """The server's clock, by way of a document that need not exist."""
        nowhere = self.client.document("clock/now")
        return moment(self.patiently(lambda: nowhere.get(**CALL)).read_time)

    def patiently(self, call: Callable[[], T]) -> T:
        """Call until it works or the patience is over.

        Raises:
            ConfigurationError: something must be set up or granted first.
            TemporaryError: it may pass.
        """
        return patiently(call, self._resource, seconds=self._patience_s)

    def transact(self, document: Any, decide: Decide[T]) -> T:
        """Decide and commit, again and again until no other writer came between; raises as `patiently`."""
        return self.patiently(_Transaction(self.client, document, decide))


class _Transaction(Generic[T]):
    """One change of one document, called until it is committed."""

    def __init__(self, client: Any, document: Any, decide: Decide[T]) -> None:
        self._client = client
        self._document = document
        self._decide = decide
        self._mark = uuid.uuid4().hex
        self._answer: T

    def __call__(self) -> T:
        snapshot = self._document.get(**CALL)
        if snapshot.exists and snapshot.get("write") == self._mark:
            return self._answer
        queue, self._answer = self._decide(snapshot, moment(snapshot.read_time))
        if queue is not None:
            self._commit(snapshot, queue)
        return self._answer

    def _commit(self, snapshot: Any, queue: Queue) -> None:
        from google.api_core import exceptions as api

        batch = self._client.batch()
        queue(batch, snapshot, self._mark)
        try:
            batch.commit(**CALL)
        except (api.Aborted, api.AlreadyExists, api.FailedPrecondition, api.NotFound) as error:
            raise Contended from error


def unchanged(snapshot: Any) -> Any:
    """The condition that nobody has written since."""
    from google.cloud.firestore_v1 import LastUpdateOption

    return LastUpdateOption(snapshot.update_time)


def put(batch: Any, snapshot: Any, fields: dict[str, Any]) -> None:
    """The whole document, made or replaced."""
    from google.cloud.firestore_v1 import DELETE_FIELD

    if not snapshot.exists:
        batch.create(snapshot.reference, fields)
        return
    gone = dict.fromkeys(snapshot.to_dict(), DELETE_FIELD)
    batch.update(snapshot.reference, gone | fields, option=unchanged(snapshot))


def field_filter(field: str, operator: str, value: object) -> Any:
    from google.cloud.firestore_v1 import FieldFilter

    return FieldFilter(field, operator, value)
