"""Who rings again: whatever fell asleep between two lines of the pipeline is found here and woken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from functions.shared.domain import leases, recovery
from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.entries import Entry, EntryKey, Status
from functions.shared.observability import logs
from functions.shared.pipeline.pipeline import Pipeline, update


class Reconciler:
    """Looks after the entries of a pipeline's store. Stateless, like the pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def reconcile(self, limit: int = 100) -> int:
        """Look after every entry that fell asleep; answers how many there were."""
        keys = self._pipeline.ports.store.list_due(limit)
        for key in keys:
            self._apart(self._reconcile_one, key)
        return len(keys)

    def recover(self, keys: Iterable[EntryKey]) -> None:
        """After a crash of the only process there is: free every lease and ring at once."""
        for key in keys:
            self._apart(self._recover_one, key)

    def _apart(self, look_after: Callable[[EntryKey], None], key: EntryKey) -> None:
        """One entry's trouble must not keep the others asleep."""
        try:
            look_after(key)
        except Exception:
            logs.failure("entry could not be looked after", entry=key.entry_id)

    def _recover_one(self, key: EntryKey) -> None:
        self._pipeline.ports.store.transact(key, self._free)
        self._reconcile_one(key)

    def _free(self, entry: Entry | None, now: datetime) -> tuple[Write, None]:
        if entry is None or entry.deleted_at is not None:
            return NO_CHANGE, None
        free = recovery.abandon_upload(entry, now, self._pipeline.settings)
        return Write(entry=recovery.republish(free, now, self._pipeline.settings)), None

    def _reconcile_one(self, key: EntryKey) -> None:
        self._adopt_or_give_up(key)
        expired = self._pipeline.ports.store.transact(key, self._ring)
        if expired is not None:
            self._pipeline.delete_audio(expired)
        self._pipeline.publish_pending(key)

    def _ring(self, entry: Entry | None, now: datetime) -> tuple[Write, Entry | None]:
        """Fill the outbox anew; answers the entry if its recording has to go."""
        if entry is None:
            return NO_CHANGE, None
        expired = entry if recovery.audio_expired(entry, now) else None
        if entry.deleted_at is not None or entry.wake_at is None or entry.wake_at > now:
            return NO_CHANGE, expired
        return Write(entry=recovery.republish(entry, now, self._pipeline.settings)), expired

    def _adopt_or_give_up(self, key: EntryKey) -> None:
        """An entry still waiting for its recording: it may have arrived unseen, or never come."""

        def change(entry: Entry | None, now: datetime) -> Entry | None:
            if entry is None or entry.deleted_at is not None or entry.audio is not None:
                return None
            overdue = entry.wake_at is not None and entry.wake_at <= now
            waiting = entry.status is Status.AWAITING_AUDIO
            return (
                leases.fail_missing_audio(entry, now, self._pipeline.settings)
                if waiting and overdue
                else None
            )

        entry = self._pipeline.ports.store.get(key)
        if entry is not None and entry.status is Status.AWAITING_AUDIO:
            self._pipeline.adopt_audio(key)
            update(self._pipeline.ports.store, key, change)
