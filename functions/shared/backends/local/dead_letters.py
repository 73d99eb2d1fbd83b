"""DeadLetters on SQLite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from functions.shared.backends.local.database import Database
from functions.shared.backends.local.event_bus import SqliteEventBus
from functions.shared.domain.events import STAGE_OF
from functions.shared.errors import NotFound
from functions.shared.pipeline import cloud_events
from functions.shared.ports import DeadLetter

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dead_letter_leases (message_id INTEGER PRIMARY KEY, ends_at REAL NOT NULL);
"""
LEASE_S = 600.0


class SqliteDeadLetters:
    """Dead letters in the file of the event bus."""

    def __init__(self, bus: SqliteEventBus, *, clock: Callable[[], float] = time.time) -> None:
        self._db = Database(bus.path, _SCHEMA)
        self._bus = bus
        self._clock = clock

    def pull(self, limit: int) -> list[DeadLetter]:
        with self._db.transaction() as db:
            now = self._clock()
            db.execute("DELETE FROM dead_letter_leases WHERE ends_at <= ?", (now,))
            rows = db.execute(
                "SELECT message_id, type, body, attempts, died_at FROM dead_letters WHERE message_id NOT IN"
                " (SELECT message_id FROM dead_letter_leases) ORDER BY died_at LIMIT ?",
                (limit,),
            ).fetchall()
            leases = [(row[0], now + LEASE_S) for row in rows]
            db.executemany("INSERT INTO dead_letter_leases VALUES (?, ?)", leases)
        return [_letter(*row) for row in rows]

    def release(self, letters: Iterable[DeadLetter]) -> None:
        with self._db.transaction() as db:
            ids = [(int(letter.letter_id),) for letter in letters]
            db.executemany("DELETE FROM dead_letter_leases WHERE message_id = ?", ids)

    def acknowledge(self, letter: DeadLetter) -> None:
        with self._db.transaction() as db:
            message_id = (int(letter.letter_id),)
            deleted = db.execute("DELETE FROM dead_letters WHERE message_id = ?", message_id).rowcount
            db.execute("DELETE FROM dead_letter_leases WHERE message_id = ?", message_id)
        if not deleted:
            raise NotFound("there is no such dead letter", code="dead_letter_gone")

    def redeliver(self, letter: DeadLetter) -> None:
        with self._db.reading() as db:
            row = db.execute(
                "SELECT type, body FROM dead_letters WHERE message_id = ?", (int(letter.letter_id),)
            ).fetchone()
        if row is None:
            raise NotFound("there is no such dead letter", code="dead_letter_gone")
        self._bus.publish(cloud_events.parse(*row))


def _letter(message_id: int, type_: str, body: bytes, attempts: int, died_at: float) -> DeadLetter:
    event = cloud_events.parse(type_, body)
    return DeadLetter(
        letter_id=str(message_id),
        type=type_,
        event=event,
        subscription=STAGE_OF.get(event.type, "none"),
        attempts=attempts,
        died_at=datetime.fromtimestamp(died_at, UTC),
    )
