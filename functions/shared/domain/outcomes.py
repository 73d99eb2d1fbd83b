"""Outcomes of delivering an event."""

from __future__ import annotations

from enum import StrEnum


class DeliveryOutcome(StrEnum):
    """The outcome of claiming a task, or of the whole delivery."""

    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    IGNORED = "ignored"
    """The event starts no task of this process."""
    MISSING = "missing"
    """The entry does not exist."""
    DELETED = "deleted"
    STALE = "stale"
    """The entry was edited after the event was published."""
    EARLY = "early"
    """An earlier stage, a chunk or the recording is not there yet."""
    FINISHED = "finished"
    """The task was finished before."""
    BUSY = "busy"
    """Another worker holds the lease."""
    CRASHED = "crashed"
    """Given up after too many attempts without an outcome."""
    SUPERSEDED = "superseded"
    """The lease was lost while working."""
