"""Messages of the dictation protocol; `Event` covers those that reach the caller."""

from __future__ import annotations

import msgspec

from samo_client.schema import EmotionScore, Segment


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """Interim transcript of the current phrase; the next Partial, Final or Unheard replaces it."""

    text: str
    start: float


class Final(msgspec.Struct, frozen=True, kw_only=True):
    """A final sentence and its emotions, most confident first."""

    index: int
    segment: Segment
    emotions: tuple[EmotionScore, ...]


class Unheard(msgspec.Struct, frozen=True, kw_only=True):
    """A phrase that produced no sentence.

    Attributes:
        reason: `no_speech`, `no_words`, `unsupported_language`, or `failed`; after `failed` the entry is
            transcribed again from its recording.
    """

    index: int
    start: float
    end: float
    reason: str


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The dictation has ended.

    Attributes:
        entry_id: None if there was no audio.
        reason: `stopped`, or why it ended before the audio did, such as `closing` (the server shut down).
    """

    duration_s: float
    entry_id: str | None
    reason: str


Event = Partial | Final | Unheard | Ended


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """In seconds: the longest dictation, the time to resume after a lost connection, the longest frame."""

    dictation_s: float
    resume_s: float
    frame_s: float


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The server expects audio from `received_s` on and accepts it up to `until_s`."""

    dictation_id: str
    received_s: float
    until_s: float
    limits: Limits


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """The server accepts audio up to this position."""

    until_s: float


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An error; the server closes the connection after it."""

    code: str
    message: str


ServerMessage = Event | Ready | Credit | Refusal

_KINDS: dict[str, type[ServerMessage]] = {
    "partial": Partial,
    "final": Final,
    "unheard": Unheard,
    "ended": Ended,
    "ready": Ready,
    "credit": Credit,
    "error": Refusal,
}


class _Kind(msgspec.Struct, frozen=True):
    type: str


def decode_message(frame: str | bytes) -> ServerMessage | None:
    """Decodes a frame; None if its type is unknown."""
    kind = _KINDS.get(msgspec.json.decode(frame, type=_Kind).type)
    return msgspec.json.decode(frame, type=kind) if kind is not None else None


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """Signed 16-bit little-endian samples, channels interleaved."""

    rate: int
    channels: int = 1
    encoding: str = "pcm_s16le"


class Start(msgspec.Struct, frozen=True, kw_only=True, tag="start"):
    """Starts a dictation or, with an id, resumes it after `after` Finals and Unheards."""

    format: Format
    token: str | None
    dictation_id: str | None
    after: int
    timezone: str | None


class Renew(msgspec.Struct, frozen=True, kw_only=True, tag="renew"):
    """A fresh token for the same user."""

    token: str


class Stop(msgspec.Struct, frozen=True, kw_only=True, tag="stop"):
    """The end of the audio."""


ClientMessage = Start | Renew | Stop
