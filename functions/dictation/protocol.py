"""What is said over the WebSocket: JSON in text frames, audio in binary ones.

The client begins with `start`; `ready` says from where on it sends audio, at most up to `until_s`, which
each `credit` moves on. Times are seconds from the dictation's beginning. An `error` closes the connection,
with 4000 plus its HTTP status; the dictation stays, for a client that comes back within `resume_s`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from functions.shared.domain.content import EmotionScore, EmptyReason, Segment
from functions.shared.errors import InvalidRequest, PayloadTooLarge, SamoError

RATES = (8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
FRAME_S = 2.0
"""The longest piece of audio in one frame."""
_LONGEST_TEXT = 16_384

Index = Annotated[int, Meta(ge=0)]


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """How the audio comes; `pcm.Pcm` refuses what it does not know."""

    encoding: str
    rate: int
    channels: int = 1


class Start(msgspec.Struct, frozen=True, kw_only=True, tag="start"):
    """A dictation begins or, with an id, goes on.

    Attributes:
        token: an ID token or an API key; None where there are no accounts.
        after: how many `final` and `unheard` frames the client has; those that follow are sent again.
        timezone: IANA name, kept with the entry.
    """

    format: Format
    token: str | None = None
    dictation_id: str | None = None
    after: Index = 0
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class Renew(msgspec.Struct, frozen=True, kw_only=True, tag="renew"):
    """A fresh token of the same user: the one that is held when the dictation ends makes the entry."""

    token: str


class Stop(msgspec.Struct, frozen=True, kw_only=True, tag="stop"):
    """Everything is said: make the entry."""


class Discard(msgspec.Struct, frozen=True, kw_only=True, tag="discard"):
    """Forget what was said: no entry."""


Control = Start | Renew | Stop | Discard


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: of a dictation, of silence on the wire, until a lost client must be back, of one frame."""

    dictation_s: float
    idle_s: float = 60.0
    resume_s: float = 120.0
    frame_s: float = FRAME_S


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """Send audio from `received_s` on, up to `until_s`."""

    dictation_id: str
    received_s: float
    until_s: float
    limits: Limits


class Credit(msgspec.Struct, frozen=True, kw_only=True, tag="credit"):
    until_s: float


class Partial(msgspec.Struct, frozen=True, kw_only=True, tag="partial"):
    """What the phrase that is being spoken sounds like so far; the next frame about it replaces it."""

    text: str
    start: float


class Final(msgspec.Struct, frozen=True, kw_only=True, tag="final"):
    """A sentence of a phrase that is over, and the emotions it expresses, surest first."""

    index: int
    segment: Segment
    emotions: tuple[EmotionScore, ...]


class Unheard(msgspec.Struct, frozen=True, kw_only=True, tag="unheard"):
    """A phrase that came to nothing."""

    index: int
    start: float
    end: float
    reason: EmptyReason | Literal["failed"]


RecognizerMessage = Final | Unheard
"""What a phrase ends in: at least one `final`, or one `unheard`."""

EndReason = Literal["stopped", "discarded", "dictation_too_long", "abandoned", "closing", "failed"]


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """The dictation is over. `entry_id`: None where there was no audio, or it was discarded."""

    duration_s: float
    entry_id: str | None
    reason: EndReason


class Error(msgspec.Struct, frozen=True, kw_only=True, tag="error"):
    code: str
    message: str


ServerMessage = Ready | Credit | Partial | RecognizerMessage | Ended | Error
"""What the server says."""


class IdleTimeout(InvalidRequest):
    code = "idle_timeout"
    status = 408


def parse(text: str) -> Control:
    """A control frame.

    Raises:
        PayloadTooLarge: `frame_too_large`.
        InvalidRequest: `invalid_json`, or `invalid_field` with the field's path.
    """
    if len(text) > _LONGEST_TEXT:
        raise PayloadTooLarge(
            f"a text frame may have {_LONGEST_TEXT} characters at most", code="frame_too_large"
        )
    try:
        control: Control = msgspec.json.decode(text, type=Control)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), code="invalid_field") from error
    except msgspec.DecodeError as error:
        raise InvalidRequest("the frame is not valid JSON", code="invalid_json") from error
    return control


def close_code(error: SamoError) -> int:
    return 4000 + error.status
