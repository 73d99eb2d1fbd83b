"""Idempotent creation of entries: a request repeated with its key creates no second entry.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from functions.journal.journal import Journal
from functions.shared.domain.entries import Entry
from functions.shared.domain.records import Address, IdempotentRequest
from functions.shared.errors import Conflict, InvalidRequest
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate
from functions.shared.web.routing import Call

KEY_TTL = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,255}")

_NAME = "Idempotency-Key"
HEADER = {_NAME: "Identifies the request: sending it again within 24 hours creates no second entry."}


class KeyReused(InvalidRequest):
    """The idempotency key was used with a different request."""

    code = "idempotency_key_reused"
    status = 422


PROBLEMS = {"invalid_parameter": 400, KeyReused.code: KeyReused.status, "entry_deleted": 409}


def replay_headers(replayed: bool) -> dict[str, str]:
    """The header that marks a response to a repeated request."""
    return {"Idempotency-Replayed": "true"} if replayed else {}


class IdempotentCall(NamedTuple):
    """A call that creates an entry, repeated or not.

    Attributes:
        entry_id: the ID for the entry, the same for every repetition; None for a call without a key.
        replayed: whether the call was received before.
    """

    entry_id: str | None
    replayed: bool

    def find_created(self, journal: Journal, error: Conflict) -> Entry:
        """The entry that an earlier repetition created; re-raises `error` if it has another cause."""
        if self.entry_id is None or error.code != "entry_exists":
            raise error
        return journal.get(self.entry_id)


def register(records: RecordStore, call: Call[Any], *content: bytes) -> IdempotentCall:
    """Register a call by its idempotency key, if it has one.

    Args:
        content: what distinguishes the call from others.

    Raises:
        InvalidRequest: `invalid_parameter`, the key is malformed.
        KeyReused: the key was used with other content.
    """
    key = call.request.headers.get(_NAME)
    if key is None:
        return IdempotentCall(None, False)
    if not _KEY.fullmatch(key):
        raise InvalidRequest(
            "an Idempotency-Key must have 1 to 255 visible ASCII characters", code="invalid_parameter"
        )
    record_id = hashlib.sha256(key.strip('"').encode()).hexdigest()
    digest = hashlib.sha256(b"\0".join(content)).hexdigest()

    def remember(
        record: IdempotentRequest | None, now: datetime
    ) -> RecordUpdate[IdempotentRequest, IdempotentCall]:
        if record is None:
            record = IdempotentRequest(
                record_id=record_id,
                owner=call.uid,
                digest=digest,
                entry_id=uuid.uuid4().hex,
                expires_at=now + KEY_TTL,
            )
            return record, IdempotentCall(record.entry_id, False)
        if record.digest != digest:
            raise KeyReused("this Idempotency-Key was used with a different request")
        return UNCHANGED, IdempotentCall(record.entry_id, True)

    return records.transact(Address(IdempotentRequest, record_id, call.uid), remember)
