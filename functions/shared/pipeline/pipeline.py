"""The one way a stage runs: claim → work → store → publish.

The store holds the work, the bus is only a doorbell: an event may come late, twice, out of order or
never, and a worker may die between any two lines here, without an entry being lost or done twice.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from functions.shared.audio.decoding import AudioInfo
from functions.shared.domain import leases, lifecycle, recovery
from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import Arc, ChunkTranscript, Transcript
from functions.shared.domain.entries import Entry, EntryKey, Event, Stage, StageError, Status
from functions.shared.domain.leases import Claim, Task
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import ReportProgress, StageInput, StageResult, StageWork
from functions.shared.errors import LeaseLost, NotFound, PermanentError, TemporaryError
from functions.shared.observability import logs, metrics
from functions.shared.ports import EntryStore, Ports
from functions.shared.runtime.settings import Settings


def update(
    store: EntryStore, key: EntryKey, change: Callable[[Entry | None, datetime], Entry | Write | None]
) -> None:
    """Transact without an answer; None writes nothing."""

    def write(entry: Entry | None, now: datetime) -> tuple[Write, None]:
        changed = change(entry, now)
        if changed is None:
            return NO_CHANGE, None
        return (changed if isinstance(changed, Write) else Write(entry=changed)), None

    store.transact(key, write)


class BudgetExceeded(Exception):
    """One run of a stage took longer than it may; the attempt counts."""


RENEW_EVERY_S = 1.0
"""Progress and lease are written at most this often."""

Works = Mapping[Stage, Callable[[], StageWork]]
"""The stages this process can run, each built when its first event comes."""


class Pipeline:
    """Runs stages over the ports. Stateless: any number may work side by side."""

    def __init__(self, ports: Ports, settings: Settings, works: Works | None = None) -> None:
        self.ports = ports
        self.settings = settings
        self._works = works or {}
        self._interrupted = False

    def interrupt(self) -> None:
        """Let work under way stop where it next reports progress, and be done again later."""
        self._interrupted = True

    # -- events ---------------------------------------------------------------------------------

    def handle(self, event: Event) -> DeliveryOutcome:
        """Do what an event asks for; returning acknowledges it.

        Raises:
            TemporaryError: deliver it again later; the lease is released.
            Exception: the attempt crashed; it counts, and the event should come again.
        """
        task = leases.task_of(event)
        if task is None or task.stage not in self._works:
            return DeliveryOutcome.IGNORED
        began = time.monotonic()
        claim = self._claim(task)
        verdict = (
            self._run(task, claim) if claim.verdict is DeliveryOutcome.LEASED else self._settle(task, claim)
        )
        logs.event(
            "delivery",
            stage=task.stage,
            chunk=task.chunk,
            verdict=verdict,
            type=event.type,
            entry=event.entry_id,
            revision=event.revision,
            duration_ms=round((time.monotonic() - began) * 1000, 1),
        )
        return verdict

    def give_up(self, event: Event) -> None:
        """The bus has exhausted its retries: mark the stage failed, unless it has an outcome after all."""
        task = leases.task_of(event)
        if task is None:
            return

        def change(entry: Entry | None, now: datetime) -> tuple[Write, bool]:
            given_up = leases.exhaust(entry, task, now, self.settings)
            return (NO_CHANGE, False) if given_up is None else (Write(entry=given_up), True)

        if self.ports.store.transact(event.key, change):
            _log_failed(task, "retries_exhausted")
        self.publish_pending(event.key)

    def revive(self, event: Event) -> bool:
        """Try a failed stage once more, from its first attempt; False if it has not failed.

        The later stages follow again, as far as they depended on it.
        """

        def change(entry: Entry | None, now: datetime) -> tuple[Write, bool]:
            revived = leases.revive(entry, event, now, self.settings)
            if revived is None:
                return NO_CHANGE, False
            return Write(entry=recovery.republish(revived, now, self.settings)), True

        done = self.ports.store.transact(event.key, change)
        self.publish_pending(event.key)
        return done

    def publish_pending(self, key: EntryKey) -> None:
        """Publish what stands in the entry's outbox, then clear it."""
        entry = self.ports.store.get(key)
        if entry is None or not entry.pending_events:
            return
        events = entry.pending_events
        for event in events:
            self.ports.bus.publish(event)
        update(
            self.ports.store,
            key,
            lambda entry, now: entry and lifecycle.clear_outbox(entry, events, now, self.settings),
        )

    def try_publish_pending(self, key: EntryKey) -> None:
        """`flush` for callers whose work is stored already: if the bus is out, the reconciler rings later."""
        try:
            self.publish_pending(key)
        except TemporaryError as error:
            logs.event("bus unavailable", code=error.code, entry=key.entry_id)

    # -- claim, work, store ---------------------------------------------------------------------

    def _claim(self, task: Task) -> Claim:
        token = uuid.uuid4().hex
        return self.ports.store.transact(
            task.key, lambda entry, now: leases.claim(entry, task, now, token, self.settings)
        )

    def _settle(self, task: Task, claim: Claim) -> DeliveryOutcome:
        """Nothing to work on; finish what an earlier delivery may have left undone."""
        entry = claim.entry
        if entry is None:
            return claim.verdict
        if claim.verdict is DeliveryOutcome.CRASHED:
            _log_failed(task, "crashed")
        if claim.verdict is DeliveryOutcome.DELETED:
            self.delete_audio(entry)
        elif entry.pending_events:
            self.publish_pending(entry.key)
        return claim.verdict

    def _run(self, task: Task, claim: Claim) -> DeliveryOutcome:
        try:
            result = self._work(task, claim)
            done = self._complete(task, claim, result)
        except PermanentError as error:
            return self._fail(task, claim, error)
        except LeaseLost:
            return DeliveryOutcome.SUPERSEDED
        except Exception as error:
            self._release(task, claim, counts=not isinstance(error, TemporaryError))
            raise
        _log_done(task, result, done)
        self.publish_pending(task.key)
        return DeliveryOutcome.DONE

    def _complete(self, task: Task, claim: Claim, result: StageResult) -> Entry:
        """The entry with the result in it. Raises LeaseLost."""

        def change(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            write = leases.complete(entry, task, claim.token, result, now, self.settings)
            assert write.entry is not None
            return write, write.entry

        return self.ports.store.transact(task.key, change)

    def _work(self, task: Task, claim: Claim) -> StageResult:
        assert claim.entry is not None
        work = self._works[task.stage]()
        progress = self._renewer(task, claim.token)
        if task.stage is Stage.TRANSCRIPTION:
            return self._transcribe(work, task, claim.entry, progress)
        read = self.ports.store.read
        transcript = read(task.key, task.revision, Transcript)
        if transcript is None:
            raise PermanentError("the entry has no transcript", code="transcript_missing")
        arc = read(task.key, task.revision, Arc)
        return work.run(StageInput(entry=claim.entry, transcript=transcript, arc=arc, progress=progress))

    def _transcribe(self, work: StageWork, task: Task, entry: Entry, progress: ReportProgress) -> StageResult:
        """A whole recording or a chunk needs the audio; assembling the chunks needs only their words."""
        if entry.chunks and task.chunk is None:
            chunks = tuple(self._chunk(task, index) for index in range(len(entry.chunks)))
            return work.run(StageInput(entry=entry, chunk_transcripts=chunks, progress=progress))
        assert entry.audio is not None
        try:
            with self.ports.audio.fetch(entry.audio) as path:
                return work.run(StageInput(entry=entry, chunk=task.chunk, audio=path, progress=progress))
        except NotFound as error:
            raise PermanentError("the recording no longer exists", code="audio_gone") from error

    def _chunk(self, task: Task, index: int) -> ChunkTranscript:
        chunk = self.ports.store.read(task.key, task.revision, ChunkTranscript, index)
        if chunk is None:
            raise PermanentError("a part of the recording has no transcript", code="transcript_missing")
        return chunk

    def _renewer(self, task: Task, token: str) -> ReportProgress:
        began = last = time.monotonic()
        budget = self.settings.work_budget_s or float("inf")

        def progress(share: float) -> None:
            nonlocal last
            if self._interrupted:
                raise TemporaryError("the process is stopping", code="interrupted")
            if time.monotonic() - began > budget:
                raise BudgetExceeded(f"the stage took more than {budget} s")
            if time.monotonic() - last < RENEW_EVERY_S:
                return
            last = time.monotonic()
            update(
                self.ports.store,
                task.key,
                lambda entry, now: leases.renew(entry, task, token, share, now, self.settings),
            )

        return progress

    def _fail(self, task: Task, claim: Claim, error: PermanentError) -> DeliveryOutcome:
        reason = StageError(code=error.code, message=error.detail)
        try:
            update(
                self.ports.store,
                task.key,
                lambda entry, now: leases.fail(entry, task, claim.token, reason, now, self.settings),
            )
        except LeaseLost:
            return DeliveryOutcome.SUPERSEDED
        _log_failed(task, error.code)
        self.publish_pending(task.key)
        return DeliveryOutcome.FAILED

    def _release(self, task: Task, claim: Claim, *, counts: bool) -> None:
        def change(entry: Entry | None, now: datetime) -> Entry:
            return leases.release(entry, task, claim.token, counts=counts, now=now, settings=self.settings)

        try:
            update(self.ports.store, task.key, change)
        except TemporaryError:
            logs.event("release_refused", stage=task.stage, entry=task.key.entry_id)

    # -- recordings -----------------------------------------------------------------------------

    def adopt_audio(self, key: EntryKey, probed: AudioInfo | None = None) -> None:
        """The recording of an entry stands in the audio store: adopt it and start transcription.

        One that came after the entry was deleted, or after its own recording was, is deleted too, and so is
        one that no entry waits for: an entry always comes first.

        Args:
            probed: what `decoding.probe` found in this recording; without it, the transcription stage probes.
        """
        stored = self.ports.audio.find(key)
        if stored is None:
            return
        audio = replace(stored, duration_s=probed.duration_s) if probed else stored
        partial = probed is not None and probed.partial
        update(
            self.ports.store,
            key,
            lambda entry, now: (
                entry and lifecycle.receive_audio(entry, audio, now, self.settings, partial=partial)
            ),
        )
        entry = self.ports.store.get(key)
        if entry is None or not lifecycle.owns_audio(entry, audio):
            self.ports.audio.delete(audio)
        self.try_publish_pending(key)

    def delete_audio(self, entry: Entry) -> None:
        """Delete the recording, then say so in the entry (or forget it in a tombstone)."""
        audio = entry.audio or self.ports.audio.find(entry.key)
        if audio is not None:
            self.ports.audio.delete(audio)
        update(
            self.ports.store,
            entry.key,
            lambda entry, now: entry and lifecycle.remove_audio(entry, now, self.settings),
        )


def _log_failed(task: Task, code: str) -> None:
    logs.event("entry failed", stage=task.stage, code=code, entry=task.key.entry_id)


def _log_done(task: Task, result: StageResult, entry: Entry) -> None:
    """Which model did it; and, once nothing more will come, how long the person waited for the insight."""
    metrics.allow("model_version", (result.model_version,))
    logs.event("model", stage=task.stage, engine=result.engine, model_version=result.model_version)
    began = entry.audio.received_at if entry.audio else entry.created_at
    final = entry.status in {Status.READY, Status.PARTIAL}
    if final and entry.revision == 1 and began is not None:
        waited_ms = (entry.updated_at - began).total_seconds() * 1000
        logs.event(
            "insight",
            source=entry.source,
            duration_ms=round(waited_ms, 1),
            empty=entry.empty_reason or "",
            entry=entry.entry_id,
        )
