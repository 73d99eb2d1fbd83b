"""Decides whether and when a dictation reconnects."""

from __future__ import annotations

import random
import time

from samo_client.errors import SamoError, Unreachable
from samo_client.retries import TRANSIENT, Retries

RETRY_ONCE = frozenset({"unauthenticated", "internal", "artifact_unavailable"})
"""Errors worth one retry: the next connection has a fresh token, or another instance."""
NO_RETRY = frozenset({"quota_exceeded", "not_delivered"})
"""Temporary errors that last too long to retry."""
_STEADY_S = 10.0
_MAX_PAUSE_S = 5.0


class ReconnectionPolicy:
    """Exponential backoff with jitter, within the time in which the server can resume the dictation.

    Attributes:
        resume_s: for how long the server keeps a lost dictation; None before it has begun.
    """

    def __init__(self, retries: Retries, *, renewable: bool) -> None:
        self.resume_s: float | None = None
        self._retries = retries
        self._renewable = renewable
        self._failures = 0
        self._lost_at = self._ready_at = 0.0
        self._seen: set[str] = set()

    def ready(self, resume_s: float) -> None:
        """A connection was established."""
        self.resume_s = resume_s
        self._ready_at = time.monotonic()

    def relax(self) -> None:
        """The connection made progress, so earlier failures no longer count."""
        self._failures = 0
        self._seen.clear()

    def pause(self, error: SamoError) -> float | None:
        """Seconds to wait before reconnecting; None: give up."""
        now = time.monotonic()
        if self._ready_at and now - self._ready_at > _STEADY_S:
            self.relax()
        self._ready_at = 0.0
        self._failures += 1
        if self._failures == 1:
            self._lost_at = now
        if error.code in RETRY_ONCE:
            return self._once(error.code)
        if error.code == "idle_timeout":
            return 0.0
        if error.code in NO_RETRY:
            return None
        if self.resume_s is None:
            return self._retries.pause(self._failures, error)
        transient = isinstance(error, Unreachable) or error.status in TRANSIENT
        longest = min(_MAX_PAUSE_S, self._retries.base_s * 2 ** (self._failures - 1))
        pause = (error.retry_after or 0.0) + random.uniform(0, longest)  # noqa: S311
        return pause if transient and now + pause < self._lost_at + self.resume_s else None

    def _once(self, code: str) -> float | None:
        if code in self._seen or (code == "unauthenticated" and not self._renewable):
            return None
        self._seen.add(code)
        return 0.0
