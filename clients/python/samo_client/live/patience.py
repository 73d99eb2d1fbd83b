"""Whether a dictation whose connection was lost goes on, and when."""

from __future__ import annotations

import random
import time

from samo_client.errors import SamoError, Unreachable
from samo_client.retries import PASSING, Retries

ONCE = frozenset({"unauthenticated", "internal", "artifact_unavailable"})
"""Refusals that may not come again: the next connection brings a fresh token, or another attempt."""
FINAL = frozenset({"quota_exceeded", "not_delivered"})
"""Refusals that pass, but not soon."""
_STEADY_S = 10.0
_MOST_S = 5.0


class Patience:
    """Attributes:
    resume_s: within so many seconds the server knows the dictation; None before it has begun.
    """

    def __init__(self, retries: Retries, *, renewable: bool) -> None:
        self.resume_s: float | None = None
        self._retries = retries
        self._renewable = renewable
        self._failures = 0
        self._lost_at = self._ready_at = 0.0
        self._seen: set[str] = set()

    def ready(self, resume_s: float) -> None:
        """A connection is there, for what it is worth."""
        self.resume_s = resume_s
        self._ready_at = time.monotonic()

    def relax(self) -> None:
        """It is worth something: there is news."""
        self._failures = 0
        self._seen.clear()

    def pause(self, error: SamoError) -> float | None:
        """How many seconds to wait before the next connection; None: there is none."""
        now = time.monotonic()
        if self._ready_at and now - self._ready_at > _STEADY_S:
            self.relax()
        self._ready_at = 0.0
        self._failures += 1
        if self._failures == 1:
            self._lost_at = now
        if error.code in ONCE:
            return self._once(error.code)
        if error.code == "idle_timeout":
            return 0.0
        if error.code in FINAL:
            return None
        if self.resume_s is None:
            return self._retries.pause(self._failures, error)
        passing = isinstance(error, Unreachable) or error.status in PASSING
        longest = min(_MOST_S, self._retries.base_s * 2 ** (self._failures - 1))
        pause = (error.retry_after or 0.0) + random.uniform(0, longest)  # noqa: S311
        return pause if passing and now + pause < self._lost_at + self.resume_s else None

    def _once(self, code: str) -> float | None:
        if code in self._seen or (code == "unauthenticated" and not self._renewable):
            return None
        self._seen.add(code)
        return 0.0
