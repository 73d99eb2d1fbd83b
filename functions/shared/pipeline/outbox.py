"""Publishes the events in entries' outboxes.

An event is stored with the change that causes it (`Entry.pending_events`) and published afterwards. A crash
in between does not lose it: the reconciler publishes it later.
"""

from __future__ import annotations

from functions.shared.domain import lifecycle
from functions.shared.domain.entries import Entry
from functions.shared.errors import TemporaryError
from functions.shared.observability import logs
from functions.shared.pipeline.transactions import update_entry
from functions.shared.ports import Ports
from functions.shared.runtime.settings import Settings


class Outbox:
    """The outboxes of all entries of a store."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        self._ports = ports
        self._settings = settings

    def publish(self, entry: Entry) -> None:
        """Publish the entry's pending events, then remove them from its outbox.

        Raises:
            TemporaryError: the bus or the store is unreachable; events may be published again.
        """
        if not entry.pending_events:
            return
        for event in entry.pending_events:
            self._ports.bus.publish(event)
        update_entry(
            self._ports.store,
            entry.key,
            lambda stored, now: (
                stored and lifecycle.clear_outbox(stored, entry.pending_events, now, self._settings)
            ),
        )

    def try_publish(self, entry: Entry) -> None:
        """Publish, or leave it to the reconciler if the bus or the store is unreachable."""
        try:
            self.publish(entry)
        except TemporaryError as error:
            logs.event("bus unavailable", code=error.code, entry=entry.entry_id)
