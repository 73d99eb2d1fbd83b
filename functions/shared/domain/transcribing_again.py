"""Has a recording transcribed again. Pure, like the transitions in `lifecycle`."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from functions.shared.domain.changes import Write
from functions.shared.domain.entries import Entry, EventType
from functions.shared.domain.events import make_event
from functions.shared.domain.lifecycle import lacks_words, settle
from functions.shared.errors import Conflict
from functions.shared.runtime.settings import Settings, SpeechEngine


def transcribe_again(
    entry: Entry, now: datetime, settings: Settings, *, engine: SpeechEngine | None = None
) -> Write:
    """A new revision, which starts with transcription. What the user said of sentences is about the old ones.

    Raises:
        Conflict: `audio_gone`, there is no recording; `nothing_missing`, all of it has become words, was
            replaced by typed text, or is being transcribed.
    """
    if entry.audio is None or entry.audio.deleted_at is not None:
        raise Conflict("the recording no longer exists", code="audio_gone")
    if not lacks_words(entry):
        raise Conflict("there is nothing that the transcript lacks", code="nothing_missing")
    revision = entry.revision + 1
    retention = entry.keeping.retention or settings.audio_retention
    audio = replace(entry.audio, delete_after=None) if retention == "until_transcribed" else entry.audio
    fresh = replace(
        entry,
        revision=revision,
        audio=audio,
        language=None,
        stages={},
        chunks=(),
        emotions=(),
        feelings=(),
        topics=(),
        sentiment=None,
        certain=True,
        support=False,
        summary=None,
        empty_reason=None,
        opening=None,
        words=(),
        left_out=False,
        requested_engine=engine,
        embedding_model=None,
        feedback=tuple(item for item in entry.feedback if item.segment is None),
        corrections=replace(entry.corrections, segments=()),
        pending_events=(make_event(EventType.UPLOADED, entry.key, revision),),
    )
    return Write(entry=settle(fresh, now, settings), delete_pieces=True)
