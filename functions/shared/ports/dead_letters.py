"""The port to dead letters: messages that failed every delivery attempt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from functions.shared.domain.entries import Event


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the bus stopped delivering.

    Attributes:
        type: the event's type, or the sender's own name for its kind of notification.
        event: None if the message is not one of SAMO's events.
        subscription: the consumer that could not handle the message.
    """

    letter_id: str
    type: str
    event: Event | None
    subscription: str
    attempts: int
    died_at: datetime


class DeadLetters(Protocol):
    """Lets operators inspect dead letters and redeliver them."""

    def pull(self, limit: int) -> list[DeadLetter]:
        """Lease some letters to the caller until they are acknowledged or released, or the lease expires."""
        ...

    def release(self, letters: Iterable[DeadLetter]) -> None:
        """End the leases of letters, so that they can be pulled again."""
        ...

    def acknowledge(self, letter: DeadLetter) -> None:
        """Delete a letter.

        Raises:
            NotFound: `dead_letter_gone`, the caller does not hold its lease.
        """
        ...

    def redeliver(self, letter: DeadLetter) -> None:
        """Publish the original message again; the letter stays until it is acknowledged.

        Raises:
            NotFound: `dead_letter_gone`, the caller does not hold its lease.
            TemporaryError: the bus did not accept the message.
        """
        ...
