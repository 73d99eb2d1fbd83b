"""Requests that may be sent twice and count once.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from functions.journal.service import Journal
from functions.shared.entries import Entry
from functions.shared.errors import Conflict, InvalidRequest
from functions.shared.ports import UNCHANGED, Amended, RecordStore
from functions.shared.records import Accepted, Address

REMEMBERED = timedelta(hours=24)
_KEY = re.compile(r"[!-~]{1,255}")

Make = Callable[[str | None], Entry]
"""Makes an entry, under an id if one is given."""
Once = Callable[[Make], tuple[Entry, bool]]
"""Makes it, or finds it made; tells which."""


class KeyReused(InvalidRequest):
    code = "idempotency_key_reused"
    status = 422


def once(records: RecordStore, journal: Journal, uid: str, key: str | None, asked: Iterable[bytes]) -> Once:
    """How to make an entry so that the same request, sent again with its key, makes no second one.

    Args:
        key: of the request, if it came with one.
        asked: what tells this request from another.

    Raises:
        InvalidRequest: `invalid_parameter`, the key is none.
        KeyReused: it came with another request.
    """
    if key is None:
        return lambda make: (make(None), False)
    entry_id, came = _accepted(records, uid, key, hashlib.sha256(b"\0".join(asked)).hexdigest())

    def make_once(make: Make) -> tuple[Entry, bool]:
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

    def accept(found: Accepted | None, now: datetime) -> Amended[Accepted, tuple[str, bool]]:
        if found is None:
            new = Accepted(
                record_id=record_id,
                owner=uid,
                digest=digest,
                entry_id=uuid.uuid4().hex,
                expires_at=now + REMEMBERED,
            )
            return new, (new.entry_id, False)
        if found.digest != digest:
            raise KeyReused("this Idempotency-Key came with another request")
        return UNCHANGED, (found.entry_id, True)

    return records.amend(Address(Accepted, record_id, uid), accept)
