"""API keys: credentials for servers, acting as the user who created them within the key's scopes.

A key is `samo_{id}_{secret}` and is shown once. The secret has 256 random bits, so a plain hash is safe to
store; slow hashes protect passwords that people choose.
https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html
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

GRANTABLE_SCOPES = frozenset({Scope.READ, Scope.WRITE, Scope.DELETE, Scope.EXPORT, Scope.ANALYZE})
"""Scopes a key may have. Managing accounts and keys takes a person's ID token."""
MAX_KEYS = 20
"""Active keys per user."""
LAST_USED_PRECISION = timedelta(minutes=10)
"""Precision of `last_used_at`, so that a busy key is not written on every call."""
REVOKED_KEY_TTL = timedelta(days=90)
"""How long a revoked key stays in the list."""

_KEY = re.compile(r"samo_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


class IssuedKey(NamedTuple):
    """A key and the text its holder sends, which is not stored."""

    key: ApiKey
    text: str


def looks_like_api_key(text: str) -> bool:
    """Whether a credential is meant to be an API key, valid or not."""
    return text.startswith("samo_")


class ApiKeys:
    """API keys of all users."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def issue(self, owner: str, name: str, scopes: frozenset[Scope], lifetime: timedelta | None) -> IssuedKey:
        """Creates a key that is valid for `lifetime`, or until it is revoked.

        Raises:
            InvalidRequest: `scope_not_grantable`.
            Conflict: `too_many_keys`.
        """
        if not scopes or scopes - GRANTABLE_SCOPES:
            raise InvalidRequest(
                "a key may have the scopes " + ", ".join(sorted(GRANTABLE_SCOPES)), code="scope_not_grantable"
            )
        if sum(key.revoked_at is None for key in self.owned_by(owner)) >= MAX_KEYS:
            raise Conflict(f"a user may have {MAX_KEYS} keys; revoke one first", code="too_many_keys")
        key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)

        def create(_: ApiKey | None, now: datetime) -> RecordUpdate[ApiKey, ApiKey]:
            key = ApiKey(
                record_id=key_id,
                owner=owner,
                name=name,
                scopes=scopes,
                digest=_digest(secret),
                created_at=now,
                ends_at=now + lifetime if lifetime else None,
                expires_at=now + lifetime + REVOKED_KEY_TTL if lifetime else None,
            )
            return key, key

        return IssuedKey(self._records.transact(Address(ApiKey, key_id), create), _text(key_id, secret))

    def owned_by(self, owner: str) -> list[ApiKey]:
        """A user's keys, newest first, including recently revoked ones."""
        return sorted(self._records.list_owned(ApiKey, owner), key=lambda key: key.created_at, reverse=True)

    def rotate(self, owner: str, key_id: str, grace: timedelta) -> IssuedKey:
        """Gives a key a new secret. The previous one works until the grace period ends, so that servers can
        switch without downtime.

        Raises:
            NotFound: `key_not_found`, the user has no such key, or it was revoked.
        """
        secret = secrets.token_urlsafe(32)

        def change(key: ApiKey, now: datetime) -> ApiKey:
            return replace(key, digest=_digest(secret), former=key.digest, former_until=now + grace)

        return IssuedKey(self._change(owner, key_id, change), _text(key_id, secret))

    def revoke(self, owner: str, key_id: str) -> None:
        """Revokes a key, effective immediately.

        Raises:
            NotFound: `key_not_found`.
        """
        self._change(
            owner, key_id, lambda key, now: replace(key, revoked_at=now, expires_at=now + REVOKED_KEY_TTL)
        )

    def authenticate(self, text: str) -> ApiKey:
        """The key with this text.

        Raises:
            Unauthenticated: `invalid_key`, for every reason alike.
        """
        match = _KEY.fullmatch(text)
        if match is None:
            raise _invalid()
        key_id, secret = match.groups()

        def use(key: ApiKey | None, now: datetime) -> RecordUpdate[ApiKey, ApiKey]:
            if key is None or not _is_valid(key, secret, now):
                raise _invalid()
            if key.last_used_at is not None and now - key.last_used_at < LAST_USED_PRECISION:
                return UNCHANGED, key
            used = replace(key, last_used_at=now)
            return used, used

        return self._records.transact(Address(ApiKey, key_id), use)

    def _change(self, owner: str, key_id: str, change: Callable[[ApiKey, datetime], ApiKey]) -> ApiKey:
        def amend(key: ApiKey | None, now: datetime) -> RecordUpdate[ApiKey, ApiKey]:
            if key is None or key.owner != owner or key.revoked_at is not None:
                raise NotFound("no such key", code="key_not_found")
            changed = change(key, now)
            return changed, changed

        return self._records.transact(Address(ApiKey, key_id), amend)


def _is_valid(key: ApiKey, secret: str, now: datetime) -> bool:
    digest = _digest(secret)
    current = hmac.compare_digest(digest, key.digest)
    former = key.former is not None and hmac.compare_digest(digest, key.former)
    in_grace = former and key.former_until is not None and now < key.former_until
    ended = key.ends_at is not None and now >= key.ends_at
    return (current or in_grace) and key.revoked_at is None and not ended


def _invalid() -> Unauthenticated:
    return Unauthenticated("the API key is not valid", code="invalid_key")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _text(key_id: str, secret: str) -> str:
    return f"samo_{key_id}_{secret}"
