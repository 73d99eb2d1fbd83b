"""A recording as clients see it."""

from __future__ import annotations

import msgspec

from functions.shared.domain.content import PartialReason, Timestamp
from functions.shared.domain.entries import Audio, Entry


class AudioView(msgspec.Struct, frozen=True, kw_only=True):
    """The recording. `url` is null once it is deleted.

    `partial`: not all of it could be heard; `partial_reason`: why, if that is known.
    """

    content_type: str
    size: int
    duration_s: float | None
    partial: bool
    url: str | None
    delete_after: Timestamp | None
    partial_reason: PartialReason | None = None


def audio_view(entry: Entry, audio: Audio) -> AudioView:
    deleted = audio.deleted_at is not None
    return AudioView(
        content_type=audio.content_type,
        size=audio.size,
        duration_s=audio.duration_s,
        partial=entry.partial_audio,
        url=None if deleted else f"/v1/entries/{entry.entry_id}/audio",
        delete_after=audio.delete_after,
        partial_reason=entry.partial_reason,
    )
