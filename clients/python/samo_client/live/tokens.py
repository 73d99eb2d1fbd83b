"""Schedules the renewal of ID tokens."""

from __future__ import annotations

import base64
import time

import msgspec

_BEFORE_S = 60.0
_UNKNOWN_S = 300.0
"""How often a token without an expiry time is renewed."""


class _Claims(msgspec.Struct):
    exp: float


def seconds_until_renewal(token: str) -> float:
    """Seconds until a token should be renewed: a minute before it expires, if it has an expiry time."""
    _, _, rest = token.partition(".")
    payload, _, _ = rest.partition(".")
    try:
        claims = msgspec.json.decode(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=_Claims
        )
    except (ValueError, msgspec.DecodeError):
        return _UNKNOWN_S
    return max(1.0, claims.exp - time.time() - _BEFORE_S)
