"""Work that takes longer than a request: asked for here, done by whoever is called next (`job_runner`)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from functions.shared.domain.records import Address, JobKind, JobRecord, JobState
from functions.shared.errors import Conflict, NotFound
from functions.shared.ports import UNCHANGED, RecordStore, RecordUpdate

KEPT = timedelta(days=7)
"""For how long a finished job and its result can be had."""
MOST_OPEN = 3
"""Of one kind and user that may be under way at once."""
OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Jobs:
    """The jobs of all users.

    Args:
        ring: called after each change, to wake a worker of the same process.
    """

    def __init__(self, records: RecordStore, ring: Callable[[], None] = lambda: None) -> None:
        self._records = records
        self._ring = ring

    def ask(
        self,
        uid: str,
        kind: JobKind,
        *,
        total: int | None = None,
        job_id: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> JobRecord:
        """A new job.

        Raises:
            Conflict: `too_many_jobs`, enough of this kind are under way.
        """
        open_ones = [job for job in self.all_of(uid) if job.kind is kind and job.state not in OVER]
        if len(open_ones) >= MOST_OPEN:
            raise Conflict(f"{MOST_OPEN} jobs of this kind are under way already", code="too_many_jobs")
        job_id = job_id or uuid.uuid4().hex

        def create(_: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord]:
            made = JobRecord(
                record_id=job_id,
                owner=uid,
                kind=kind,
                created_at=now,
                updated_at=now,
                total=total,
                detail=detail or {},
                wake_at=now,
            )
            return made, made

        made = self._records.transact(Address(JobRecord, job_id, uid), create)
        self._ring()
        return made

    def all_of(self, uid: str) -> list[JobRecord]:
        """A user's jobs, newest first."""
        return sorted(self._records.list_owned(JobRecord, uid), key=lambda job: job.created_at, reverse=True)

    def get(self, uid: str, job_id: str) -> JobRecord:
        """Raises NotFound `job_not_found`."""
        job = self._records.get(Address(JobRecord, job_id, uid))
        if job is None:
            raise _missing()
        return job

    def cancel(self, uid: str, job_id: str) -> JobRecord:
        """Whoever works on it stops at its next report, and what it left is removed; one over stays as it is.

        Raises:
            NotFound: `job_not_found`.
        """

        def change(job: JobRecord | None, now: datetime) -> RecordUpdate[JobRecord, JobRecord]:
            if job is None:
                raise _missing()
            if job.state in OVER:
                return UNCHANGED, job
            cancelled = replace(finish(job, JobState.CANCELLED, now), wake_at=now)
            return cancelled, cancelled

        job = self._records.transact(Address(JobRecord, job_id, uid), change)
        self._ring()
        return job


def finish(job: JobRecord, state: JobState, now: datetime, code: str | None = None) -> JobRecord:
    """The job as it ends: its result, and then the job itself, go after some days."""
    return replace(
        job,
        state=state,
        code=code,
        finished_at=now,
        updated_at=now,
        lease_token=None,
        wake_at=now + KEPT,
        expires_at=now + 2 * KEPT,
    )


def _missing() -> NotFound:
    return NotFound("there is no such job", code="job_not_found")
