"""Local ports that report every point where a process may crash, and every accepted result."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from functions.shared.backends.local.audio_store import FolderAudioStore
from functions.shared.backends.local.entry_store import SqliteEntryStore
from functions.shared.backends.local.event_bus import Delivery, SqliteEventBus
from functions.shared.domain.changes import Change, Write
from functions.shared.domain.content import Piece
from functions.shared.domain.entries import (
    FINISHED_STATES,
    Audio,
    Entry,
    EntryKey,
    Event,
    EventType,
    StageRecord,
    StageState,
)

T = TypeVar("T")
P = TypeVar("P", bound=Piece)

Boundary = Callable[[str], None]
"""Called with the name of a crash point when it is reached; may raise, or never return."""


class Outcome(msgspec.Struct, frozen=True):
    """A stage or chunk of a revision whose result the store accepted."""

    key: EntryKey
    revision: int
    task: str
    state: StageState


class InstrumentedStore(SqliteEntryStore):
    """Reports crash points around every commit, and the outcomes in it to `accepted`."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime],
        boundary: Boundary,
        accepted: Callable[[Outcome], None],
    ) -> None:
        super().__init__(path, clock)
        self._boundary = boundary
        self._accepted = accepted

    def transact(self, key: EntryKey, change: Change[T]) -> T:
        outcomes: list[Outcome] = []

        def recording_outcomes(entry: Entry | None, now: datetime) -> tuple[Write, T]:
            write, result = change(entry, now)
            outcomes[:] = _outcomes(entry, write.entry)
            return write, result

        self._boundary("before commit")
        result = super().transact(key, recording_outcomes)
        for outcome in outcomes:
            self._accepted(outcome)
        self._boundary("after commit")
        return result


class InstrumentedAudio(FolderAudioStore):
    """Reports crash points around storing and deleting a recording, and in the middle of storing it."""

    def __init__(self, root: Path, boundary: Boundary) -> None:
        super().__init__(root)
        self._boundary = boundary

    def put(self, key: EntryKey, data: BinaryIO, content_type: str) -> Audio:
        self._boundary("before put")
        audio = super().put(key, _InterruptedRead(data.read(), self._boundary), content_type)
        self._boundary("after put")
        return audio

    def delete(self, audio: Audio) -> None:
        self._boundary("before delete")
        super().delete(audio)
        self._boundary("after delete")

    @contextmanager
    def fetch(self, audio: Audio) -> Iterator[Path]:
        self._boundary("before fetch")
        with super().fetch(audio) as path:
            yield path


class InstrumentedBus(SqliteEventBus):
    """Reports crash points around every change of the queue; `history` holds all published events."""

    def __init__(
        self, path: Path, clock: Callable[[], float], boundary: Boundary, on_publish: Callable[[], None]
    ) -> None:
        super().__init__(path, clock=clock, on_publish=on_publish)
        self.boundary = boundary
        self.history: list[Event] = []

    def publish(self, event: Event) -> None:
        self.boundary("before publish")
        super().publish(event)
        self.history.append(event)
        self.boundary("after publish")

    def receive(self, types: Collection[EventType] = tuple(EventType)) -> Delivery | None:
        self.boundary("before receive")
        delivery = super().receive(types)
        self.boundary("after receive")
        return delivery

    def acknowledge(self, delivery: Delivery) -> None:
        self.boundary("before acknowledge")
        super().acknowledge(delivery)
        self.boundary("after acknowledge")

    def reject(self, delivery: Delivery) -> bool:
        self.boundary("before reject")
        spent = super().reject(delivery)
        self.boundary("after reject")
        return spent

    def bury(self, delivery: Delivery) -> None:
        self.boundary("before bury")
        super().bury(delivery)
        self.boundary("after bury")


class _InterruptedRead(io.BytesIO):
    """Reads a recording in two halves, with a crash point between them."""

    def __init__(self, content: bytes, boundary: Boundary) -> None:
        super().__init__(content)
        self._half = max(1, len(content) // 2)
        self._boundary = boundary

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() == self._half:
            self._boundary("amid put")
        return super().read(self._half if self.tell() < self._half else size)


def _outcomes(before: Entry | None, after: Entry | None) -> list[Outcome]:
    """The records of the same revision that this commit finished."""
    if after is None or after.deleted_at is not None:
        return []
    same = before is not None and before.revision == after.revision
    known = _records(before) if before is not None and same else {}
    return [
        Outcome(after.key, after.revision, task, record.state)
        for task, record in _records(after).items()
        if record.state in FINISHED_STATES and known.get(task, StageRecord()).state not in FINISHED_STATES
    ]


def _records(entry: Entry) -> Mapping[str, StageRecord]:
    chunks = {f"chunk {index}": chunk.record for index, chunk in enumerate(entry.chunks)}
    return {**{stage.value: record for stage, record in entry.stages.items()}, **chunks}
