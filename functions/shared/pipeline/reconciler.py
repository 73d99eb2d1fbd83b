"""Finds stalled entries, publishes their events again, and deletes expired recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from functions.shared.domain import completion, recovery
from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.observability import logs
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.pipeline.transactions import update_entry


class Reconciler:
    """Reconciles the entries of a pipeline's store. It keeps no state."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._store = pipeline.ports.store
        self._settings = pipeline.settings

    def reconcile(self, limit: int = 100) -> int:
        """Reconcile every entry that is due and return how many there were."""
        keys = self._store.list_due(limit)
        for key in keys:
            self._isolate(self._reconcile_entry, key)
        return len(keys)

    def recover(self, keys: Iterable[EntryKey]) -> None:
        """After a crash of the only worker process, release all leases and publish all events at once."""
        for key in keys:
            self._isolate(self._recover_entry, key)

    def _isolate(self, handle: Callable[[EntryKey], None], key: EntryKey) -> None:
        """Handle one entry; its failure must not keep others from being handled."""
        try:
            handle(key)
        except Exception:
            logs.failure("entry could not be looked after", entry=key.entry_id)

    def _recover_entry(self, key: EntryKey) -> None:
        def release_and_republish(entry: Entry | None, now: datetime) -> Entry | None:
            if entry is None or entry.deleted_at is not None:
                return None
            released = recovery.release_leases(entry, now, self._settings)
            return recovery.republish(released, now, self._settings)

        update_entry(self._store, key, release_and_republish)
        self._reconcile_entry(key)

    def _reconcile_entry(self, key: EntryKey) -> None:
        self._adopt_or_fail(key)
        entry, audio_expired = self._store.transact(key, self._republish)
        if entry is None:
            return
        if audio_expired:
            self._pipeline.recordings.delete(entry)
        self._pipeline.outbox.publish(entry)

    def _republish(self, entry: Entry | None, now: datetime) -> tuple[Write, tuple[Entry | None, bool]]:
        """Fill the outbox of an entry that is due; also returns whether its recording must be deleted."""
        if entry is None:
            return NO_CHANGE, (None, False)
        audio_expired = recovery.audio_expired(entry, now)
        if entry.deleted_at is not None or entry.wake_at is None or entry.wake_at > now:
            return NO_CHANGE, (entry, audio_expired)
        entry = recovery.republish(entry, now, self._settings)
        return Write(entry=entry), (entry, audio_expired)

    def _adopt_or_fail(self, key: EntryKey) -> None:
        """Attach a recording whose upload went unnoticed; fail the entry if it is overdue."""

        def fail_if_overdue(entry: Entry | None, now: datetime) -> Entry | None:
            if entry is None or entry.deleted_at is not None or entry.audio is not None:
                return None
            is_overdue = entry.wake_at is not None and entry.wake_at <= now
            if entry.status is not Status.AWAITING_AUDIO or not is_overdue:
                return None
            return completion.fail_missing_audio(entry, now, self._settings)

        entry = self._store.get(key)
        if entry is not None and entry.status is Status.AWAITING_AUDIO:
            self._pipeline.recordings.adopt(key)
            update_entry(self._store, key, fail_if_overdue)
