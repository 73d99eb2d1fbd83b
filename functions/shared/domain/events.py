"""Events as CloudEvents 1.0 in binary mode: attributes carry the context, the body only references.

The id is deterministic (a hash of what the event says), so consumers can tell a repeat; the body
never carries journal text. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.domain.entries import EntryKey, Event, EventType, Stage
from functions.shared.errors import InvalidRequest
from functions.shared.observability import tracing

SOURCE = "//samo/entries"

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


_Id = Annotated[str, Meta(min_length=1)]


class _Body(msgspec.Struct, frozen=True, omit_defaults=True):
    uid: _Id
    entry_id: _Id
    revision: Annotated[int, Meta(ge=1)]
    chunk: Annotated[int, Meta(ge=0)] | None = None


def announce(type_: EventType, key: EntryKey, revision: int, chunk: int | None = None) -> Event:
    return Event(type=type_, uid=key.uid, entry_id=key.entry_id, revision=revision, chunk=chunk)


def event_id(event: Event) -> str:
    """The deterministic id: 32 hexadecimal digits."""
    parts = (event.uid, event.entry_id, str(event.revision), event.type, str(event.chunk))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def attributes(event: Event) -> dict[str, str]:
    """The event's context as message attributes, which a push subscription turns into headers.

    The trace is the one this work belongs to.
    """
    return {
        "ce-specversion": "1.0",
        "ce-id": event_id(event),
        "ce-type": event.type,
        "ce-source": SOURCE,
        "content-type": "application/json",
        "traceparent": tracing.traceparent(),
    }


def body(event: Event) -> bytes:
    """The event's references as JSON."""
    return msgspec.json.encode(_Body(event.uid, event.entry_id, event.revision, event.chunk))


def parse(type_: str, data: object) -> Event:
    """An event from a CloudEvent's type and its JSON data (bytes or already decoded).

    Raises:
        InvalidRequest: `invalid_event`, unknown type or malformed body.
    """
    try:
        if isinstance(data, bytes | str):
            parsed = msgspec.json.decode(data, type=_Body)
        else:
            parsed = msgspec.convert(data, type=_Body)
        return announce(
            EventType(type_), EntryKey(parsed.uid, parsed.entry_id), parsed.revision, parsed.chunk
        )
    except (ValueError, TypeError) as error:
        raise InvalidRequest("not an event of this system", code="invalid_event") from error
