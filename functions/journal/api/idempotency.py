"""Requests that may be sent twice and count once.

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
"""Makes an entry, under an id if one is given."""
ExecuteOnce = Callable[[CreateEntry], tuple[Entry, bool]]
"""Makes it, or finds it made; tells which."""


_NAME = "Idempotency-Key"
HEADER = {_NAME: "The request's own name: sent again within a day, it makes no second entry."}


class KeyReused(InvalidRequest):
    code = "idempotency_key_reused"
    status = 422


PROBLEMS = {"invalid_parameter": 400, KeyReused.code: KeyReused.status, "entry_deleted": 409}


def replay_headers(came: bool) -> dict[str, str]:
    """The header that tells a client that it has been answered before."""
    return {"Idempotency-Replayed": "true"} if came else {}


def execute_once(records: RecordStore, journal: Journal, call: Call[Any], *asked: bytes) -> ExecuteOnce:
    """How to make an entry so that the same call, made again with its key, makes no second one.

    Args:
        asked: what tells this call from another.

    Raises:
        InvalidRequest: `invalid_parameter`, the key is none.
        KeyReused: it came with another call.
    """
    key = call.request.headers.get(_NAME)
    if key is None:
        return lambda make: (make(None), False)
    entry_id, came = _accepted(records, call.uid, key, hashlib.sha256(b"\0".join(asked)).hexdigest())

    def make_once(make: CreateEntry) -> tuple[Entry, bool]:
        try:
            return make(entry_id), came
        except Conflict as error:
            if error.code != "entry_exists":
                raise
            return journal.get(entry_id), True

    return make_once


def _accepted(records: RecordStore, uid: str, key: str, digest: str) -> tuple[str, bool]:
    """The id of the entry that the request with this key makes, and whether it came before."""
    if not _KEY.fullmatch(key):
        raise InvalidRequest("an Idempotency-Key has 1 to 255 visible characters", code="invalid_parameter")
    record_id = hashlib.sha256(key.strip('"').encode()).hexdigest()

    def accept(
        found: IdempotentRequest | None, now: datetime
    ) -> RecordUpdate[IdempotentRequest, tuple[str, bool]]:
        if found is None:
            new = IdempotentRequest(
                record_id=record_id,
                owner=uid,
                digest=digest,
                entry_id=uuid.uuid4().hex,
                expires_at=now + KEY_TTL,
            )
            return new, (new.entry_id, False)
        if found.digest != digest:
            raise KeyReused("this Idempotency-Key came with another request")
        return UNCHANGED, (found.entry_id, True)

    return records.transact(Address(IdempotentRequest, record_id, uid), accept)
