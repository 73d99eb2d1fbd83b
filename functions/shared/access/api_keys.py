"""API keys: how servers call, as the user who made the key and within its scopes.

A key is `samo_{id}_{secret}`, shown once. The secret has 256 random bits, so a plain hash of it is enough to
keep (a slow one protects passwords people choose). https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from functions.shared.domain.records import Address, ApiKey, Scope
from functions.shared.errors import Conflict, InvalidRequest, NotFound, Unauthenticated
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate

GRANTABLE = frozenset({Scope.READ, Scope.WRITE, Scope.DELETE, Scope.EXPORT, Scope.ANALYZE})
"""What a key may be allowed to; accounts and keys themselves need a person's token."""
MOST = 20
"""Keys of one user that stand."""
USED_WITHIN = timedelta(minutes=10)
"""How exactly a key's last use is known: a key in constant use is not written with every call."""
REMEMBERED = timedelta(days=90)
"""How long a revoked key is still listed."""

_KEY = re.compile(r"samo_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


class IssuedKey(NamedTuple):
    """A key, and what its holder sends; the latter is known only now."""

    key: ApiKey
    text: str


def looks_like_api_key(text: str) -> bool:
    """Whether somebody means to send a key, good or not."""
    return text.startswith("samo_")


class ApiKeys:
    """The keys of all users."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def issue(self, owner: str, name: str, scopes: frozenset[Scope], lasts: timedelta | None) -> IssuedKey:
        """A new key, good for so long or until it is revoked.

        Raises:
            InvalidRequest: `scope_not_grantable`.
            Conflict: `too_many_keys`.
        """
        if not scopes or scopes - GRANTABLE:
            raise InvalidRequest(
                "a key's scopes are " + ", ".join(sorted(GRANTABLE)), code="scope_not_grantable"
            )
        if sum(key.revoked_at is None for key in self.all_of(owner)) >= MOST:
            raise Conflict(f"a user may have {MOST} keys; revoke one first", code="too_many_keys")
        key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)

        def create(_: ApiKey | None, now: datetime) -> RecordUpdate[ApiKey, ApiKey]:
            made = ApiKey(
                record_id=key_id,
                owner=owner,
                name=name,
                scopes=scopes,
                digest=_digest(secret),
                created_at=now,
                ends_at=now + lasts if lasts else None,
                expires_at=now + lasts + REMEMBERED if lasts else None,
            )
            return made, made

        return IssuedKey(self._records.transact(Address(ApiKey, key_id), create), _text(key_id, secret))

    def all_of(self, owner: str) -> list[ApiKey]:
        """A user's keys, newest first, those revoked lately among them."""
        return sorted(self._records.list_owned(ApiKey, owner), key=lambda key: key.created_at, reverse=True)

    def rotate(self, owner: str, key_id: str, grace: timedelta) -> IssuedKey:
        """A new secret; the one before stays good for the grace, so that servers can change without a gap.

        Raises:
            NotFound: `key_not_found`, the user has no such key, or it was revoked.
        """
        secret = secrets.token_urlsafe(32)

        def change(key: ApiKey, now: datetime) -> ApiKey:
            return replace(key, digest=_digest(secret), former=key.digest, former_until=now + grace)

        return IssuedKey(self._change(owner, key_id, change), _text(key_id, secret))

    def revoke(self, owner: str, key_id: str) -> None:
        """Make it good for nothing, at once.

        Raises:
            NotFound: `key_not_found`.
        """
        self._change(
            owner, key_id, lambda key, now: replace(key, revoked_at=now, expires_at=now + REMEMBERED)
        )

    def check(self, text: str) -> ApiKey:
        """The key that somebody sends.

        Raises:
            Unauthenticated: `invalid_key`, whatever is wrong with it.
        """
        found = _KEY.fullmatch(text)
        if found is None:
            raise _invalid()
        key_id, secret = found.groups()

        def use(key: ApiKey | None, now: datetime) -> RecordUpdate[ApiKey, ApiKey]:
            if key is None or not _opens(key, secret, now):
                raise _invalid()
            known = key.last_used_at is not None and now - key.last_used_at < USED_WITHIN
            return (UNCHANGED, key) if known else (used := replace(key, last_used_at=now), used)

        return self._records.transact(Address(ApiKey, key_id), use)

    def _change(self, owner: str, key_id: str, change: Callable[[ApiKey, datetime], ApiKey]) -> ApiKey:
        def amend(key: ApiKey | None, now: datetime) -> RecordUpdate[ApiKey, ApiKey]:
            if key is None or key.owner != owner or key.revoked_at is not None:
                raise NotFound("there is no such key", code="key_not_found")
            changed = change(key, now)
            return changed, changed

        return self._records.transact(Address(ApiKey, key_id), amend)


def _opens(key: ApiKey, secret: str, now: datetime) -> bool:
    digest = _digest(secret)
    current = hmac.compare_digest(digest, key.digest)
    former = key.former is not None and hmac.compare_digest(digest, key.former)
    in_grace = former and key.former_until is not None and now < key.former_until
    ended = key.ends_at is not None and now >= key.ends_at
    return (current or in_grace) and key.revoked_at is None and not ended


def _invalid() -> Unauthenticated:
    return Unauthenticated("the key is not good here", code="invalid_key")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _text(key_id: str, secret: str) -> str:
    return f"samo_{key_id}_{secret}"
