"""Runs the work of one leased task: loads its input, and renews the lease as the work progresses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from functions.shared.domain import leases
from functions.shared.domain.content import Arc, ChunkTranscript, Transcript
from functions.shared.domain.entries import Entry, Stage
from functions.shared.domain.names import names_address
from functions.shared.domain.stage_work import ReportProgress, StageInput, StageResult, StageWork
from functions.shared.domain.tasks import Task
from functions.shared.errors import NotFound, PermanentError, TemporaryError
from functions.shared.pipeline.transactions import update_entry
from functions.shared.ports import PieceKey, Ports
from functions.shared.runtime.settings import Settings

RENEW_EVERY_S = 1.0
"""Progress is stored, and the lease renewed, at most this often."""

Works = Mapping[Stage, Callable[[], StageWork]]
"""Builds the work of each stage that this process can run, when its first event arrives."""


class BudgetExceeded(Exception):
    """A run took longer than `work_budget_s`. The attempt counts towards `max_claims`."""


class StageRunner:
    """Runs the work of stages. Any number may run side by side."""

    def __init__(self, ports: Ports, settings: Settings, works: Works) -> None:
        self._ports = ports
        self._settings = settings
        self._works = works
        self._interrupted = False

    def supports(self, stage: Stage) -> bool:
        return stage in self._works

    def interrupt(self) -> None:
        """Stop running work where it next reports progress; it is done again later."""
        self._interrupted = True

    def run(self, task: Task, entry: Entry, token: str) -> StageResult:
        """The result of the task's work, under the lease of `token`.

        Raises:
            PermanentError: the task can never succeed, for example because its input is gone.
            TemporaryError: it may succeed later, or it was interrupted.
            LeaseLost: another worker holds the lease.
            BudgetExceeded: it took too long.
        """
        work = self._works[task.stage]()
        progress = self._progress_reporter(task, token)
        if task.stage is not Stage.TRANSCRIPTION:
            return work.run(self._text_input(task, entry, progress))
        if entry.chunks and task.chunk is None:
            chunks = self._read_chunks(task, len(entry.chunks))
            return work.run(StageInput(entry=entry, chunk_transcripts=chunks, progress=progress))
        assert entry.audio is not None
        names = self._names(entry.uid)
        try:
            with self._ports.audio.fetch(entry.audio) as path:
                return work.run(
                    StageInput(entry=entry, chunk=task.chunk, audio=path, names=names, progress=progress)
                )
        except NotFound as error:
            raise PermanentError("the recording no longer exists", code="audio_gone") from error

    def _names(self, uid: str) -> tuple[str, ...]:
        dictionary = self._ports.records.get(names_address(uid))
        return dictionary.names if dictionary else ()

    def _text_input(self, task: Task, entry: Entry, progress: ReportProgress) -> StageInput:
        """The transcript, and the arc: that of emotion detection, or what an edit left of the one before."""
        transcript = self._ports.store.read(task.key, task.revision, Transcript)
        if transcript is None:
            raise PermanentError("the entry has no transcript", code="transcript_missing")
        arc = None
        if task.stage is not Stage.EMOTION or entry.stage(Stage.EMOTION).engine is not None:
            arc = self._ports.store.read(task.key, task.revision, Arc)
        return StageInput(entry=entry, transcript=transcript, arc=arc, progress=progress)

    def _read_chunks(self, task: Task, count: int) -> tuple[ChunkTranscript, ...]:
        keys = [PieceKey(task.key, task.revision, index) for index in range(count)]
        stored = self._ports.store.read_many(keys, ChunkTranscript)
        transcripts = tuple(chunk for chunk in stored if chunk is not None)
        if len(transcripts) < count:
            raise PermanentError("a chunk of the recording has no transcript", code="transcript_missing")
        return transcripts

    def _progress_reporter(self, task: Task, token: str) -> ReportProgress:
        """Checks for interruption and the time budget at every report, and regularly renews the lease."""
        started_at = renewed_at = time.monotonic()
        budget_s = self._settings.work_budget_s or float("inf")

        def report(fraction: float) -> None:
            nonlocal renewed_at
            if self._interrupted:
                raise TemporaryError("the process is stopping", code="interrupted")
            now_s = time.monotonic()
            if now_s - started_at > budget_s:
                raise BudgetExceeded(f"the stage took more than {budget_s} s")
            if now_s - renewed_at < RENEW_EVERY_S:
                return
            renewed_at = now_s
            update_entry(
                self._ports.store,
                task.key,
                lambda entry, now: leases.renew(entry, task, token, fraction, now, self._settings),
            )

        return report
