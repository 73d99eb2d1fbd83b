"""What is said over a dictation's WebSocket; `Event` is what a client's caller hears of it."""

from __future__ import annotations

import msgspec

from samo_client.schema import EmotionScore, Segment


class Partial(msgspec.Struct, frozen=True, kw_only=True):
    """What the open phrase sounds like so far; the next Partial, Final or Unheard replaces it."""

    text: str
    start: float


class Final(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence, which does not change any more, and what it expresses, surest first."""

    index: int
    segment: Segment
    emotions: tuple[EmotionScore, ...]


class Unheard(msgspec.Struct, frozen=True, kw_only=True):
    """A phrase that came to nothing.

    Attributes:
        reason: `no_speech`, `no_words`, `unsupported_language`, or `failed`, where the transcript of the
            entry is made anew.
    """

    index: int
    start: float
    end: float
    reason: str


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The dictation is over.

    Attributes:
        entry_id: None where there was no audio.
        reason: `stopped`, or why it ended before the audio did, such as `closing`: the server ended.
    """

    duration_s: float
    entry_id: str | None
    reason: str


Event = Partial | Final | Unheard | Ended


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: of a dictation, until a lost client must be back, of one frame."""

    dictation_s: float
    resume_s: float
    frame_s: float


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Send audio from `received_s` on, up to `until_s`."""

    dictation_id: str
    received_s: float
    until_s: float
    limits: Limits


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """Audio may come up to here."""

    until_s: float


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why the connection is about to be closed."""

    code: str
    message: str


Told = Event | Ready | Credit | Refusal

_KINDS: dict[str, type[Told]] = {
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


def told(frame: str | bytes) -> Told | None:
    """What a frame says; None if its type is not known here."""
    kind = _KINDS.get(msgspec.json.decode(frame, type=_Kind).type)
    return msgspec.json.decode(frame, type=kind) if kind is not None else None


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """Signed 16-bit little-endian samples, frame by frame of all channels."""

    rate: int
    channels: int = 1
    encoding: str = "pcm_s16le"


class Start(msgspec.Struct, frozen=True, kw_only=True, tag="start"):
    """A dictation begins or, with an id, goes on after so many Finals and Unheards."""

    format: Format
    token: str | None
    dictation_id: str | None
    after: int
    timezone: str | None


class Renew(msgspec.Struct, frozen=True, kw_only=True, tag="renew"):
    """A fresh token of the same user."""

    token: str


class Stop(msgspec.Struct, frozen=True, kw_only=True, tag="stop"):
    """Everything is said."""


Said = Start | Renew | Stop
