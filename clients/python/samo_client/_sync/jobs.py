# Written by `python -m clients.generate` from the module of this name in _async.
"""Background jobs: exports and batch transcription."""

from __future__ import annotations

import time
from pathlib import Path
from typing import BinaryIO

from samo_client._sync.downloads import Download
from samo_client._sync.transport import Transport
from samo_client.errors import Conflict, SamoError
from samo_client.recordings import Progress
from samo_client.schema import BatchResult, JobList, JobState, JobView

FINISHED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Jobs:
    """The user's jobs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> tuple[JobView, ...]:
        """Lists all jobs, newest first."""
        return (self._transport.request(JobList, "jobs.list")).jobs

    def get(self, job_id: str) -> JobView:
        """The state and progress of a job."""
        return self._transport.request(JobView, "jobs.get", job_id)

    def cancel(self, job_id: str) -> JobView:
        """Cancels a job; a finished job is left as it is."""
        return self._transport.request(JobView, "jobs.cancel", job_id)

    def wait(self, job_id: str, timeout_s: float = 600) -> JobView:
        """Waits until a job has finished, successfully or not; raises TimeoutError."""
        deadline, pause = time.monotonic() + timeout_s, 0.2
        while (job := self.get(job_id)).state not in FINISHED:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the job is {job.state} after {timeout_s} s")
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, 10.0)
        return job

    def result(self, job_id: str) -> BatchResult:
        """The result of a batch transcription; for exports see `exports.download`."""
        return self._transport.request(BatchResult, "jobs.result", job_id)


class Exports:
    """Exports of the whole journal as a zip file."""

    def __init__(self, transport: Transport, jobs: Jobs) -> None:
        self._transport = transport
        self._jobs = jobs

    def create(self) -> JobView:
        """Starts an export; it can be downloaded once the job is done."""
        return self._transport.request(JobView, "exports.create")

    def download(
        self,
        path: str | Path,
        progress: Progress | None = None,
        *,
        job_id: str | None = None,
        timeout_s: float = 600,
    ) -> Path:
        """Saves an export as a file once its job is done.

        Args:
            progress: called with the bytes downloaded so far and the total.
            job_id: of an export that was started before; None starts one.
            timeout_s: how long to wait for the job.

        Raises:
            TimeoutError: the job is not done in time.
            Conflict: the job failed or was cancelled.
        """
        job = self._jobs.wait(job_id or (self.create()).id, timeout_s)
        if job.state != JobState.DONE:
            raise Conflict(f"the export is {job.state}", code=job.code or "job_not_done")
        target = Path(path)
        part = target.with_name(f"{target.name}.part")
        with part.open("wb") as file:
            self._fetch(job.id, file, progress)
        return part.replace(target)

    def _fetch(self, job_id: str, file: BinaryIO, progress: Progress | None) -> None:
        """Downloads a job's result, resuming after interruptions."""
        failures, download = 0, Download(self._transport, file, progress)
        while True:
            before = file.tell()
            try:
                return download.resume("jobs.result", job_id)
            except SamoError as error:
                failures = 1 if file.tell() > before else failures + 1
                pause = self._transport.retries.pause(failures, error)
                if pause is None:
                    raise
                time.sleep(pause)
