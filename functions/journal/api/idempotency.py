"""Idempotency keys: a request that is sent again creates no second entry.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from functions.journal.journal import Journal
from functions.shared.domain.entries import Entry
from functions.shared.domain.records import Address, IdempotentRequest
from functions.shared.errors import Conflict, InvalidRequest
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate
from functions.shared.web.routing import Call

KEY_TTL = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,255}")

CreateEntry = Callable[[str | None], Entry]
"""Creates an entry, with the given id if there is one."""
ExecuteOnce = Callable[[CreateEntry], tuple[Entry, bool]]
"""Creates an entry, or finds the one that an earlier request created; True if so."""

_NAME = "Idempotency-Key"
HEADER = {_NAME: "Identifies the request: sending it again within 24 hours creates no second entry."}


class KeyReused(InvalidRequest):
    """The idempotency key was used with a different request."""

    code = "idempotency_key_reused"
    status = 422


PROBLEMS = {"invalid_parameter": 400, KeyReused.code: KeyReused.status, "entry_deleted": 409}


def replay_headers(replayed: bool) -> dict[str, str]:
    """The header that tells a client that an earlier request created the entry."""
    return {"Idempotency-Replayed": "true"} if replayed else {}


def execute_once(records: RecordStore, journal: Journal, call: Call[Any], *content: bytes) -> ExecuteOnce:
    """Makes the creation of an entry idempotent, if the call has an idempotency key.

    Args:
        content: what distinguishes this request from others.

    Raises:
        InvalidRequest: `invalid_parameter`, the key is malformed.
        KeyReused: the key was used with different content.
    """
    key = call.request.headers.get(_NAME)
    if key is None:
        return lambda create: (create(None), False)
    entry_id, replayed = _accepted(records, call.uid, key, hashlib.sha256(b"\0".join(content)).hexdigest())

    def create_once(create: CreateEntry) -> tuple[Entry, bool]:
        try:
            return create(entry_id), replayed
        except Conflict as error:
            if error.code != "entry_exists":
                raise
            return journal.get(entry_id), True

    return create_once


def _accepted(records: RecordStore, uid: str, key: str, digest: str) -> tuple[str, bool]:
    """The id of the entry that the request with this key creates; True if the key was used before."""
    if not _KEY.fullmatch(key):
        raise InvalidRequest(
            "an Idempotency-Key must have 1 to 255 visible ASCII characters", code="invalid_parameter"
        )
    record_id = hashlib.sha256(key.strip('"').encode()).hexdigest()

    def accept(
        known: IdempotentRequest | None, now: datetime
    ) -> RecordUpdate[IdempotentRequest, tuple[str, bool]]:
        if known is None:
            new = IdempotentRequest(
                record_id=record_id,
                owner=uid,
                digest=digest,
                entry_id=uuid.uuid4().hex,
                expires_at=now + KEY_TTL,
            )
            return new, (new.entry_id, False)
        if known.digest != digest:
            raise KeyReused("this Idempotency-Key was used with a different request")
        return UNCHANGED, (known.entry_id, True)

    return records.transact(Address(IdempotentRequest, record_id, uid), accept)
