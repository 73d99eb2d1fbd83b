"""Events as CloudEvents 1.0 in binary mode: the attributes carry the context, the body only references.

The body never carries journal text. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from functions.shared.domain.entries import EntryKey, Event, EventType
from functions.shared.domain.events import event_id, make_event
from functions.shared.errors import InvalidRequest
from functions.shared.observability import tracing

SOURCE = "//samo/entries"

_Id = Annotated[str, Meta(min_length=1)]


class _Body(msgspec.Struct, frozen=True, omit_defaults=True):
    uid: _Id
    entry_id: _Id
    revision: Annotated[int, Meta(ge=1)]
    chunk: Annotated[int, Meta(ge=0)] | None = None


def attributes(event: Event) -> dict[str, str]:
    """The event's context as message attributes, which a push subscription turns into HTTP headers.

    The event continues the current trace.
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
        InvalidRequest: `invalid_event`, the type is unknown or the body malformed.
    """
    try:
        if isinstance(data, bytes | str):
            parsed = msgspec.json.decode(data, type=_Body)
        else:
            parsed = msgspec.convert(data, type=_Body)
        return make_event(
            EventType(type_), EntryKey(parsed.uid, parsed.entry_id), parsed.revision, parsed.chunk
        )
    except (ValueError, TypeError) as error:
        raise InvalidRequest("not an event of this system", code="invalid_event") from error
