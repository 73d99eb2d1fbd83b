"""The port to the event bus."""

from __future__ import annotations

from typing import Protocol

from functions.shared.domain.entries import Event


class EventBus(Protocol):
    """Delivers events at least once: possibly late, repeatedly or out of order."""

    def publish(self, event: Event) -> None:
        """Accept an event durably.

        Raises:
            TemporaryError: it was not accepted.
        """
        ...

    def delete_all(self, uid: str) -> None:
        """Drop a user's undelivered events, if the bus can. Pub/Sub delivers or drops them within days."""
        ...
