"""Handles events: claim the task, do its work, store the result, publish the next event.

The store is the source of truth; events only trigger work. An event may arrive late, repeatedly, out of order
or never, and a worker may die at any point, without an entry being lost or its work being stored twice.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime

from functions.shared.domain import completion, leases, recovery
from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.entries import Entry, Event, StageError, Status
from functions.shared.domain.leases import Claim
from functions.shared.domain.outcomes import DeliveryOutcome
from functions.shared.domain.stage_work import StageResult
from functions.shared.domain.tasks import Task, task_of
from functions.shared.errors import LeaseLost, PermanentError, TemporaryError
from functions.shared.observability import logs, metrics
from functions.shared.pipeline.outbox import Outbox
from functions.shared.pipeline.recordings import Recordings
from functions.shared.pipeline.stage_runner import StageRunner, Works
from functions.shared.pipeline.transactions import update_entry
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings


class Pipeline:
    """Runs stages over the ports. It keeps no state, so any number may run side by side."""

    def __init__(self, ports: Ports, settings: Settings, works: Works | None = None) -> None:
        self.ports = ports
        self.settings = settings
        self.outbox = Outbox(ports, settings)
        self.recordings = Recordings(ports, settings, self.outbox)
        self._runner = StageRunner(ports, settings, works or {})

    def interrupt(self) -> None:
        """Stop running work where it next reports progress; it is done again later."""
        self._runner.interrupt()

    def handle(self, event: Event) -> DeliveryOutcome:
        """Do the work that an event asks for. Returning normally acknowledges the event.

        Raises:
            TemporaryError: deliver the event again later; the lease was released.
            Exception: the attempt crashed and counts towards `max_claims`; deliver the event again.
        """
        task = task_of(event)
        if task is None or not self._runner.supports(task.stage):
            return DeliveryOutcome.IGNORED
        started_at = time.monotonic()
        claim = self._claim(task)
        if claim.outcome is DeliveryOutcome.LEASED:
            outcome = self._run(task, claim)
        else:
            outcome = self._finish_earlier_delivery(task, claim)
        logs.event(
            "delivery",
            stage=task.stage,
            chunk=task.chunk,
            verdict=outcome,
            type=event.type,
            entry=event.entry_id,
            revision=event.revision,
            duration_ms=round((time.monotonic() - started_at) * 1000, 1),
        )
        return outcome

    def give_up(self, event: Event) -> None:
        """Fail the stage of an event whose retries are exhausted, unless it has finished after all."""
        task = task_of(event)
        if task is None:
            return

        def exhaust(entry: Entry | None, now: datetime) -> tuple[Write, tuple[Entry | None, bool]]:
            failed = completion.exhaust(entry, task, now, self.settings)
            return (NO_CHANGE, (entry, False)) if failed is None else (Write(entry=failed), (failed, True))

        entry, has_failed = self.ports.store.transact(event.key, exhaust)
        if has_failed:
            _log_failure(task, "retries_exhausted")
        if entry is not None:
            self.outbox.publish(entry)

    def revive(self, event: Event) -> bool:
        """Try a failed stage and the stages after it again; False if it has not failed."""

        def revive(entry: Entry | None, now: datetime) -> tuple[Write, tuple[Entry | None, bool]]:
            revived = completion.revive(entry, event, now, self.settings)
            if revived is None:
                return NO_CHANGE, (entry, False)
            revived = recovery.republish(revived, now, self.settings)
            return Write(entry=revived), (revived, True)

        entry, was_revived = self.ports.store.transact(event.key, revive)
        if entry is not None:
            self.outbox.publish(entry)
        return was_revived

    def _claim(self, task: Task) -> Claim:
        token = uuid.uuid4().hex
        return self.ports.store.transact(
            task.key, lambda entry, now: leases.claim(entry, task, now, token, self.settings)
        )

    def _finish_earlier_delivery(self, task: Task, claim: Claim) -> DeliveryOutcome:
        """There is no task to run, but an earlier delivery may have died before publishing or deleting."""
        entry = claim.entry
        if entry is None:
            return claim.outcome
        if claim.outcome is DeliveryOutcome.CRASHED:
            _log_failure(task, "crashed")
        if claim.outcome is DeliveryOutcome.DELETED:
            self.recordings.delete(entry)
        else:
            self.outbox.publish(entry)
        return claim.outcome

    def _run(self, task: Task, claim: Claim) -> DeliveryOutcome:
        assert claim.entry is not None
        try:
            result = self._runner.run(task, claim.entry, claim.token)
            entry = self._complete(task, claim, result)
        except PermanentError as error:
            return self._fail(task, claim, error)
        except LeaseLost:
            return DeliveryOutcome.SUPERSEDED
        except Exception as error:
            self._release(task, claim, counts=not isinstance(error, TemporaryError))
            raise
        _log_success(task, result, entry)
        self.outbox.publish(entry)
        return DeliveryOutcome.DONE

    def _complete(self, task: Task, claim: Claim, result: StageResult) -> Entry:
        """Store the result and return the entry; raises LeaseLost."""

        def complete(entry: Entry | None, now: datetime) -> tuple[Write, Entry]:
            write = completion.complete(entry, task, claim.token, result, now, self.settings)
            assert write.entry is not None
            return write, write.entry

        return self.ports.store.transact(task.key, complete)

    def _fail(self, task: Task, claim: Claim, error: PermanentError) -> DeliveryOutcome:
        reason = StageError(code=error.code, message=error.detail)
        try:
            entry = update_entry(
                self.ports.store,
                task.key,
                lambda entry, now: completion.fail(entry, task, claim.token, reason, now, self.settings),
            )
        except LeaseLost:
            return DeliveryOutcome.SUPERSEDED
        assert entry is not None
        _log_failure(task, error.code)
        self.outbox.publish(entry)
        return DeliveryOutcome.FAILED

    def _release(self, task: Task, claim: Claim, *, counts: bool) -> None:
        def release(entry: Entry | None, now: datetime) -> Entry:
            return leases.release(entry, task, claim.token, counts=counts, now=now, settings=self.settings)

        try:
            update_entry(self.ports.store, task.key, release)
        except TemporaryError:
            logs.event("release_refused", stage=task.stage, entry=task.key.entry_id)


def _log_failure(task: Task, code: str) -> None:
    logs.event("entry failed", stage=task.stage, code=code, entry=task.key.entry_id)


def _log_success(task: Task, result: StageResult, entry: Entry) -> None:
    """Log the model, and once a new entry is final, how long its user waited for the insight."""
    metrics.allow("model_version", (result.model_version,))
    logs.event("model", stage=task.stage, engine=result.engine, model_version=result.model_version)
    available_at = entry.audio.received_at if entry.audio else entry.created_at
    is_final = entry.status in {Status.READY, Status.PARTIAL}
    if is_final and entry.revision == 1 and available_at is not None:
        waited_ms = (entry.updated_at - available_at).total_seconds() * 1000
        logs.event(
            "insight",
            source=entry.source,
            duration_ms=round(waited_ms, 1),
            empty=entry.empty_reason or "",
            entry=entry.entry_id,
        )
