"""Authentication, authorization and rate limits for public routes.

Checked in this order: the caller is identified (401), the account is not deleted (403), the caller has the
route's scope (403), the token was not revoked if the call is irreversible (401), quotas are left (429).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal

import msgspec

from functions.shared.access import identity, revocation
from functions.shared.access.accounts import Accounts
from functions.shared.access.api_keys import ApiKeys
from functions.shared.access.identity import Caller, Identify
from functions.shared.access.quotas import (
    Quota,
    Quotas,
    QuotaStatus,
    RateLimiter,
    TooManyRequests,
    load_quotas,
)
from functions.shared.access.revocation import RevocationCheck
from functions.shared.domain.records import Scope
from functions.shared.errors import Forbidden
from functions.shared.ports import RecordStore
from functions.shared.runtime.settings import Settings

QuotaName = Literal["entries", "audio"]


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What a call must satisfy before its handler runs, and what it counts against.

    Attributes:
        scope: the scope the caller must have; None allows every caller.
        public: the route needs no caller.
        irreversible: tokens are checked for revocation first.
        departed: users whose account was deleted may still call.
        quotas: what the call counts against besides the number of calls. A call to a route with `entries`
            counts as one entry; the handler counts the bytes of recordings for `audio`.
    """

    scope: Scope | None = None
    public: bool = False
    irreversible: bool = False
    departed: bool = False
    quotas: tuple[QuotaName, ...] = ()


ANY_CALLER = Requirement()


class Authorization:
    """An authorized caller, and the quotas the request has used.

    Attributes:
        quota_statuses: one for each quota the request was counted against.
    """

    def __init__(
        self,
        caller: Caller,
        requirement: Requirement,
        limiter: RateLimiter | None = None,
        limits: Quotas | None = None,
    ) -> None:
        self.caller = caller
        self.quota_statuses: list[QuotaStatus] = []
        self._requirement = requirement
        self._limiter = limiter
        self._limits = limits

    def count_call(self) -> None:
        """Counts the call itself, and one entry if the route creates or transcribes one.

        Raises:
            TooManyRequests: a quota is used up.
        """
        if self._limits is None:
            return
        self._take(self._limits.user)
        if self.caller.key_id is not None:
            self._take(self._limits.key, of=self.caller.key_id)
        if "entries" in self._requirement.quotas:
            self._take(self._limits.entries)

    def count_further_entries(self, count: int) -> None:
        """Counts entries after the first, for calls with several recordings. Raises TooManyRequests."""
        self._require_declared("entries")
        if self._limits is not None and count > 0:
            self._take(self._limits.entries, count)

    def count_audio(self, size: int) -> None:
        """Counts `size` bytes of a recording. Raises TooManyRequests."""
        self._require_declared("audio")
        if self._limits is not None:
            self._take(self._limits.audio, size)

    def _require_declared(self, quota: QuotaName) -> None:
        if quota not in self._requirement.quotas:
            raise LookupError(f"the route counts against {quota}, but its Requirement does not say so")

    def _take(self, quota: Quota, amount: int = 1, *, of: str = "") -> None:
        if self._limiter is None:
            return
        try:
            self.quota_statuses.append(self._limiter.take(self.caller.uid, quota, amount, of=of))
        except TooManyRequests as error:
            self.quota_statuses.append(error.quota_status)
            raise


Authorize = Callable[[str | None, Requirement], Authorization]
"""Takes the Authorization header and what the call requires."""


class Authorizer:
    """Authorizes the calls to one service.

    Args:
        identify: authenticates the caller.
        recheck: checks whether a valid token was revoked; None if that cannot be known.
        accounts: rejects deleted accounts; None skips that check.
        limiter, limits: None turns quotas off.
    """

    def __init__(
        self,
        identify: Identify,
        *,
        recheck: RevocationCheck | None = None,
        accounts: Callable[[], Accounts] | None = None,
        limiter: Callable[[], RateLimiter] | None = None,
        limits: Quotas | None = None,
    ) -> None:
        self._identify = identify
        self._recheck = recheck
        self._accounts = accounts
        self._limiter = limiter
        self._limits = limits

    def __call__(self, authorization_header: str | None, requirement: Requirement) -> Authorization:
        """Authorizes one call.

        Raises:
            Unauthenticated: the credentials are missing, invalid or revoked.
            Forbidden: the account was deleted, or the scope is missing.
            TooManyRequests: a quota is used up.
            TemporaryError: the issuer cannot be reached.
        """
        if requirement.public:
            return Authorization(identity.anonymous(), requirement)
        caller = self._identify(authorization_header)
        if self._accounts is not None and not requirement.departed:
            self._accounts().require_active(caller.uid)
        require_scope(caller, requirement.scope)
        if requirement.irreversible and self._recheck is not None:
            self._recheck(caller)
        limiter = self._limiter() if self._limiter else None
        authorization = Authorization(caller, requirement, limiter, self._limits)
        authorization.count_call()
        return authorization


def require_scope(caller: Caller, scope: Scope | None) -> None:
    """Raises Forbidden `insufficient_scope`."""
    if scope is not None and scope not in caller.scopes:
        raise Forbidden(f"this call needs the scope {scope}", code="insufficient_scope")


def allow_identified(identify: Identify) -> Authorizer:
    """Authorizes every caller that can be identified, without quotas."""
    return Authorizer(identify)


def client_authorizer(
    settings: Settings,
    records: Callable[[], RecordStore],
    accounts: Callable[[], Accounts] | None = None,
) -> Authorizer:
    """The authorizer of a public service, with every check the settings ask for.

    Args:
        records: called when the first call needs the store.
        accounts: rejects deleted accounts; None in services that store nothing for a user.

    Raises:
        ConfigurationError: the settings do not allow callers to be identified.
    """
    identify = identity.client_identity(settings, cache(lambda: ApiKeys(records())))
    if not identity.has_accounts(settings):
        return allow_identified(identify)
    return Authorizer(
        identify,
        recheck=revocation.client_revocation_check(settings),
        accounts=accounts,
        limiter=cache(lambda: RateLimiter(records())),
        limits=load_quotas(settings),
    )


def platform_authorizer(settings: Settings) -> Authorizer:
    """The authorizer of an event service.

    Raises:
        ConfigurationError: the service account or the audience is not set.
    """
    return allow_identified(identity.platform_identity(settings))


def rate_limit_headers(statuses: Sequence[QuotaStatus]) -> dict[str, str]:
    """The headers of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/"""
    if not statuses:
        return {}
    policies = (f'"{quota.name}";q={quota.limit};w={quota.window_s}' for quota, _, _ in statuses)
    remaining = (f'"{status.quota.name}";r={status.remaining};t={status.reset_s}' for status in statuses)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(remaining)}
