"""Who is calling: ID tokens (OpenID Connect) and API keys of clients, and the tokens of Pub/Sub and Cloud
Scheduler.

A token counts only with a signature of its issuer's keys, for our audience, in time. The algorithm is
pinned. The issuer's keys are cached, and looked up again when a token names one that is new, though not more
often than every few seconds: anybody can name a key.
https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from functions.shared.access.api_keys import ApiKeys, looks_like_api_key
from functions.shared.domain.records import Scope
from functions.shared.errors import ConfigurationError, TemporaryError, Unauthenticated
from functions.shared.runtime.settings import Settings

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

LOOK_AGAIN_S = 10.0
"""How soon a key that is not known is looked for once more."""

PERSONAL = frozenset(Scope) - {Scope.ADMIN}
"""What a person may do, who has signed in."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who a request is made for, and what they may do.

    Attributes:
        key_id: the API key that was sent, if it was one.
        signed_in_at: when the person behind a token last proved who they are.
    """

    uid: str
    scopes: frozenset[Scope] = frozenset()
    key_id: str | None = None
    signed_in_at: datetime | None = None


Identify = Callable[[str | None], Caller]
"""Who makes a request, by its Authorization header.

Raises Unauthenticated (401), or TemporaryError if the issuer's keys cannot be had.
"""


def local_user(_: str | None) -> Caller:
    """The one user of a journal without accounts, who is its operator too."""
    return Caller(uid=LOCAL_USER, scopes=frozenset(Scope))


def anonymous() -> Caller:
    """The caller of what needs no user."""
    return Caller(uid=NOBODY)


def has_accounts(settings: Settings) -> bool:
    """Whether callers must say who they are; only a journal on a laptop may do without."""
    return settings.backend != "local" or bool(settings.auth_issuer)


def client_identity(settings: Settings, keys: Callable[[], ApiKeys] | None = None) -> Identify:
    """Who a client is: the subject of its ID token or the owner of its key; without accounts, the one user.

    Args:
        keys: where API keys are looked up; None: there are none.

    Raises:
        ConfigurationError: there is no issuer or audience to check tokens against.
    """
    if not has_accounts(settings):
        return local_user
    issuer = _required(settings.auth_issuer, "SAMO_AUTH_ISSUER", "who issues the clients' ID tokens")
    audience = _required(settings.auth_audience, "SAMO_AUTH_AUDIENCE", "whom the clients' ID tokens are for")
    tokens = TokenVerifier(issuer, audience, settings.auth_keys)

    def identify(authorization: str | None) -> Caller:
        sent = bearer(authorization)
        if keys is not None and looks_like_api_key(sent):
            key = keys().check(sent)
            return Caller(uid=key.owner, scopes=key.scopes, key_id=key.record_id)
        return _person(tokens.claims(sent), settings.auth_admin_claim)

    return identify


def platform_identity(settings: Settings) -> Identify:
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

    def identify(authorization: str | None) -> Caller:
        claims = tokens.claims(bearer(authorization))
        if claims.get("email") != account or claims.get("email_verified") is not True:
            raise Unauthenticated("this service answers the platform's own account only")
        return anonymous()

    return identify


def bearer(authorization: str | None) -> str:
    """What an Authorization header carries; raises Unauthenticated if it carries nothing."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send an ID token or an API key: Authorization: Bearer …")
    return token.strip()


def _person(claims: Mapping[str, Any], admin_claim: str) -> Caller:
    admin = {Scope.ADMIN} if claims.get(admin_claim) is True else set()
    signed_in = claims.get("auth_time", claims["iat"])
    if isinstance(signed_in, bool) or not isinstance(signed_in, int | float):
        raise Unauthenticated("the token does not say when its user signed in")
    return Caller(
        uid=str(claims["sub"]), scopes=PERSONAL | admin, signed_in_at=datetime.fromtimestamp(signed_in, UTC)
    )


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

    def claims(self, token: str) -> Mapping[str, Any]:
        """What a good token says.

        Raises:
            Unauthenticated: it is not good here.
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

        address = self._keys_address or self._discovered()
        return PyJWKClient(address, timeout=KEYS_TIMEOUT_S, lifespan=3600, cooldown_duration=LOOK_AGAIN_S)

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


def _required(value: str, name: str, meaning: str) -> str:
    if not value:
        raise ConfigurationError(f"{name} is not set: {meaning}. It will not start without.")
    return value
