"""Background jobs: exports and batch transcription."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import flask
import msgspec

from functions.journal.api import stored_objects
from functions.journal.jobs import exports
from functions.journal.jobs.batch_transcription import BatchResult, BatchTranscription
from functions.journal.jobs.jobs import Jobs
from functions.shared.access.authorization import Requirement
from functions.shared.domain.content import Timestamp
from functions.shared.domain.records import JobKind, JobRecord, JobState, Scope
from functions.shared.errors import Conflict
from functions.shared.observability import logs
from functions.shared.ports import Ports
from functions.shared.web import uploads
from functions.shared.web.routing import Call, Reply, Route

TAG = "Jobs"
_JOB_PATH = "/v1/jobs/{job_id}"
_NOT_FOUND = {"job_not_found": 404}


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job. `done` of `total` parts are finished; `result` is the path of a finished job's result."""

    id: str
    kind: JobKind
    state: JobState
    created_at: Timestamp
    updated_at: Timestamp
    finished_at: Timestamp | None
    done: int
    total: int | None
    code: str | None
    result: str | None
    expires_at: Timestamp | None


class JobList(msgspec.Struct, frozen=True, kw_only=True):
    jobs: tuple[JobView, ...]


def job_view(job: JobRecord) -> JobView:
    """The view of a job; a finished job's result is available until `expires_at`."""
    finished = job.state is JobState.DONE
    return JobView(
        id=job.record_id,
        kind=job.kind,
        state=job.state,
        created_at=job.created_at,
        updated_at=job.updated_at,
        finished_at=job.finished_at,
        done=job.done,
        total=job.total,
        code=job.code,
        result=f"/v1/jobs/{job.record_id}/result" if finished else None,
        expires_at=job.wake_at if finished else None,
    )


class JobApi:
    """Handlers over the callers' jobs."""

    def __init__(self, ports: Ports, jobs: Jobs, batches: BatchTranscription) -> None:
        self._ports = ports
        self._jobs = jobs
        self._batches = batches
        self._results: Mapping[JobKind, Callable[[JobRecord, flask.Request], Reply | flask.Response]] = {
            JobKind.EXPORT: self._zip,
            JobKind.TRANSCRIPTION: lambda job, _: Reply(body=self._batches.result(job)),
        }

    def export(self, call: Call[None]) -> Reply:
        logs.audit("export", call.uid, "account")
        return _accepted(self._jobs.create(call.uid, JobKind.EXPORT))

    def transcribe(self, call: Call[None]) -> Reply:
        with uploads.uploaded_files(call.request) as recordings:
            call.authorization.count_further_entries(len(recordings) - 1)
            call.authorization.count_audio(sum(recording.path.stat().st_size for recording in recordings))
            return _accepted(self._batches.begin(call.uid, recordings))

    def list(self, call: Call[None]) -> Reply:
        return Reply(body=JobList(jobs=tuple(map(job_view, self._jobs.owned_by(call.uid)))))

    def read(self, call: Call[None]) -> Reply:
        return Reply(body=job_view(self._jobs.get(call.uid, call.path["job_id"])))

    def cancel(self, call: Call[None]) -> Reply:
        return Reply(body=job_view(self._jobs.cancel(call.uid, call.path["job_id"])))

    def result(self, call: Call[None]) -> Reply | flask.Response:
        job = self._jobs.get(call.uid, call.path["job_id"])
        if job.state is not JobState.DONE:
            raise Conflict(f"the job is not done but {job.state}", code="job_not_done")
        return self._results[job.kind](job, call.request)

    def _zip(self, job: JobRecord, request: flask.Request) -> flask.Response:
        archive = exports.result(self._ports, job)
        disposition = f'attachment; filename="samo-{job.created_at:%Y-%m-%d}.zip"'
        return stored_objects.send_stored_object(
            request, self._ports.exports, archive, {"Content-Disposition": disposition}
        )


def _accepted(job: JobRecord) -> Reply:
    headers = {"Location": f"/v1/jobs/{job.record_id}", "Preference-Applied": "respond-async"}
    return Reply(status=202, body=job_view(job), headers=headers)


def routes(api: JobApi) -> Sequence[Route]:
    return [*_starting(api), *_monitoring(api), _result(api)]


def _starting(api: JobApi) -> Sequence[Route]:
    return [
        Route(
            method="POST",
            path="/v1/exports",
            handler=api.export,
            summary="Export the journal as a zip file",
            description="Starts a job. The archive contains every entry as JSON, and all stored recordings.",
            tag=TAG,
            requires=Requirement(scope=Scope.EXPORT, irreversible=True),
            replies={202: JobView},
            problems={"too_many_jobs": 409},
        ),
        Route(
            method="POST",
            path="/transcribe/batch",
            handler=api.transcribe,
            summary="Transcribe several recordings in the background",
            description="Starts a job. The recordings do not become entries.",
            tag="Transcription",
            requires=Requirement(scope=Scope.ANALYZE, quotas=("entries", "audio")),
            accepts=uploads.ACCEPTS_SEVERAL,
            replies={202: JobView},
            problems={**uploads.PROBLEMS, "too_many_jobs": 409, "batch_too_large": 413},
        ),
    ]


def _monitoring(api: JobApi) -> Sequence[Route]:
    return [
        Route(
            method="GET",
            path="/v1/jobs",
            handler=api.list,
            summary="List jobs, newest first",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            replies={200: JobList},
        ),
        Route(
            method="GET",
            path=_JOB_PATH,
            handler=api.read,
            summary="Retrieve a job and its progress",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            replies={200: JobView},
            problems=_NOT_FOUND,
        ),
        Route(
            method="POST",
            path=f"{_JOB_PATH}/cancel",
            handler=api.cancel,
            summary="Cancel a job",
            description="Has no effect on a job that is finished.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            replies={200: JobView},
            problems=_NOT_FOUND,
        ),
    ]


def _result(api: JobApi) -> Route:
    return Route(
        method="GET",
        path=f"{_JOB_PATH}/result",
        handler=api.result,
        summary="Download a job's result",
        description="The zip file of an export, or the transcripts of a batch. Available for seven days.",
        tag=TAG,
        requires=Requirement(scope=Scope.EXPORT),
        replies={200: BatchResult},
        also={200: (exports.MEDIA_TYPE,), 206: (exports.MEDIA_TYPE,)},
        problems={
            **_NOT_FOUND,
            "job_not_done": 409,
            "result_gone": 404,
            "requested_range_not_satisfiable": 416,
        },
    )
