"""Creates entries. Pure, like the transitions in `lifecycle`; `now` is the store's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from functions.shared.domain.entries import (
    Entry,
    EntryKey,
    EventType,
    RetentionPreference,
    Source,
    Stage,
    Status,
)
from functions.shared.domain.events import make_event
from functions.shared.domain.lifecycle import ORDER, SKIPPED


def create_text_entry(
    key: EntryKey, now: datetime, recorded_at: datetime | None = None, timezone: str | None = None
) -> Entry:
    """A typed entry. It has a transcript from the start, so emotion detection comes next."""
    return Entry(
        uid=key.uid,
        entry_id=key.entry_id,
        source=Source.TEXT,
        status=Status.PROCESSING,
        created_at=now,
        updated_at=now,
        recorded_at=recorded_at or now,
        timezone=timezone,
        stages={Stage.TRANSCRIPTION: SKIPPED},
        pending_events=(make_event(EventType.TRANSCRIBED, key, 1),),
        wake_at=now,
    )


def create_voice_entry(
    key: EntryKey,
    now: datetime,
    recorded_at: datetime | None = None,
    timezone: str | None = None,
    *,
    wait_for_audio: timedelta,
    session: str | None = None,
    preference: RetentionPreference = RetentionPreference(),  # noqa: B008 - frozen
    job_id: str | None = None,
    dictated: str | None = None,
) -> Entry:
    """A spoken entry whose recording has not arrived yet.

    Args:
        preference: how long to store the recording.
        wait_for_audio: how long until the entry fails if the recording does not arrive.
        job_id: the batch job it belongs to; such an entry is only transcribed.
        dictated: a digest of the words that its user saw while dictating it.
    """
    return Entry(
        uid=key.uid,
        entry_id=key.entry_id,
        source=Source.VOICE,
        status=Status.AWAITING_AUDIO,
        created_at=now,
        updated_at=now,
        recorded_at=recorded_at or now,
        timezone=timezone,
        upload_session=session,
        keeping=preference,
        job_id=job_id,
        dictated=dictated,
        stages={} if job_id is None else dict.fromkeys(ORDER[1:], SKIPPED),
        wake_at=now + wait_for_audio,
    )
