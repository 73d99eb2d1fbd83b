"""Verifies the bearer tokens of one issuer for one audience.

A token is accepted only with a signature by one of the issuer's keys, for our audience, and within its
lifetime. The algorithm is pinned. The issuer's keys are cached; a token that names an unknown key triggers a
new fetch, but at most once per `KEY_REFETCH_COOLDOWN_S`, because anyone can name a key.
https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from functions.shared.errors import TemporaryError, Unauthenticated

if TYPE_CHECKING:
    from jwt import PyJWKClient

ALGORITHMS = ("RS256",)
LEEWAY_S = 60
KEYS_TIMEOUT_S = 10
KEY_REFETCH_COOLDOWN_S = 10.0
SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in place of a signature that it has checked."""


class TokenVerifier:
    """Verifies tokens.

    Args:
        keys: URL of the issuer's JWKS; if empty, the issuer's discovery document names it.
        stripped: also accept tokens whose signature Cloud Run has checked and removed.
    """

    def __init__(self, issuer: str, audience: str, keys: str = "", *, stripped: bool = False) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys_url = keys
        self._stripped = stripped

    def claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a valid token.

        Raises:
            Unauthenticated: the token is not valid for this service.
            TemporaryError: `keys_unavailable`, the issuer's keys cannot be fetched.
        """
        import jwt

        try:
            if self._stripped and token.rpartition(".")[2] == SIGNATURE_REMOVED:
                return self._decoded(token, None)
            return self._decoded(token, self._keys.get_signing_key_from_jwt(token).key)
        except jwt.PyJWKClientConnectionError as error:
            raise _keys_unavailable() from error
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthenticated(f"the token is not valid here ({type(error).__name__})") from error

    def _decoded(self, token: str, key: Any) -> Mapping[str, Any]:
        import jwt

        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY_S,
            options={
                "require": ["exp", "iat", "iss", "aud", "sub"],
                "verify_signature": key is not None,
                "verify_exp": True,
                "verify_iat": True,
                "verify_iss": True,
                "verify_aud": True,
            },
        )
        if not re.fullmatch(r"[!-~]{1,128}", claims["sub"]):
            raise Unauthenticated("the token's subject is not a valid user ID")
        return claims

    @cached_property
    def _keys(self) -> PyJWKClient:
        from jwt import PyJWKClient

        return PyJWKClient(
            self._keys_url or self._discovered_keys_url(),
            timeout=KEYS_TIMEOUT_S,
            lifespan=3600,
            cooldown_duration=KEY_REFETCH_COOLDOWN_S,
        )

    def _discovered_keys_url(self) -> str:
        """The JWKS URL in https://openid.net/specs/openid-connect-discovery-1_0.html metadata."""
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            with urllib.request.urlopen(url, timeout=KEYS_TIMEOUT_S) as response:  # noqa: S310
                return str(json.load(response)["jwks_uri"])
        except (OSError, ValueError, KeyError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise _keys_unavailable() from error


def _keys_unavailable() -> TemporaryError:
    return TemporaryError("the token issuer's keys cannot be fetched now", code="keys_unavailable")
