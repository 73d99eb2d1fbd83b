"""Recordings transcribed by the dozen: each takes an entry's way through the pipeline, and is in no list."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
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

LOOK_EVERY = {"local": timedelta(seconds=1), "gcp": timedelta(seconds=30)}
_GONE = "result_gone"


class TranscribedRecording(msgspec.Struct, frozen=True, kw_only=True):
    """One recording of a batch: its words, or why there are none."""

    name: str
    text: str | None
    segments: tuple[Segment, ...]
    language: str | None
    duration_s: float | None
    empty_reason: EmptyReason | None
    error: StageError | None


class BatchResult(msgspec.Struct, frozen=True, kw_only=True):
    """In the order in which the recordings were sent."""

    recordings: tuple[TranscribedRecording, ...]


class BatchTranscription:
    """Batches of recordings. Implements job_runner.Work."""

    def __init__(self, jobs: Jobs, journals: Journals, settings: Settings) -> None:
        self._jobs = jobs
        self._journals = journals
        self._settings = settings

    def begin(self, uid: str, files: Sequence[UploadedFile]) -> JobRecord:
        """A job for these recordings; where one is none, there is no job and nothing is kept.

        Raises:
            UnsupportedMedia, InvalidRequest, PayloadTooLarge: one of them is no recording SAMO can take.
            Conflict: `too_many_jobs`.
        """
        require_batch(files, self._settings.max_batch)
        job_id = uuid.uuid4().hex
        journal, made = self._journals(uid), list[str]()
        try:
            for number, file in enumerate(files):
                made.append(_part(job_id, number))
                journal.create_voice_entry(file.path, entry_id=made[-1], job_id=job_id)
            names = {str(number): file.name for number, file in enumerate(files)}
            return self._jobs.ask(uid, JobKind.TRANSCRIPTION, total=len(files), job_id=job_id, detail=names)
        except BaseException:
            _delete(journal, made)
            raise

    def run(self, job: JobRecord, _: JobProgress) -> JobOutcome:
        """Only looks: the pipeline does the work."""
        entries = self._each(job, self._journals(job.owner).get)
        done = sum(entry is None or entry.status in FINAL for entry in entries)
        again = None if done == len(entries) else LOOK_EVERY[self._settings.backend]
        return JobOutcome(done=done, total=len(entries), again=again)

    def discard(self, job: JobRecord) -> None:
        _delete(self._journals(job.owner), self._parts(job))

    def result(self, job: JobRecord) -> BatchResult:
        """What was transcribed. Raises NotFound `result_gone`."""
        journal = self._journals(job.owner)
        entries = self._each(job, journal.get)
        if all(entry is None for entry in entries):
            raise NotFound("the batch is not kept any more", code=_GONE)
        found = (
            _transcribed(job.detail.get(str(number), ""), journal, entry)
            for number, entry in enumerate(entries)
        )
        return BatchResult(recordings=tuple(found))

    def _parts(self, job: JobRecord) -> list[str]:
        return [_part(job.record_id, number) for number in range(job.total or 0)]

    def _each(self, job: JobRecord, get: Callable[[str], Entry]) -> list[Entry | None]:
        def look(entry_id: str) -> Entry | None:
            try:
                return get(entry_id)
            except NotFound:
                return None

        return [look(entry_id) for entry_id in self._parts(job)]


def _part(job_id: str, number: int) -> str:
    return f"{job_id}-{number:03}"


def _transcribed(name: str, journal: Journal, entry: Entry | None) -> TranscribedRecording:
    if entry is None:
        gone = StageError(code=_GONE, message="it is not kept any more")
        return TranscribedRecording(
            name=name, text=None, segments=(), language=None, duration_s=None, empty_reason=None, error=gone
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
