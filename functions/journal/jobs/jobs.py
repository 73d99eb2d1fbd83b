"""Creates, lists and cancels jobs: work that takes longer than a request. `runner` runs them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.shared.domain.records import Address, JobKind, JobRecord, JobState
from functions.shared.errors import Conflict, NotFound
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate

RESULT_TTL = timedelta(days=7)
"""How long the result of a finished job is kept. The job itself is kept for twice as long."""
MAX_UNFINISHED = 3
"""Per user and kind of job."""
FINAL_STATES = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Jobs:
    """The jobs of all users.

    Args:
        wake_worker: called after each change, to wake a worker in this process.
    """

    def __init__(self, records: RecordStore, wake_worker: Callable[[], None] = lambda: None) -> None:
        self._records = records
        self._wake_worker = wake_worker

    def create(
        self,
        uid: str,
        kind: JobKind,
        *,
        total: int | None = None,
        job_id: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> JobRecord:
        """Create a job that is due at once.

        Raises:
            Conflict: `too_many_jobs`, the user has `MAX_UNFINISHED` unfinished jobs of this kind.
        """
        unfinished = [job for job in self.owned_by(uid) if job.kind is kind and job.state not in FINAL_STATES]
        if len(unfinished) >= MAX_UNFINISHED:
            raise Conflict(
                f"{MAX_UNFINISHED} jobs of this kind are still running or waiting", code="too_many_jobs"
            )
        job_id = job_id or uuid.uuid4().hex

        def insert(_: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord]:
            job = JobRecord(
                record_id=job_id,
                owner=uid,
                kind=kind,
                created_at=now,
                updated_at=now,
                total=total,
                detail=detail or {},
                wake_at=now,
            )
            return job, job

        job = self._records.transact(Address(JobRecord, job_id, uid), insert)
        self._wake_worker()
        return job

    def owned_by(self, uid: str) -> list[JobRecord]:
        """A user's jobs, newest first."""
        return sorted(self._records.list_owned(JobRecord, uid), key=lambda job: job.created_at, reverse=True)

    def get(self, uid: str, job_id: str) -> JobRecord:
        """Raises NotFound `job_not_found`."""
        job = self._records.get(Address(JobRecord, job_id, uid))
        if job is None:
            raise _not_found()
        return job

    def cancel(self, uid: str, job_id: str) -> JobRecord:
        """Cancel a job; a finished job stays as it is.

        A worker that is running the job stops at its next progress report. What the job produced is deleted.

        Raises:
            NotFound: `job_not_found`.
        """

        def set_cancelled(job: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord]:
            if job is None:
                raise _not_found()
            if job.state in FINAL_STATES:
                return UNCHANGED, job
            cancelled = replace(finish(job, JobState.CANCELLED, now), wake_at=now)
            return cancelled, cancelled

        job = self._records.transact(Address(JobRecord, job_id, uid), set_cancelled)
        self._wake_worker()
        return job


def finish(job: JobRecord, state: JobState, now: datetime, code: str | None = None) -> JobRecord:
    """The job in a final state, due again when its result is to be deleted."""
    return replace(
        job,
        state=state,
        code=code,
        finished_at=now,
        updated_at=now,
        lease_token=None,
        wake_at=now + RESULT_TTL,
        expires_at=now + 2 * RESULT_TTL,
    )


def _not_found() -> NotFound:
    return NotFound("there is no such job", code="job_not_found")
