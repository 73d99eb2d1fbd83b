"""Which events start and follow which stages, and how events are identified."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from functions.shared.domain.entries import EntryKey, Event, EventType, Stage

STAGE_OF: Mapping[EventType, Stage] = {
    EventType.UPLOADED: Stage.TRANSCRIPTION,
    EventType.CHUNK_PLANNED: Stage.TRANSCRIPTION,
    EventType.CHUNKS_TRANSCRIBED: Stage.TRANSCRIPTION,
    EventType.TRANSCRIBED: Stage.EMOTION,
    EventType.EMOTIONS_DETECTED: Stage.SUMMARIZATION,
}
"""The stage that an event starts. `SUMMARIZED` starts none; it is for webhooks."""

FINISHED_EVENT: Mapping[Stage, EventType] = {
    Stage.TRANSCRIPTION: EventType.TRANSCRIBED,
    Stage.EMOTION: EventType.EMOTIONS_DETECTED,
    Stage.SUMMARIZATION: EventType.SUMMARIZED,
}
"""The event published when a stage has finished."""


def make_event(type_: EventType, key: EntryKey, revision: int, chunk: int | None = None) -> Event:
    return Event(type=type_, uid=key.uid, entry_id=key.entry_id, revision=revision, chunk=chunk)


def event_id(event: Event) -> str:
    """A deterministic ID (32 hex digits), so that consumers can recognize repeated events."""
    parts = (event.uid, event.entry_id, str(event.revision), event.type, str(event.chunk))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
