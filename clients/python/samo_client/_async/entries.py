"""Creates, reads, follows, edits and deletes entries."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, overload

import msgspec

from samo_client._async.following import FINAL, Following
from samo_client._async.transport import Transport, blocks
from samo_client._async.uploads import CHUNK, Uploads
from samo_client.parameters import without_none
from samo_client.recordings import Progress, Recording, Source, open_recording
from samo_client.schema import EntryList, EntryView, FeedbackVerdict, SearchResults, Transcript

MAX_WAIT_S = 30
"""The longest that the server lets a request wait."""


class Entries:
    """The user's entries."""

    def __init__(self, transport: Transport, uploads: Uploads) -> None:
        self._transport = transport
        self._uploads = uploads
        self._following = Following(transport)

    async def create(
        self,
        text: str | None = None,
        *,
        audio: Source | None = None,
        content_type: str | None = None,
        recorded_at: datetime | None = None,
        timezone: str | None = None,
        wait: float = 0,
        progress: Progress | None = None,
        idempotency_key: str | None = None,
    ) -> EntryView:
        """Creates an entry from text or from a recording.

        Args:
            audio: a path, bytes or an open file; large ones are sent through an upload session.
            content_type: of the recording; None guesses it from the file name.
            recorded_at: UTC if it has no time zone; None: now.
            timezone: the user's, as an IANA name.
            wait: how many seconds to wait for the insight; after that the entry is returned unfinished.
            progress: called with the bytes sent so far and the total.
            idempotency_key: requests with the same key create one entry; None generates a key.

        Raises:
            SamoError: the request failed.
            ValueError: both text and audio were given, or neither.
        """
        if (text is None) == (audio is None):
            raise ValueError("an entry has either text or audio")
        began = time.monotonic()
        metadata = without_none(recorded_at=recorded_at, timezone=timezone)
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex, **_prefer_wait(wait)}
        if audio is None:
            entry = await self._create(wait, headers=headers, body={"text": text, **metadata})
        else:
            with open_recording(audio, content_type) as recording:
                entry = await self._record(recording, wait, headers, metadata, progress)
        return await self._poll_until_final(entry, wait - (time.monotonic() - began))

    async def list(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        emotion: str | None = None,
        feeling: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[EntryView]:
        """Lists entries, newest recording first, without transcripts, fetching `limit` at a time.

        Args:
            since, until: bounds of `recorded_at`: inclusive, exclusive.
            emotion, feeling, topic: only entries that have all of the given labels.
        """
        filters = {"from": since, "to": until, "emotion": emotion, "feeling": feeling, "topic": topic}
        cursor = None
        while True:
            page = await self._transport.request(
                EntryList, "entries.list", parameters={**filters, "limit": limit, "cursor": cursor}
            )
            for entry in page.entries:
                yield entry
            cursor = page.next_cursor
            if cursor is None:
                return

    async def get(self, entry_id: str) -> EntryView:
        """Reads an entry with its transcript and insight; an unchanged one comes from the cache."""
        return await self._following.get(entry_id)

    def follow(self, entry_id: str) -> AsyncIterator[EntryView]:
        """Yields the entry now and after each change until processing has finished.

        Reconnects if the stream breaks, and polls if the server has no stream to spare.

        Raises:
            NotFound: there is no such entry, or it was deleted meanwhile.
        """
        return self._following.follow(entry_id)

    async def wait(self, entry_id: str, timeout_s: float = 120) -> EntryView:
        """Waits until processing has finished; raises TimeoutError."""
        return await self._following.wait(entry_id, timeout_s)

    async def edit(
        self, entry_id: str, text: str | None = None, *, support_dismissed: bool | None = None
    ) -> EntryView:
        """Replaces an entry's text, which is then analyzed again, or dismisses its support note.

        With `support_dismissed`, its insight is to be shown in place of the note; with False, the note again.
        """
        body = without_none(text=text, support_dismissed=support_dismissed)
        return await self._transport.request(EntryView, "entries.edit", entry_id, body=body)

    async def transcribe(
        self, entry_id: str, *, engine: Literal["moonshine", "whisper"] | None = None
    ) -> EntryView:
        """Transcribes an entry's recording again, where words are missing."""
        body = without_none(engine=engine)
        return await self._transport.request(EntryView, "entries.transcribe", entry_id, body=body)

    async def delete(self, entry_id: str) -> None:
        """Deletes an entry with its transcript and recording."""
        await self._transport.call("entries.delete", entry_id)
        self._following.forget(entry_id)

    async def feedback(
        self,
        entry_id: str,
        *,
        emotion: str,
        verdict: FeedbackVerdict | Literal["agree", "correct", "disagree"],
        correction: str | None = None,
        segment: int | None = None,
    ) -> EntryView:
        """Agrees or disagrees with an emotion of an entry or of one segment, or corrects it."""
        body = without_none(emotion=emotion, verdict=verdict, correction=correction, segment=segment)
        return await self._transport.request(EntryView, "entries.feedback", entry_id, body=body)

    @overload
    async def transcript(self, entry_id: str) -> Transcript: ...

    @overload
    async def transcript(self, entry_id: str, format: Literal["json"]) -> Transcript: ...

    @overload
    async def transcript(self, entry_id: str, format: Literal["srt", "txt", "vtt"]) -> str: ...

    async def transcript(self, entry_id: str, format: str = "json") -> Transcript | str:  # noqa: A002
        """The transcript; formats other than `json` are returned as the text of a file."""
        response = await self._transport.call("entries.transcript", entry_id, parameters={"format": format})
        return msgspec.json.decode(response.content, type=Transcript) if format == "json" else response.text

    async def audio(self, entry_id: str) -> bytes:
        """The recording, unless it has been deleted."""
        return (await self._transport.call("entries.audio", entry_id)).content

    async def similar(self, entry_id: str, *, limit: int | None = None) -> SearchResults:
        """Finds the entries most similar to this one."""
        return await self._transport.request(
            SearchResults, "entries.similar", entry_id, parameters={"limit": limit}
        )

    async def _create(self, wait: float, **request: Any) -> EntryView:
        timeout_s = self._transport.timeout_s + min(wait, MAX_WAIT_S)
        return await self._transport.request(EntryView, "entries.create", timeout_s=timeout_s, **request)

    async def _record(
        self,
        recording: Recording,
        wait: float,
        headers: Mapping[str, str],
        metadata: Mapping[str, Any],
        progress: Progress | None,
    ) -> EntryView:
        if recording.size > CHUNK:
            session = await self._uploads.open(
                recording.size,
                recording.media_type,
                idempotency_key=headers["Idempotency-Key"],
                **metadata,
            )
            sent = await self._uploads.send(session, recording.file, progress=progress)
            return sent or session.entry
        described = {"Content-Type": recording.media_type, "Content-Length": str(recording.size)}
        return await self._create(
            wait,
            headers={**headers, **described},
            parameters=metadata,
            content=lambda: blocks(recording, 0, recording.size, progress),
        )

    async def _poll_until_final(self, entry: EntryView, seconds: float) -> EntryView:
        """Polls until the entry is final or the time is over; returns its last state."""
        if seconds > 0 and entry.status not in FINAL:
            with suppress(TimeoutError):
                async for update in self._following.poll(entry.id, seconds):
                    entry = update
        return entry


def _prefer_wait(wait: float) -> dict[str, str]:
    """Asks the server to respond once the entry is final, within the wait it allows."""
    seconds = min(int(wait), MAX_WAIT_S)
    return {"Prefer": f"wait={seconds}"} if seconds > 0 else {}
