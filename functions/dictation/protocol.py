"""The WebSocket protocol: JSON messages in text frames, audio in binary frames.

The client begins with `start`. `ready` says where its audio must begin; it may send audio up to `until_s`,
which each `credit` raises. Times are seconds from the start of the dictation. An `error` closes the
connection with 4000 plus its HTTP status; the client can resume the dictation within `resume_s`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from functions.shared.domain.content import EmotionScore, EmptyReason, Segment
from functions.shared.errors import InvalidRequest, PayloadTooLarge, SamoError

RATES = (8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
FRAME_S = 2.0
"""The most audio in one frame."""
_MAX_TEXT_CHARS = 16_384

Index = Annotated[int, Meta(ge=0)]


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """The format of the audio; `pcm.PcmDecoder` refuses unsupported ones."""

    encoding: str
    rate: int
    channels: int = 1


class Start(msgspec.Struct, frozen=True, kw_only=True, tag="start"):
    """Begins a dictation or, with an ID, resumes one.

    Attributes:
        token: an ID token or an API key; None if there are no accounts.
        after: how many `final` and `unheard` messages the client has; later ones are sent again.
        timezone: IANA name, stored with the entry.
    """

    format: Format
    token: str | None = None
    dictation_id: str | None = None
    after: Index = 0
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class Renew(msgspec.Struct, frozen=True, kw_only=True, tag="renew"):
    """A fresh token of the same user: the latest one creates the entry when the dictation ends."""

    token: str


class Stop(msgspec.Struct, frozen=True, kw_only=True, tag="stop"):
    """Ends the dictation and creates the entry."""


class Discard(msgspec.Struct, frozen=True, kw_only=True, tag="discard"):
    """Ends the dictation without an entry."""


ControlMessage = Start | Renew | Stop | Discard


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits in seconds.

    Attributes:
        dictation_s: the longest dictation.
        idle_s: the longest time without a message from the client.
        resume_s: after a lost connection, until the client must reconnect.
        frame_s: the most audio in one frame.
    """

    dictation_s: float
    idle_s: float = 60.0
    resume_s: float = 120.0
    frame_s: float = FRAME_S


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """The client sends audio from `received_s` on, up to `until_s`."""

    dictation_id: str
    received_s: float
    until_s: float
    limits: Limits


class Credit(msgspec.Struct, frozen=True, kw_only=True, tag="credit"):
    """The client may send audio up to `until_s`."""

    until_s: float


class Partial(msgspec.Struct, frozen=True, kw_only=True, tag="partial"):
    """The text of the phrase in progress so far; the next message about it replaces it."""

    text: str
    start: float


class Final(msgspec.Struct, frozen=True, kw_only=True, tag="final"):
    """A sentence of a finished phrase, and its emotions, most probable first."""

    index: int
    segment: Segment
    emotions: tuple[EmotionScore, ...]


class Unheard(msgspec.Struct, frozen=True, kw_only=True, tag="unheard"):
    """A finished phrase without text."""

    index: int
    start: float
    end: float
    reason: EmptyReason | Literal["failed"]


RecognizerMessage = Final | Unheard
"""The result of a phrase: at least one `final`, or one `unheard`."""

EndReason = Literal["stopped", "discarded", "dictation_too_long", "abandoned", "closing", "failed"]


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """The dictation is over. `entry_id` is None if there was no audio, or it was discarded."""

    duration_s: float
    entry_id: str | None
    reason: EndReason


class Error(msgspec.Struct, frozen=True, kw_only=True, tag="error"):
    """The last message before the server closes the connection."""

    code: str
    message: str


ServerMessage = Ready | Credit | Partial | RecognizerMessage | Ended | Error


class IdleTimeout(InvalidRequest):
    code = "idle_timeout"
    status = 408


def parse(text: str) -> ControlMessage:
    """Parse a control message.

    Raises:
        PayloadTooLarge: `frame_too_large`.
        InvalidRequest: `invalid_json`, or `invalid_field` with the field's path.
    """
    if len(text) > _MAX_TEXT_CHARS:
        raise PayloadTooLarge(
            f"a text frame may have at most {_MAX_TEXT_CHARS} characters", code="frame_too_large"
        )
    try:
        control: ControlMessage = msgspec.json.decode(text, type=ControlMessage)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error), code="invalid_field") from error
    except msgspec.DecodeError as error:
        raise InvalidRequest("the frame is not valid JSON", code="invalid_json") from error
    return control


def close_code(error: SamoError) -> int:
    return 4000 + error.status
