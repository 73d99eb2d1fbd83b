"""The door of every public route: who calls, whether they may, and how often.

In this order: the caller is identified (401), an account that was deleted stays out (403), the route's scope
is required (403), a token is looked up again before what cannot be undone (401), the call is counted (429).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

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


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What a call must satisfy before its handler runs.

    Attributes:
        scope: the caller must have it; None: any caller will do.
        public: no caller is needed.
        irreversible: a token is checked for revocation first.
        departed: users whose account was deleted may still call.
    """

    scope: Scope | None = None
    public: bool = False
    irreversible: bool = False
    departed: bool = False


ANY_CALLER = Requirement()


class Authorization:
    """A caller let in, and what their calls have used of their quotas.

    Attributes:
        standings: of every quota this request was counted against.
    """

    def __init__(
        self, caller: Caller, limiter: RateLimiter | None = None, limits: Quotas | None = None
    ) -> None:
        self.caller = caller
        self.standings: list[QuotaStatus] = []
        self._limiter = limiter
        self._limits = limits

    def count_call(self) -> None:
        """Raises TooManyRequests."""
        if self._limits is None:
            return
        self._take(self._limits.user)
        if self.caller.key_id is not None:
            self._take(self._limits.key, of=self.caller.key_id)

    def count_entry(self) -> None:
        """One more entry, or recording to be transcribed at once. Raises TooManyRequests."""
        if self._limits is not None:
            self._take(self._limits.entries)

    def count_audio(self, size: int) -> None:
        """A recording of so many bytes. Raises TooManyRequests."""
        if self._limits is not None:
            self._take(self._limits.audio, -(-size // 2**20))

    def _take(self, quota: Quota, amount: int = 1, *, of: str = "") -> None:
        if self._limiter is None:
            return
        try:
            self.standings.append(self._limiter.take(self.caller.uid, quota, amount, of=of))
        except TooManyRequests as error:
            self.standings.append(error.standing)
            raise


Authorize = Callable[[str | None, Requirement], Authorization]
"""Given the Authorization header and what the call requires."""


class Authorizer:
    """Lets callers of one service in.

    Args:
        identify: who they are.
        recheck: whether a token was taken back meanwhile; None: that cannot be known.
        accounts: who has left; None: not asked.
        limiter, limits: None: calls are not counted.
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

    def __call__(self, authorization: str | None, requirement: Requirement) -> Authorization:
        """Raises Unauthenticated, Forbidden, TooManyRequests, or TemporaryError where something is out."""
        if requirement.public:
            return Authorization(identity.anonymous())
        caller = self._identify(authorization)
        if self._accounts is not None and not requirement.departed:
            self._accounts().require(caller.uid)
        require_scope(caller, requirement.scope)
        if requirement.irreversible and self._recheck is not None:
            self._recheck(caller)
        admission = Authorization(caller, self._limiter() if self._limiter else None, self._limits)
        admission.count_call()
        return admission


def require_scope(caller: Caller, scope: Scope | None) -> None:
    """Raises Forbidden `insufficient_scope`."""
    if scope is not None and scope not in caller.scopes:
        raise Forbidden(f"this needs the scope {scope}", code="insufficient_scope")


def allow_identified(identify: Identify) -> Authorizer:
    """Whoever can be identified, uncounted."""
    return Authorizer(identify)


def client_authorizer(
    settings: Settings,
    records: Callable[[], RecordStore],
    accounts: Callable[[], Accounts] | None = None,
) -> Authorizer:
    """The door of a public service: everything that the settings ask for.

    Args:
        records: connected when the first call needs it.
        accounts: who has left; None where nothing is kept that could come back.

    Raises:
        ConfigurationError: callers cannot be identified as the settings are.
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
    """The door of an event service.

    Raises:
        ConfigurationError: the account or the audience is not set.
    """
    return allow_identified(identity.platform_identity(settings))


def rate_limit_headers(standings: Sequence[QuotaStatus]) -> dict[str, str]:
    """https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/"""
    if not standings:
        return {}
    policies = (f'"{each.quota.name}";q={each.quota.limit};w={each.quota.window_s}' for each in standings)
    left = (f'"{each.quota.name}";r={each.remaining};t={each.reset_s}' for each in standings)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(left)}
