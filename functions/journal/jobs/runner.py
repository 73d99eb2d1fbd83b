"""Doing jobs, under a lease as a stage has one: who dies in the middle leaves it to the next one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec.structs import replace

from functions.journal.jobs.jobs import OVER, finish
from functions.shared.domain.records import Address, JobKind, JobRecord, JobState
from functions.shared.errors import LeaseLost, SamoError, TemporaryError
from functions.shared.observability import logs
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate

LEASE = timedelta(seconds=570)
MOST_ATTEMPTS = 5
_AT_ONCE = 20


class JobOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run came: to the end, or to be taken further after `again`."""

    done: int
    total: int
    again: timedelta | None = None


JobProgress = Callable[[int, int], None]
"""How many of how many parts are done; raises LeaseLost where the job is no longer this worker's."""


class JobWork(Protocol):
    """What is done for jobs of one kind."""

    def run(self, job: JobRecord, progress: JobProgress) -> JobOutcome:
        """Do it, or a part of it. A TemporaryError is tried again; any other SamoError fails the job."""
        ...

    def discard(self, job: JobRecord) -> None:
        """Remove what the job has left, because it was cancelled or has served its time."""
        ...


class JobRunner:
    """Does the jobs of all users. Stateless: any number may work side by side."""

    def __init__(self, records: RecordStore, works: Mapping[JobKind, JobWork]) -> None:
        self._records = records
        self._works = works

    def run_due(self) -> int:
        """Do, or take further, every job whose time has come; answers how many there were."""
        due = self._records.list_due(JobRecord, _AT_ONCE)
        for job in due:
            try:
                self._look_after(job)
            except Exception:
                logs.failure("job failed", kind=job.kind, job=job.record_id)
        return len(due)

    def _look_after(self, job: JobRecord) -> None:
        work = self._works.get(job.kind)
        if work is None:
            return
        if job.state in OVER:
            self._discard(work, job)
            return
        claimed = self._claim(job)
        if claimed is not None:
            self._run(work, claimed)

    def _discard(self, work: JobWork, job: JobRecord) -> None:
        """What it left is removed; the word of a job that was cancelled stays as long as others'."""
        work.discard(job)
        served = job.finished_at is not None and job.wake_at is not None and job.wake_at > job.finished_at

        def change(found: JobRecord | None, _: datetime) -> RecordUpdate[JobRecord, None]:
            return (None if served or found is None else replace(found, wake_at=None)), None

        self._records.transact(_address(job), change)

    def _claim(self, job: JobRecord) -> JobRecord | None:
        token = uuid.uuid4().hex

        def change(found: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord | None]:
            if found is None or found.state in OVER or found.wake_at is None or found.wake_at > now:
                return UNCHANGED, None
            if found.attempt >= MOST_ATTEMPTS:
                return finish(found, JobState.FAILED, now, "crashed"), None
            claimed = replace(
                found,
                state=JobState.RUNNING,
                attempt=found.attempt + 1,
                lease_token=token,
                wake_at=now + LEASE,
                updated_at=now,
            )
            return claimed, claimed

        return self._records.transact(_address(job), change)

    def _run(self, work: JobWork, job: JobRecord) -> None:
        try:
            outcome = work.run(job, lambda done, total: self._report(job, done, total))
        except LeaseLost:
            logs.event("job", kind=job.kind, outcome="superseded", job=job.record_id)
            return
        except TemporaryError as error:
            logs.event("job", kind=job.kind, outcome="postponed", code=error.code, job=job.record_id)
            self._settle(job, lambda found, now: replace(found, wake_at=now + _backoff(found.attempt)))
            return
        except SamoError as error:
            code = error.code
            self._settle(job, lambda found, now: finish(found, JobState.FAILED, now, code))
            logs.event("job", kind=job.kind, outcome="failed", code=code, job=job.record_id)
            return
        self._settle(job, lambda found, now: _advanced(found, outcome, now))
        logs.event("job", kind=job.kind, outcome="went on" if outcome.again else "done", job=job.record_id)

    def _report(self, job: JobRecord, done: int, total: int) -> None:
        self._settle(
            job,
            lambda found, now: replace(found, done=done, total=total, updated_at=now, wake_at=now + LEASE),
        )

    def _settle(self, job: JobRecord, change: Callable[[JobRecord, datetime], JobRecord]) -> None:
        """Raises LeaseLost where the job was cancelled, deleted, or taken up by another."""

        def amend(found: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord]:
            if found is None or found.lease_token != job.lease_token or found.state in OVER:
                raise LeaseLost("the job is no longer this worker's")
            changed = change(found, now)
            return changed, changed

        self._records.transact(_address(job), amend)


def _address(job: JobRecord) -> Address[JobRecord]:
    return Address(JobRecord, job.record_id, job.owner)


def _advanced(job: JobRecord, outcome: JobOutcome, now: datetime) -> JobRecord:
    job = replace(job, done=outcome.done, total=outcome.total, updated_at=now)
    if outcome.again is None:
        return finish(job, JobState.DONE, now)
    return replace(job, attempt=0, lease_token=None, wake_at=now + outcome.again)


def _backoff(attempt: int) -> timedelta:
    return timedelta(seconds=min(600, 10 * 2**attempt))
