"""Leases on tasks: claim, renew, release.

Pure transitions, like those in `lifecycle`. The lease's token is a fencing token: a worker that lost its
lease, to another worker, an edit or a deletion, can no longer store anything.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.completion import fail_task
from functions.shared.domain.entries import Entry, StageError, StageState
from functions.shared.domain.lifecycle import settle
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.tasks import Task, check_claimable, record_of, require_lease, with_record
from functions.shared.runtime.settings import Settings


class Claim(msgspec.Struct, frozen=True):
    """The result of claiming a task.

    Attributes:
        outcome: `LEASED`, or why the task was not leased.
        entry: the entry after the claim; None if it does not exist.
        token: the lease's token, if the task was leased.
    """

    outcome: DeliveryOutcome
    entry: Entry | None = None
    token: str = ""


def claim(
    entry: Entry | None, task: Task, now: datetime, token: str, settings: Settings
) -> tuple[Write, Claim]:
    """Lease the task if it can be worked on now; fail it once too many attempts had no outcome."""
    outcome = check_claimable(entry, task, now)
    if entry is None or outcome is not DeliveryOutcome.LEASED:
        return NO_CHANGE, Claim(outcome, entry)
    record = record_of(entry, task)
    if record.attempt + 1 >= settings.max_claims:
        crashed = StageError(
            code="crashed", message=f"given up after {record.attempt} attempts without an outcome"
        )
        entry = fail_task(entry, task, crashed, now, settings)
        return Write(entry=entry), Claim(DeliveryOutcome.CRASHED, entry)
    running = replace(
        record,
        state=StageState.RUNNING,
        attempt=record.attempt + 1,
        lease_token=token,
        lease_until=now + settings.lease,
        started_at=record.started_at or now,
        error=None,
    )
    entry = settle(with_record(entry, task, running), now, settings)
    return Write(entry=entry), Claim(DeliveryOutcome.LEASED, entry, token)


def renew(
    entry: Entry | None, task: Task, token: str, progress: float, now: datetime, settings: Settings
) -> Entry:
    """Extend the lease from now on and store the progress (0..1).

    Raises:
        LeaseLost: another worker claimed the task, or the entry was edited or deleted.
    """
    entry, record = require_lease(entry, task, token)
    record = replace(record, lease_until=now + settings.lease, progress=round(progress, 3))
    return settle(with_record(entry, task, record), now, settings)


def release(
    entry: Entry | None, task: Task, token: str, *, counts: bool, now: datetime, settings: Settings
) -> Entry:
    """End the lease so that the task can be tried again.

    Args:
        counts: whether this attempt counts towards `max_claims`.

    Raises:
        LeaseLost: another worker claimed the task, or the entry was edited or deleted.
    """
    entry, record = require_lease(entry, task, token)
    attempt = record.attempt if counts else record.attempt - 1
    record = replace(record, state=StageState.PENDING, attempt=attempt, lease_token=None, lease_until=None)
    return settle(with_record(entry, task, record), now, settings)
