"""How often a user, or one of their keys, may call: quotas that hold across instances.

Instances take shares of a quota from one document a user and quota, in leases that grow with use: the first
is small, so that many instances can serve one user, and later ones are larger, so that the document is
written far less often than calls come. All leases together never exceed the quota; what an instance has
leased and not used is lost when the window ends.
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
"""The first lease is this part of a quota; each later one in the same window twice as large."""
_LARGEST = 8
"""No lease is more than this part of it."""


class Quota(msgspec.Struct, frozen=True):
    """At most `limit` (calls, or bytes) in `window_s` seconds."""

    name: str
    limit: int
    window_s: int


class Quotas(msgspec.Struct, frozen=True):
    """What the settings allow: to a user and to one key, calls of any kind; to a user, new entries and
    recordings (MiB)."""

    user: Quota
    key: Quota
    entries: Quota
    audio: Quota


def load_quotas(settings: Settings) -> Quotas:
    return Quotas(
        user=Quota("requests", settings.quota_requests_per_minute, 60),
        key=Quota("key-requests", settings.quota_key_requests_per_minute, 60),
        entries=Quota("entries", settings.quota_entries_per_hour, 3600),
        audio=Quota("audio-mib", settings.quota_audio_mib_per_day, 86_400),
    )


class QuotaStatus(NamedTuple):
    """What is left of a quota, as far as this instance knows, and in how many seconds it begins anew."""

    quota: Quota
    remaining: int
    reset_s: int


class _Lease(NamedTuple):
    left: int
    """Granted to this instance and not used."""
    elsewhere: int
    """Of the whole quota, not granted to anybody yet."""
    ends: float
    """By this process's monotonic clock."""
    asked: int


class RateLimiter:
    """Counts calls against quotas; safe to call from several threads.

    Where the store cannot be reached, calls pass: a limit must not be what takes a service down.
    """

    def __init__(self, records: RecordStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._leases = BoundedCache[tuple[str, str], _Lease]()
        self._lock = threading.Lock()

    def take(self, owner: str, quota: Quota, amount: int = 1, *, of: str = "") -> QuotaStatus:
        """Use `amount` of an owner's quota; `of` tells apart several of one name, such as keys'.

        Raises:
            TooManyRequests: there is not enough left; says after how many seconds it begins anew.
        """
        subject = (owner, f"{quota.name}.{of}" if of else quota.name)
        try:
            lease = self._enough(subject, quota, amount)
        except TemporaryError as error:
            logs.event("limits unavailable", code=error.code)
            return QuotaStatus(quota, quota.limit, quota.window_s)
        reset_s = max(1, math.ceil(lease.ends - self._clock()))
        left = lease.left + lease.elsewhere
        if lease.left < amount:
            raise TooManyRequests(
                f"{quota.limit} {quota.name} in {quota.window_s} s are allowed",
                standing=QuotaStatus(quota, left, reset_s),
            )
        return QuotaStatus(quota, left - amount, reset_s)

    def _enough(self, subject: tuple[str, str], quota: Quota, amount: int) -> _Lease:
        """The subject's lease, of which `amount` is used if it has that much."""
        with self._lock:
            lease = self._current(subject)
            if lease is not None and (lease.left >= amount or lease.elsewhere < amount):
                return self._use(subject, lease, amount)
        more = self._lease(subject, quota, amount, lease)
        with self._lock:
            return self._use(subject, more, amount)

    def _current(self, subject: tuple[str, str]) -> _Lease | None:
        lease = self._leases.get(subject)
        return lease if lease is not None and lease.ends > self._clock() else None

    def _use(self, subject: tuple[str, str], lease: _Lease, amount: int) -> _Lease:
        left = lease.left - amount if lease.left >= amount else lease.left
        self._leases.put(subject, lease._replace(left=left))
        return lease

    def _lease(self, subject: tuple[str, str], quota: Quota, amount: int, known: _Lease | None) -> _Lease:
        owner, name = subject
        asked = 2 * known.asked if known else max(1, quota.limit // _SMALLEST)
        asked = min(asked, max(1, quota.limit // _LARGEST))
        change = _granting(owner, name, quota, amount, max(amount, asked))
        granted, elsewhere, reset_s = self._records.transact(Address(QuotaUsage, name, owner), change)
        return _Lease((known.left if known else 0) + granted, elsewhere, self._clock() + reset_s, asked)


Granted = tuple[int, int, float]
"""How much, how much is left then, and for how many seconds."""


def _granting(
    owner: str, name: str, quota: Quota, amount: int, wanted: int
) -> RecordChange[QuotaUsage, Granted]:
    """Grants `wanted`, or what is left."""
    window = timedelta(seconds=quota.window_s)

    def change(found: QuotaUsage | None, now: datetime) -> RecordUpdate[QuotaUsage, Granted]:
        if found is None or now >= found.began_at + window:
            found = QuotaUsage(record_id=name, owner=owner, began_at=now, taken=0)
        ends = found.began_at + window
        left = max(0, quota.limit - found.taken)
        granted = min(left, wanted) if left >= amount else 0
        answer = (granted, left - granted, (ends - now).total_seconds())
        if granted == 0:
            return UNCHANGED, answer
        forgotten = ends + timedelta(hours=1)
        return replace(found, taken=found.taken + granted, expires_at=forgotten), answer

    return change


class TooManyRequests(InvalidRequest):
    """Attributes:
    standing: the quota that is used up.
    """

    code = "quota_exceeded"
    status = 429

    def __init__(self, detail: str, *, standing: QuotaStatus, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.standing = standing
