"""Runs jobs under a lease, as stages run: if a worker dies, another one takes the job over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec.structs import replace

from functions.journal.jobs.jobs import FINAL_STATES, finish
from functions.shared.domain.records import Address, JobKind, JobRecord, JobState
from functions.shared.errors import LeaseLost, SamoError, TemporaryError
from functions.shared.observability import logs
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate

LEASE = timedelta(seconds=570)
MAX_ATTEMPTS = 5
_BATCH_SIZE = 20


class JobOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run got: to the end, or to be run again after `run_again_after`."""

    done: int
    total: int
    run_again_after: timedelta | None = None


JobProgress = Callable[[int, int], None]
"""Reports the parts done and their total. Raises LeaseLost if the worker no longer owns the job."""


class JobWork(Protocol):
    """The work of one kind of job."""

    def run(self, job: JobRecord, progress: JobProgress) -> JobOutcome:
        """Do the work or a part of it. A TemporaryError is retried; any other SamoError fails the job."""
        ...

    def discard(self, job: JobRecord) -> None:
        """Delete what the job produced, because it was cancelled or its result has expired."""
        ...


class JobRunner:
    """Runs the jobs of all users. Stateless: any number of runners may work at the same time."""

    def __init__(self, records: RecordStore, works: Mapping[JobKind, JobWork]) -> None:
        self._records = records
        self._works = works

    def run_due(self) -> int:
        """Run or clean up every job that is due; returns their number."""
        due = self._records.list_due(JobRecord, _BATCH_SIZE)
        for job in due:
            try:
                self._run_or_discard(job)
            except Exception:
                logs.failure("job failed", kind=job.kind, job=job.record_id)
        return len(due)

    def _run_or_discard(self, job: JobRecord) -> None:
        work = self._works.get(job.kind)
        if work is None:
            return
        if job.state in FINAL_STATES:
            self._discard(work, job)
            return
        claimed = self._claim(job)
        if claimed is not None:
            self._run(work, claimed)

    def _discard(self, work: JobWork, job: JobRecord) -> None:
        """Delete the job's result, and the job too, unless it was cancelled: then it expires later."""
        work.discard(job)
        result_expired = (
            job.finished_at is not None and job.wake_at is not None and job.wake_at > job.finished_at
        )

        def change(current: JobRecord | None, _: datetime) -> RecordUpdate[JobRecord, None]:
            return (None if result_expired or current is None else replace(current, wake_at=None)), None

        self._records.transact(_address(job), change)

    def _claim(self, job: JobRecord) -> JobRecord | None:
        token = uuid.uuid4().hex

        def claim(current: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord | None]:
            if current is None or current.state in FINAL_STATES:
                return UNCHANGED, None
            if current.wake_at is None or current.wake_at > now:
                return UNCHANGED, None
            if current.attempt >= MAX_ATTEMPTS:
                return finish(current, JobState.FAILED, now, "crashed"), None
            claimed = replace(
                current,
                state=JobState.RUNNING,
                attempt=current.attempt + 1,
                lease_token=token,
                wake_at=now + LEASE,
                updated_at=now,
            )
            return claimed, claimed

        return self._records.transact(_address(job), claim)

    def _run(self, work: JobWork, job: JobRecord) -> None:
        try:
            outcome = work.run(job, lambda done, total: self._report(job, done, total))
        except LeaseLost:
            logs.event("job", kind=job.kind, outcome="superseded", job=job.record_id)
            return
        except TemporaryError as error:
            logs.event("job", kind=job.kind, outcome="postponed", code=error.code, job=job.record_id)
            self._update(job, lambda current, now: replace(current, wake_at=now + _backoff(current.attempt)))
            return
        except SamoError as error:
            code = error.code
            self._update(job, lambda current, now: finish(current, JobState.FAILED, now, code))
            logs.event("job", kind=job.kind, outcome="failed", code=code, job=job.record_id)
            return
        self._update(job, lambda current, now: _apply(outcome, current, now))
        state = "continues" if outcome.run_again_after else "done"
        logs.event("job", kind=job.kind, outcome=state, job=job.record_id)

    def _report(self, job: JobRecord, done: int, total: int) -> None:
        """Store the progress and renew the lease."""
        self._update(
            job,
            lambda current, now: replace(
                current, done=done, total=total, updated_at=now, wake_at=now + LEASE
            ),
        )

    def _update(self, job: JobRecord, change: Callable[[JobRecord, datetime], JobRecord]) -> None:
        """Raises LeaseLost if the job was cancelled, deleted, or claimed by another worker."""

        def update(current: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord]:
            if current is None or current.lease_token != job.lease_token or current.state in FINAL_STATES:
                raise LeaseLost("this worker no longer owns the job")
            changed = change(current, now)
            return changed, changed

        self._records.transact(_address(job), update)


def _address(job: JobRecord) -> Address[JobRecord]:
    return Address(JobRecord, job.record_id, job.owner)


def _apply(outcome: JobOutcome, job: JobRecord, now: datetime) -> JobRecord:
    job = replace(job, done=outcome.done, total=outcome.total, updated_at=now)
    if outcome.run_again_after is None:
        return finish(job, JobState.DONE, now)
    return replace(job, attempt=0, lease_token=None, wake_at=now + outcome.run_again_after)


def _backoff(attempt: int) -> timedelta:
    return timedelta(seconds=min(600, 10 * 2**attempt))
