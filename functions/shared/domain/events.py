"""Events as CloudEvents 1.0 in binary mode: attributes carry the context, the body only references.

The id is deterministic (a hash of what the event says), so consumers can tell a repeat; the body
never carries journal text. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

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
"""Which stage an event starts. `entries.summarized` starts none: it is for listeners outside."""

FINISHED_EVENT: Mapping[Stage, EventType] = {
    Stage.TRANSCRIPTION: EventType.TRANSCRIBED,
    Stage.EMOTION: EventType.EMOTIONS_DETECTED,
    Stage.SUMMARIZATION: EventType.SUMMARIZED,
}
"""Which event a finished stage leaves."""


def make_event(type_: EventType, key: EntryKey, revision: int, chunk: int | None = None) -> Event:
    return Event(type=type_, uid=key.uid, entry_id=key.entry_id, revision=revision, chunk=chunk)


def event_id(event: Event) -> str:
    """The deterministic id: 32 hexadecimal digits."""
    parts = (event.uid, event.entry_id, str(event.revision), event.type, str(event.chunk))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
