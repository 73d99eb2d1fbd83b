"""Identifies callers: people by ID tokens (OpenID Connect), servers by API keys, and Pub/Sub and Cloud
Scheduler by the tokens of their service account.

https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from functions.shared.access.api_keys import ApiKeys, looks_like_api_key
from functions.shared.access.tokens import TokenVerifier
from functions.shared.domain.records import Scope
from functions.shared.errors import ConfigurationError, Unauthenticated
from functions.shared.runtime.settings import Settings

LOCAL_USER = "me"
"""The only user of a journal without accounts."""

ANONYMOUS_UID = ""
"""The user ID of calls that need no user."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of this machine."""

PERSONAL_SCOPES = frozenset(Scope) - {Scope.ADMIN}
"""Scopes of a person who has signed in."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The user a request acts for, and what it may do.

    Attributes:
        key_id: the API key that was used, if any.
        signed_in_at: when the person behind a token last authenticated.
    """

    uid: str
    scopes: frozenset[Scope] = frozenset()
    key_id: str | None = None
    signed_in_at: datetime | None = None


Identify = Callable[[str | None], Caller]
"""Identifies a request's caller by its Authorization header.

Raises Unauthenticated (401), or TemporaryError if the issuer's keys cannot be fetched.
"""


def local_user(_: str | None) -> Caller:
    """The only user of a journal without accounts, who is also its operator."""
    return Caller(uid=LOCAL_USER, scopes=frozenset(Scope))


def anonymous() -> Caller:
    """The caller of a route that needs no user."""
    return Caller(uid=ANONYMOUS_UID)


def has_accounts(settings: Settings) -> bool:
    """Whether callers must authenticate; only a journal on a laptop can do without."""
    return settings.backend != "local" or bool(settings.auth_issuer)


def client_identity(settings: Settings, keys: Callable[[], ApiKeys] | None = None) -> Identify:
    """Identifies clients: an ID token's subject or an API key's owner; without accounts, the local user.

    Args:
        keys: where API keys are looked up; None accepts no API keys.

    Raises:
        ConfigurationError: the settings name no issuer or no audience.
    """
    if not has_accounts(settings):
        return local_user
    issuer = _required(settings.auth_issuer, "SAMO_AUTH_ISSUER", "the issuer of clients' ID tokens")
    audience = _required(settings.auth_audience, "SAMO_AUTH_AUDIENCE", "the audience of clients' ID tokens")
    tokens = TokenVerifier(issuer, audience, settings.auth_keys)

    def identify(authorization_header: str | None) -> Caller:
        credential = bearer(authorization_header)
        if keys is not None and looks_like_api_key(credential):
            key = keys().authenticate(credential)
            return Caller(uid=key.owner, scopes=key.scopes, key_id=key.record_id)
        return _person(tokens.claims(credential), settings.auth_admin_claim)

    return identify


def platform_identity(settings: Settings) -> Identify:
    """Accepts only the service account of Pub/Sub and Cloud Scheduler; on the local backend, anyone.

    Raises:
        ConfigurationError: the service account or the audience is not set.
    """
    if settings.backend == "local":
        return local_user
    account = _required(settings.push_account, "SAMO_PUSH_ACCOUNT", "the service account that sends events")
    audience = _required(settings.push_audience, "SAMO_PUSH_AUDIENCE", "the audience of its tokens")
    tokens = TokenVerifier(
        settings.push_issuer,
        audience,
        settings.push_keys,
        stripped=settings.push_signature == "checked-by-cloud-run",
    )

    def identify(authorization_header: str | None) -> Caller:
        claims = tokens.claims(bearer(authorization_header))
        if claims.get("email") != account or claims.get("email_verified") is not True:
            raise Unauthenticated("only the platform's service account may call this service")
        return anonymous()

    return identify


def bearer(authorization_header: str | None) -> str:
    """The bearer credential in an Authorization header. Raises Unauthenticated if there is none."""
    scheme, _, token = (authorization_header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("send an ID token or an API key: Authorization: Bearer …")
    return token.strip()


def _person(claims: Mapping[str, Any], admin_claim: str) -> Caller:
    admin = {Scope.ADMIN} if claims.get(admin_claim) is True else set()
    signed_in = claims.get("auth_time", claims["iat"])
    if isinstance(signed_in, bool) or not isinstance(signed_in, int | float):
        raise Unauthenticated("the token does not say when its user signed in")
    return Caller(
        uid=str(claims["sub"]),
        scopes=PERSONAL_SCOPES | admin,
        signed_in_at=datetime.fromtimestamp(signed_in, UTC),
    )


def _required(value: str, name: str, meaning: str) -> str:
    if not value:
        raise ConfigurationError(f"{name} is not set ({meaning}); the service does not start without it")
    return value
