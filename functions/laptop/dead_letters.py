"""`samo dead-letters`: lists and replays events that failed every delivery attempt."""

from __future__ import annotations

from datetime import datetime

import msgspec

from functions.shared.backends.connect import connect, dead_letters
from functions.shared.domain.leases import task_of
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.ports import DeadLetter
from functions.shared.runtime.settings import Settings

BATCH_SIZE = 100


class DeadLetterView(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter, without journal content."""

    id: str
    type: str
    subscription: str
    attempts: int
    died_at: datetime | None
    entry_id: str | None = None
    uid: str | None = None
    outcome: str | None = None


def list_dead_letters(settings: Settings) -> list[DeadLetterView]:
    """Up to `BATCH_SIZE` dead letters, released back to the queue."""
    letters = dead_letters(settings)
    pulled = letters.pull(BATCH_SIZE)
    letters.release(pulled)
    return [_view(letter) for letter in pulled]


def replay(settings: Settings, ids: frozenset[str] = frozenset()) -> list[DeadLetterView]:
    """Replay and acknowledge the dead letters with these IDs; by default, up to `BATCH_SIZE` of them.

    A failed stage starts again from its first attempt. An event that starts no stage (an upload notification,
    a webhook delivery) is redelivered to every subscription of its topic.
    """
    letters = dead_letters(settings)
    pipeline = Pipeline(connect(settings), settings)
    pulled = letters.pull(BATCH_SIZE)
    selected = [letter for letter in pulled if not ids or letter.letter_id in ids]
    letters.release([letter for letter in pulled if letter not in selected])
    views = []
    for letter in selected:
        if letter.event is None or task_of(letter.event) is None:
            letters.redeliver(letter)
            outcome = "delivered again"
        else:
            outcome = "tried again" if pipeline.revive(letter.event) else "nothing to do"
        letters.acknowledge(letter)
        views.append(_view(letter, outcome))
    return views


def _view(letter: DeadLetter, outcome: str | None = None) -> DeadLetterView:
    event = letter.event
    return DeadLetterView(
        id=letter.letter_id,
        type=letter.type,
        subscription=letter.subscription,
        attempts=letter.attempts,
        died_at=letter.died_at,
        entry_id=event.entry_id if event else None,
        uid=event.uid if event else None,
        outcome=outcome,
    )
