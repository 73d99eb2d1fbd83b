"""Work that takes longer than a request: exports, and recordings transcribed by the dozen."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import BinaryIO

from samo_client._async.downloads import Download
from samo_client._async.transport import Transport
from samo_client.errors import Conflict, SamoError
from samo_client.recordings import Progress
from samo_client.schema import BatchResult, JobList, JobState, JobView

OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Jobs:
    """The user's jobs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self) -> tuple[JobView, ...]:
        """All jobs, newest first."""
        return (await self._transport.ask(JobList, "jobs.list")).jobs

    async def get(self, job_id: str) -> JobView:
        """How far a job is."""
        return await self._transport.ask(JobView, "jobs.get", job_id)

    async def cancel(self, job_id: str) -> JobView:
        """Stop a job; one that is over stays as it is."""
        return await self._transport.ask(JobView, "jobs.cancel", job_id)

    async def wait(self, job_id: str, timeout_s: float = 600) -> JobView:
        """The job once it is over, well or not; raises TimeoutError if that takes longer."""
        deadline, pause = time.monotonic() + timeout_s, 0.2
        while (job := await self.get(job_id)).state not in OVER:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"the job is {job.state} after {timeout_s} s")
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.5, 10.0)
        return job

    async def result(self, job_id: str) -> BatchResult:
        """What came of a batch of recordings; an export is fetched by `exports.download`."""
        return await self._transport.ask(BatchResult, "jobs.result", job_id)


class Exports:
    """Everything in the journal, as a zip file."""

    def __init__(self, transport: Transport, jobs: Jobs) -> None:
        self._transport = transport
        self._jobs = jobs

    async def create(self) -> JobView:
        """Ask for an export; the job is done when it can be downloaded."""
        return await self._transport.ask(JobView, "exports.create")

    async def download(
        self,
        path: str | Path,
        progress: Progress | None = None,
        *,
        job_id: str | None = None,
        timeout_s: float = 600,
    ) -> Path:
        """Save an export as a file, once it is done.

        Args:
            progress: hears how much of it has been fetched.
            job_id: of an export that was asked for before; None: a new one.
            timeout_s: for how long to wait until it is done.

        Raises:
            TimeoutError: it is not.
            Conflict: it failed, or was cancelled.
        """
        job = await self._jobs.wait(job_id or (await self.create()).id, timeout_s)
        if job.state != JobState.DONE:
            raise Conflict(f"the export is {job.state}", code=job.code or "job_not_done")
        target = Path(path)
        part = target.with_name(f"{target.name}.part")
        with part.open("wb") as file:
            await self._fetch(job.id, file, progress)
        return part.replace(target)

    async def _fetch(self, job_id: str, file: BinaryIO, progress: Progress | None) -> None:
        """A job's result, going on where it broke off."""
        failures, download = 0, Download(self._transport, file, progress)
        while True:
            before = file.tell()
            try:
                return await download.go_on("jobs.result", job_id)
            except SamoError as error:
                failures = 1 if file.tell() > before else failures + 1
                pause = self._transport.retries.pause(failures, error)
                if pause is None:
                    raise
                await asyncio.sleep(pause)
