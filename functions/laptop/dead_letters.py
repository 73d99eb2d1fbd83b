"""`samo dead-letters`: what the bus gave up, and trying it again."""

from __future__ import annotations

from datetime import datetime

import msgspec

from functions.shared.backends.connect import connect, dead_letters
from functions.shared.domain.tasks import task_of
from functions.shared.pipeline.pipeline import Pipeline
from functions.shared.ports import DeadLetter
from functions.shared.runtime.settings import Settings

AT_ONCE = 100


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter, without anything a journal says."""

    id: str
    type: str
    subscription: str
    attempts: int
    died_at: datetime | None
    entry_id: str | None = None
    uid: str | None = None
    outcome: str | None = None


def listed(settings: Settings) -> list[LetterView]:
    """The dead letters, left where they are."""
    letters = dead_letters(settings)
    pulled = letters.pull(AT_ONCE)
    letters.release(pulled)
    return [_view(letter) for letter in pulled]


def replay(settings: Settings, only: frozenset[str] = frozenset()) -> list[LetterView]:
    """Try again what the letters (of these ids, or all) asked for, and forget them.

    A stage that failed begins anew from its first attempt; what starts no stage (an upload's notification,
    news for an integrator) is delivered again, to every subscription of its topic.
    """
    letters = dead_letters(settings)
    pipeline = Pipeline(connect(settings), settings)
    pulled = letters.pull(AT_ONCE)
    chosen = [letter for letter in pulled if not only or letter.letter_id in only]
    letters.release([letter for letter in pulled if letter not in chosen])
    views = []
    for letter in chosen:
        if letter.event is None or task_of(letter.event) is None:
            letters.redeliver(letter)
            outcome = "delivered again"
        else:
            outcome = "tried again" if pipeline.revive(letter.event) else "nothing to do"
        letters.acknowledge(letter)
        views.append(_view(letter, outcome))
    return views


def _view(letter: DeadLetter, outcome: str | None = None) -> LetterView:
    event = letter.event
    return LetterView(
        id=letter.letter_id,
        type=letter.type,
        subscription=letter.subscription,
        attempts=letter.attempts,
        died_at=letter.died_at,
        entry_id=event.entry_id if event else None,
        uid=event.uid if event else None,
        outcome=outcome,
    )
