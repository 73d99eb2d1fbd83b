"""Batch transcription: each recording runs through the pipeline as an unlisted entry."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from functions.journal.jobs.jobs import Jobs
from functions.journal.jobs.runner import JobOutcome, JobProgress
from functions.journal.journal import Journal, Journals
from functions.journal.views.entries import FINAL
from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.domain.entries import Entry, Stage, StageError
from functions.shared.domain.records import JobKind, JobRecord
from functions.shared.errors import Conflict, NotFound
from functions.shared.runtime.settings import Settings
from functions.shared.web.uploads import UploadedFile
from functions.shared.web.validation import require_batch

POLL_INTERVAL = {"local": timedelta(seconds=1), "gcp": timedelta(seconds=30)}
_GONE = "result_gone"


class TranscribedRecording(msgspec.Struct, frozen=True, kw_only=True):
    """One recording of a batch: its transcript, or why there is none."""

    name: str
    text: str | None
    segments: tuple[Segment, ...]
    language: str | None
    duration_s: float | None
    empty_reason: EmptyReason | None
    error: StageError | None


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """The recordings, in the order they were sent."""

    recordings: tuple[TranscribedRecording, ...]


class BatchTranscription:
    """Batches of recordings. Implements `runner.JobWork`."""

    def __init__(self, jobs: Jobs, journals: Journals, settings: Settings) -> None:
        self._jobs = jobs
        self._journals = journals
        self._settings = settings

    def begin(self, uid: str, files: Sequence[UploadedFile]) -> JobRecord:
        """Create a job for these recordings, all or none: if one is refused, none is stored.

        Raises:
            UnsupportedMedia, InvalidRequest, PayloadTooLarge: one file is not a recording SAMO supports.
            Conflict: `too_many_jobs`.
        """
        require_batch(files, self._settings.max_batch)
        job_id = uuid.uuid4().hex
        journal, entry_ids = self._journals(uid), list[str]()
        try:
            for number, file in enumerate(files):
                entry_ids.append(_entry_id(job_id, number))
                journal.create_voice_entry(file.path, entry_id=entry_ids[-1], job_id=job_id)
            names = {str(number): file.name for number, file in enumerate(files)}
            return self._jobs.create(
                uid, JobKind.TRANSCRIPTION, total=len(files), job_id=job_id, detail=names
            )
        except BaseException:
            _delete(journal, entry_ids)
            raise

    def run(self, job: JobRecord, _: JobProgress) -> JobOutcome:
        """Poll the entries; the pipeline does the work."""
        entries = self._entries(job)
        done = sum(entry is None or entry.status in FINAL for entry in entries)
        run_again_after = None if done == len(entries) else POLL_INTERVAL[self._settings.backend]
        return JobOutcome(done=done, total=len(entries), run_again_after=run_again_after)

    def discard(self, job: JobRecord) -> None:
        _delete(self._journals(job.owner), _entry_ids(job))

    def result(self, job: JobRecord) -> BatchResult:
        """The transcripts. Raises NotFound `result_gone` if they have expired."""
        entries = self._entries(job)
        if all(entry is None for entry in entries):
            raise NotFound("the result of this batch has expired", code=_GONE)
        journal = self._journals(job.owner)
        recordings = (
            _transcribed(job.detail.get(str(number), ""), journal, entry)
            for number, entry in enumerate(entries)
        )
        return BatchResult(recordings=tuple(recordings))

    def _entries(self, job: JobRecord) -> list[Entry | None]:
        """The entry of each recording; None if it was deleted."""
        journal = self._journals(job.owner)

        def get_or_none(entry_id: str) -> Entry | None:
            try:
                return journal.get(entry_id)
            except NotFound:
                return None

        return [get_or_none(entry_id) for entry_id in _entry_ids(job)]


def _entry_ids(job: JobRecord) -> list[str]:
    return [_entry_id(job.record_id, number) for number in range(job.total or 0)]


def _entry_id(job_id: str, number: int) -> str:
    return f"{job_id}-{number:03}"


def _transcribed(name: str, journal: Journal, entry: Entry | None) -> TranscribedRecording:
    if entry is None:
        error = StageError(code=_GONE, message="the recording has been deleted")
        return TranscribedRecording(
            name=name, text=None, segments=(), language=None, duration_s=None, empty_reason=None, error=error
        )
    transcript, _ = journal.load_content(entry)
    return TranscribedRecording(
        name=name,
        text=transcript.text if transcript else None,
        segments=transcript.segments if transcript else (),
        language=entry.language,
        duration_s=entry.audio.duration_s if entry.audio else None,
        empty_reason=entry.empty_reason,
        error=entry.stage(Stage.TRANSCRIPTION).error,
    )


def _delete(journal: Journal, entry_ids: Sequence[str]) -> None:
    for entry_id in entry_ids:
        try:
            journal.delete(entry_id)
        except (NotFound, Conflict):
            continue
