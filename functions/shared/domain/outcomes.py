"""What became of a delivered event."""

from __future__ import annotations

from enum import StrEnum


class DeliveryOutcome(StrEnum):
    """What a claim, or a whole delivery, came to."""

    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    IGNORED = "ignored"
    MISSING = "missing"
    DELETED = "deleted"
    STALE = "stale"
    EARLY = "early"
    FINISHED = "finished"
    BUSY = "busy"
    CRASHED = "crashed"
    SUPERSEDED = "superseded"
