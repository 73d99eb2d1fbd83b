"""Who is calling: ID tokens (OpenID Connect) of clients, and those of Pub/Sub and Cloud Scheduler.

A token counts only with a signature of its issuer's keys, for our audience, in time. The algorithm is
pinned. Keys are cached, and looked up again when a token names one that is new.
https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import flask

from functions.shared.errors import ConfigurationError, TemporaryError, Unauthenticated
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from jwt import PyJWKClient

LOCAL_USER = "me"
"""The one user of a journal without accounts."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine."""

NOBODY = ""
"""The user of a call that needs none."""

ALGORITHMS = ("RS256",)
LEEWAY_S = 60
KEYS_TIMEOUT_S = 10
SIGNATURE_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in the place of a signature that it has checked itself."""

Identify = Callable[[flask.Request], str]
"""The user id a request is made for.

Raises Unauthenticated (401), or TemporaryError if the issuer's keys cannot be had.
"""


def local_user(_: flask.Request) -> str:
    return LOCAL_USER


def of_clients(settings: Settings) -> Identify:
    """Who a client is: the subject of its ID token; on the local backend, the one user there is.

    Raises:
        ConfigurationError: there is no issuer or audience to check tokens against.
    """
    if settings.backend == "local":
        return local_user
    issuer = _required(settings.auth_issuer, "SAMO_AUTH_ISSUER", "who issues the clients' ID tokens")
    audience = _required(settings.auth_audience, "SAMO_AUTH_AUDIENCE", "whom the clients' ID tokens are for")
    tokens = TokenVerifier(issuer, audience, settings.auth_keys)
    return lambda request: str(tokens.claims(request.headers.get("Authorization"))["sub"])


def of_the_platform(settings: Settings) -> Identify:
    """Only Pub/Sub and Cloud Scheduler, as their one service account; on the local backend, anybody.

    Raises:
        ConfigurationError: the account or the audience is not set.
    """
    if settings.backend == "local":
        return local_user
    account = _required(settings.push_account, "SAMO_PUSH_ACCOUNT", "the service account that calls events")
    audience = _required(settings.push_audience, "SAMO_PUSH_AUDIENCE", "whom that account's tokens are for")
    tokens = TokenVerifier(
        settings.push_issuer,
        audience,
        settings.push_keys,
        stripped=settings.push_signature == "checked-by-cloud-run",
    )

    def identify(request: flask.Request) -> str:
        claims = tokens.claims(request.headers.get("Authorization"))
        if claims.get("email") != account or claims.get("email_verified") is not True:
            raise Unauthenticated("this service answers the platform's own account only")
        return NOBODY

    return identify


class TokenVerifier:
    """Checks the bearer tokens of one issuer for one audience.

    Args:
        keys: where the issuer's JWKS is; empty: where its discovery document says.
        stripped: also take a token whose signature Cloud Run has checked and replaced.
    """

    def __init__(self, issuer: str, audience: str, keys: str = "", *, stripped: bool = False) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys_address = keys
        self._stripped = stripped

    def claims(self, authorization: str | None) -> Mapping[str, Any]:
        """What a good token says.

        Raises:
            Unauthenticated: there is none, or it is not good here.
            TemporaryError: `keys_unavailable`, the issuer's keys cannot be fetched.
        """
        import jwt

        token = _bearer(authorization)
        try:
            if self._stripped and token.rpartition(".")[2] == SIGNATURE_REMOVED:
                return self._decoded(token, None)
            return self._decoded(token, self._keys.get_signing_key_from_jwt(token).key)
        except jwt.PyJWKClientConnectionError as error:
            raise _keys_unavailable() from error
        except (jwt.PyJWTError, ValueError) as error:
            raise Unauthenticated(f"the token is not good here ({type(error).__name__})") from error

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
            raise Unauthenticated("the token's subject is not a user id")
        return claims

    @cached_property
    def _keys(self) -> PyJWKClient:
        from jwt import PyJWKClient

        return PyJWKClient(self._keys_address or self._discovered(), timeout=KEYS_TIMEOUT_S, lifespan=3600)

    def _discovered(self) -> str:
        """https://openid.net/specs/openid-connect-discovery-1_0.html"""
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            with urllib.request.urlopen(address, timeout=KEYS_TIMEOUT_S) as answer:  # noqa: S310
                return str(json.load(answer)["jwks_uri"])
        except (OSError, ValueError, KeyError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise _keys_unavailable() from error


def _keys_unavailable() -> TemporaryError:
    return TemporaryError("the issuer's keys cannot be fetched now", code="keys_unavailable")


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send an ID token: Authorization: Bearer …")
    return token.strip()


def _required(value: str, name: str, meaning: str) -> str:
    if not value:
        raise ConfigurationError(f"{name} is not set: {meaning}. It will not start without.")
    return value
