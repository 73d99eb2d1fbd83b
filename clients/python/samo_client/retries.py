"""Retry policy."""

from __future__ import annotations

import random

import msgspec

from samo_client.errors import SamoError, Unreachable

TRANSIENT = frozenset({429, 502, 503, 504})
"""Statuses that a retry may not meet again."""


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """Exponential backoff with full jitter.

    Attributes:
        attempts: total number of attempts; 1 disables retries.
        base_s: upper bound of the first pause; it doubles with every further attempt.
        most_s: longest pause; if the server asks for a longer one, its error is raised instead.
    """

    attempts: int = 4
    base_s: float = 0.5
    most_s: float = 30.0

    def pause(self, attempt: int, error: SamoError) -> float | None:
        """Seconds to wait after failed attempt number `attempt` (from 1); None: do not retry."""
        transient = isinstance(error, Unreachable) or error.status in TRANSIENT
        asked = error.retry_after or 0.0
        if not transient or attempt >= self.attempts or asked > self.most_s:
            return None
        jitter = random.uniform(0, min(self.most_s, self.base_s * 2 ** (attempt - 1)))  # noqa: S311
        return asked + jitter
