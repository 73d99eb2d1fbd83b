"""When to try again, and after how long."""

from __future__ import annotations

import random

import msgspec

from samo_client.errors import SamoError, Unreachable

PASSING = frozenset({429, 502, 503, 504})
"""Statuses of answers that may be others in a moment."""


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """Exponential backoff with full jitter.

    Attributes:
        attempts: how often to try in all; 1: never again.
        base_s: the first pause is up to this long, each further one up to twice as long.
        most_s: no pause is longer; where the server asks for more patience, its refusal is raised instead.
    """

    attempts: int = 4
    base_s: float = 0.5
    most_s: float = 30.0

    def pause(self, attempt: int, error: SamoError) -> float | None:
        """How many seconds to wait after an attempt (from 1) that failed; None: do not try again."""
        passing = isinstance(error, Unreachable) or error.status in PASSING
        asked = error.retry_after or 0.0
        if not passing or attempt >= self.attempts or asked > self.most_s:
            return None
        jitter = random.uniform(0, min(self.most_s, self.base_s * 2 ** (attempt - 1)))  # noqa: S311
        return asked + jitter
