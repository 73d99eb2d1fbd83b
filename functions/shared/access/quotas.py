"""Per-user and per-key quotas that hold across instances.

Each quota of a user is one document. Instances lease parts of it, and the leases grow with use: the first is
small, so that many instances can serve one user; later ones are larger, so that the document is written far
less often than calls come. All leases together never exceed the quota. What an instance has leased and not
used is lost when the window ends.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from functions.shared.domain.records import Address, QuotaUsage
from functions.shared.errors import InvalidRequest, TemporaryError
from functions.shared.observability import logs
from functions.shared.ports import UNCHANGED, RecordChange, RecordStore, RecordUpdate
from functions.shared.runtime.bounded_cache import BoundedCache
from functions.shared.runtime.settings import Settings

_SMALLEST = 64
"""The first lease in a window is 1/64 of the quota; each later one is twice as large as the one before."""
_LARGEST = 8
"""No lease is larger than 1/8 of the quota."""


class Quota(msgspec.Struct, frozen=True):
    """At most `limit` units per window of `window_s` seconds.

    Attributes:
        unit: how many of what is counted make one unit of the limit: 2**20 for bytes against a limit in MiB.
    """

    name: str
    limit: int
    window_s: int
    unit: int = 1

    @property
    def capacity(self) -> int:
        """The limit in what is counted."""
        return self.limit * self.unit


class Quotas(msgspec.Struct, frozen=True):
    """A deployment's quotas: calls per user and per key, new entries and recordings per user."""

    user: Quota
    key: Quota
    entries: Quota
    audio: Quota


def load_quotas(settings: Settings) -> Quotas:
    return Quotas(
        user=Quota("requests", settings.quota_requests_per_minute, 60),
        key=Quota("key-requests", settings.quota_key_requests_per_minute, 60),
        entries=Quota("entries", settings.quota_entries_per_hour, 3600),
        audio=Quota("audio-mib", settings.quota_audio_mib_per_day, 86_400, unit=2**20),
    )


class QuotaStatus(NamedTuple):
    """What is left of a quota, in whole units and as far as this instance knows, and when it resets."""

    quota: Quota
    remaining: int
    reset_s: int


class _Lease(NamedTuple):
    left: int
    """Leased to this instance and not used."""
    unleased: int
    """Not leased to any instance yet."""
    ends: float
    """On this process's monotonic clock."""
    size: int
    """Requested from the store; the next lease is twice as large."""


class RateLimiter:
    """Counts calls against quotas; thread-safe.

    While the store is unreachable calls pass: a limit must not take a service down.
    """

    def __init__(self, records: RecordStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._leases = BoundedCache[tuple[str, str], _Lease]()
        self._lock = threading.Lock()

    def take(self, owner: str, quota: Quota, amount: int = 1, *, of: str = "") -> QuotaStatus:
        """Uses `amount` of an owner's quota. `of` distinguishes several quotas of one name, such as keys'.

        Raises:
            TooManyRequests: not enough is left; says in how many seconds the quota resets.
        """
        subject = (owner, f"{quota.name}.{of}" if of else quota.name)
        try:
            lease = self._lease_for(subject, quota, amount)
        except TemporaryError as error:
            logs.event("limits unavailable", code=error.code)
            return QuotaStatus(quota, quota.limit, quota.window_s)
        reset_s = max(1, math.ceil(lease.ends - self._clock()))
        left = lease.left + lease.unleased
        if lease.left < amount:
            raise TooManyRequests(
                f"the quota is {quota.limit} {quota.name} per {quota.window_s} seconds",
                quota_status=QuotaStatus(quota, left // quota.unit, reset_s),
            )
        return QuotaStatus(quota, (left - amount) // quota.unit, reset_s)

    def _lease_for(self, subject: tuple[str, str], quota: Quota, amount: int) -> _Lease:
        """The subject's lease, extended if necessary, before `amount` is taken if it has that much."""
        with self._lock:
            lease = self._current(subject)
            if lease is not None and (lease.left >= amount or lease.unleased < amount):
                return self._use(subject, lease, amount)
        extended = self._extend(subject, quota, amount, lease)
        with self._lock:
            return self._use(subject, extended, amount)

    def _current(self, subject: tuple[str, str]) -> _Lease | None:
        lease = self._leases.get(subject)
        return lease if lease is not None and lease.ends > self._clock() else None

    def _use(self, subject: tuple[str, str], lease: _Lease, amount: int) -> _Lease:
        left = lease.left - amount if lease.left >= amount else lease.left
        self._leases.put(subject, lease._replace(left=left))
        return lease

    def _extend(self, subject: tuple[str, str], quota: Quota, amount: int, known: _Lease | None) -> _Lease:
        owner, name = subject
        size = 2 * known.size if known else max(1, quota.capacity // _SMALLEST)
        size = min(size, max(1, quota.capacity // _LARGEST))
        change = _granting(owner, name, quota, amount, max(amount, size))
        granted, unleased, reset_s = self._records.transact(Address(QuotaUsage, name, owner), change)
        return _Lease((known.left if known else 0) + granted, unleased, self._clock() + reset_s, size)


Granted = tuple[int, int, float]
"""How much was granted, how much is left after that, and in how many seconds the quota resets."""


def _granting(
    owner: str, name: str, quota: Quota, amount: int, wanted: int
) -> RecordChange[QuotaUsage, Granted]:
    """Grants `wanted`, or all that is left if that is less but at least `amount`."""
    window = timedelta(seconds=quota.window_s)

    def change(usage: QuotaUsage | None, now: datetime) -> RecordUpdate[QuotaUsage, Granted]:
        if usage is None or now >= usage.began_at + window:
            usage = QuotaUsage(record_id=name, owner=owner, began_at=now, taken=0)
        ends = usage.began_at + window
        left = max(0, quota.capacity - _taken(usage, quota))
        granted = min(left, wanted) if left >= amount else 0
        grant = (granted, left - granted, (ends - now).total_seconds())
        if granted == 0:
            return UNCHANGED, grant
        return _with_taken(usage, quota, _taken(usage, quota) + granted, ends), grant

    return change


def _taken(usage: QuotaUsage, quota: Quota) -> int:
    return usage.taken * quota.unit if usage.taken_exactly is None else usage.taken_exactly


def _with_taken(usage: QuotaUsage, quota: Quota, taken: int, ends: datetime) -> QuotaUsage:
    return replace(
        usage,
        taken=-(-taken // quota.unit),
        taken_exactly=taken if quota.unit > 1 else None,
        expires_at=ends + timedelta(hours=1),
    )


class TooManyRequests(InvalidRequest):
    """A quota is used up.

    Attributes:
        quota_status: of that quota.
    """

    code = "quota_exceeded"
    status = 429

    def __init__(self, detail: str, *, quota_status: QuotaStatus, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.quota_status = quota_status
