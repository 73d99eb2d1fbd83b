"""When an ID token is renewed."""

from __future__ import annotations

import base64
import time

import msgspec

_BEFORE_S = 60.0
_UNKNOWN_S = 300.0
"""What does not say when it ends is asked for anew this often."""


class _Claims(msgspec.Struct):
    exp: float


def renewed_in_s(token: str) -> float:
    """Seconds until a fresh token should be asked for: a minute before this one ends, if it says when."""
    _, _, rest = token.partition(".")
    payload, _, _ = rest.partition(".")
    try:
        claims = msgspec.json.decode(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=_Claims
        )
    except (ValueError, msgspec.DecodeError):
        return _UNKNOWN_S
    return max(1.0, claims.exp - time.time() - _BEFORE_S)
