"""EventBus as a durable queue in SQLite: leases, retries with backoff, and a dead-letter table.

Like Pub/Sub, it delivers at least once and in no guaranteed order, so the same pipeline works on both.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from functions.shared.backends.local.database import Database
from functions.shared.domain import events
from functions.shared.domain.entries import Event, EventType
from functions.shared.pipeline import cloud_events

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    message_id INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: late acknowledgements hit no other
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    visible_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_time ON messages (visible_at);
CREATE TABLE IF NOT EXISTS dead_letters (
    message_id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    body BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    died_at REAL NOT NULL
);
"""


class Delivery(msgspec.Struct, frozen=True):
    """A message leased to a worker; `attempt` counts from 1."""

    message_id: int
    event: Event
    attempt: int


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """When a message is delivered again (seconds), and after how many attempts it becomes a dead letter."""

    max_attempts: int = 10
    backoff_s: float = 1.0
    max_backoff_s: float = 60.0
    lease_s: float = 600.0

    def delay(self, attempt: int) -> float:
        """Exponential backoff after an attempt."""
        return min(self.backoff_s * 2.0 ** (attempt - 1), self.max_backoff_s)


class SqliteEventBus:
    """Messages in `path`; `on_publish` is called after each publication, to wake a waiting worker."""

    def __init__(
        self,
        path: Path,
        *,
        policy: RetryPolicy | None = None,
        clock: Callable[[], float] = time.time,
        on_publish: Callable[[], None] = lambda: None,
    ) -> None:
        self.path = path
        self._db = Database(path, _SCHEMA)
        self.policy = policy or RetryPolicy()
        self._clock = clock
        self._on_publish = on_publish

    def publish(self, event: Event) -> None:
        with self._db.transaction() as db:
            db.execute(
                "INSERT INTO messages (event_id, type, body, visible_at) VALUES (?, ?, ?, ?)",
                (events.event_id(event), event.type, cloud_events.body(event), self._clock()),
            )
        self._on_publish()

    def delete_all(self, uid: str) -> None:
        with self._db.transaction() as db:
            db.execute("DELETE FROM messages WHERE json_extract(CAST(body AS TEXT), '$.uid') = ?", (uid,))
            db.execute("DELETE FROM dead_letters WHERE json_extract(CAST(body AS TEXT), '$.uid') = ?", (uid,))
        self._db.truncate_log()

    def receive(self, types: Collection[EventType] = tuple(EventType)) -> Delivery | None:
        """Lease the visible message of these types that has waited longest; None if there is none."""
        with self._db.transaction() as db:
            now = self._clock()
            row = db.execute(
                "UPDATE messages SET attempts = attempts + 1, visible_at = ? WHERE message_id ="
                " (SELECT message_id FROM messages WHERE visible_at <= ?"
                " AND type IN (SELECT value FROM json_each(?)) ORDER BY visible_at LIMIT 1)"
                " RETURNING message_id, type, body, attempts",
                (now + self.policy.lease_s, now, json.dumps(list(types))),
            ).fetchone()
        return None if row is None else Delivery(row[0], cloud_events.parse(row[1], row[2]), row[3])

    def acknowledge(self, delivery: Delivery) -> None:
        """Delete the message, unless its lease expired and it was delivered again."""
        with self._db.transaction() as db:
            db.execute(
                "DELETE FROM messages WHERE message_id = ? AND attempts = ?",
                (delivery.message_id, delivery.attempt),
            )

    def reject(self, delivery: Delivery) -> bool:
        """Deliver the message again after a backoff; True if this was its last attempt."""
        if delivery.attempt >= self.policy.max_attempts:
            return True
        with self._db.transaction() as db:
            db.execute(
                "UPDATE messages SET visible_at = ? WHERE message_id = ? AND attempts = ?",
                (self._clock() + self.policy.delay(delivery.attempt), delivery.message_id, delivery.attempt),
            )
        return False

    def bury(self, delivery: Delivery) -> None:
        """Move a message to the dead letters after its last attempt."""
        with self._db.transaction() as db:
            db.execute(
                "INSERT INTO dead_letters SELECT message_id, event_id, type, body, attempts, ? FROM messages"
                " WHERE message_id = ?",
                (self._clock(), delivery.message_id),
            )
            db.execute("DELETE FROM messages WHERE message_id = ?", (delivery.message_id,))

    def recover(self) -> None:
        """Make every leased message visible again, because all workers are known to be dead."""
        with self._db.transaction() as db:
            db.execute("UPDATE messages SET visible_at = ? WHERE attempts > 0", (self._clock(),))

    def seconds_until_next(self) -> float | None:
        """Seconds until a message becomes visible; None if the queue is empty."""
        with self._db.reading() as db:
            (visible_at,) = db.execute("SELECT min(visible_at) FROM messages").fetchone()
        return None if visible_at is None else max(0.0, visible_at - self._clock())

    def dead_letters(self) -> list[Event]:
        with self._db.reading() as db:
            rows = db.execute("SELECT type, body FROM dead_letters ORDER BY died_at").fetchall()
        return [cloud_events.parse(type_, body) for type_, body in rows]

    def depth(self) -> int:
        """The number of unacknowledged messages."""
        with self._db.reading() as db:
            (count,) = db.execute("SELECT count(*) FROM messages").fetchone()
        return int(count)
