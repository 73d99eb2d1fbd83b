# Written by `python -m clients.generate` from the module of this name in _async.
"""Entries: made, read, followed, changed and removed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, overload

import msgspec

from samo_client._sync.following import FINAL, Following
from samo_client._sync.transport import Transport, blocks
from samo_client._sync.uploads import CHUNK, Uploads
from samo_client.parameters import given
from samo_client.recordings import Progress, Recording, Source, opened
from samo_client.schema import EntryList, EntryView, FeedbackVerdict, SearchResults, Transcript

LONGEST_WAIT_S = 30
"""For how long SAMO keeps a request waiting."""


class Entries:
    """The entries of one journal."""

    def __init__(self, transport: Transport, uploads: Uploads) -> None:
        self._transport = transport
        self._uploads = uploads
        self._following = Following(transport)

    def create(
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
        """A new entry from text or from a recording.

        Args:
            audio: a path, bytes or an open file; large ones go through an upload session.
            content_type: of the recording; None: as its file's name says.
            recorded_at: without a zone it is taken for UTC; None: now.
            timezone: the person's, as an IANA name.
            wait: for how many seconds to wait for the insight; after that the entry comes as it stands.
            progress: hears how much of the recording has been sent.
            idempotency_key: requests with the same key make one entry; None: a new key.

        Raises:
            SamoError: it was refused.
            ValueError: both text and audio, or neither.
        """
        if (text is None) == (audio is None):
            raise ValueError("an entry has either text or audio")
        began = time.monotonic()
        beside = given(recorded_at=recorded_at, timezone=timezone)
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex, **_preferring(wait)}
        if audio is None:
            entry = self._create(wait, headers=headers, body={"text": text, **beside})
        else:
            with opened(audio, content_type) as recording:
                entry = self._record(recording, wait, headers, beside, progress)
        return self._settled(entry, wait - (time.monotonic() - began))

    def list(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        emotion: str | None = None,
        feeling: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
    ) -> Iterator[EntryView]:
        """All entries, newest recording first, without their transcripts; `limit` are asked for at a time.

        Args:
            since, until: of `recorded_at`; the one is included, the other not.
            emotion, feeling, topic: an entry must have every one that is named.
        """
        among = {"from": since, "to": until, "emotion": emotion, "feeling": feeling, "topic": topic}
        cursor = None
        while True:
            page = self._transport.ask(
                EntryList, "entries.list", parameters={**among, "limit": limit, "cursor": cursor}
            )
            yield from page.entries
            cursor = page.next_cursor
            if cursor is None:
                return

    def get(self, entry_id: str) -> EntryView:
        """An entry with its transcript and insight; sent only if it has changed since it was last read."""
        return self._following.get(entry_id)

    def follow(self, entry_id: str) -> Iterator[EntryView]:
        """The entry now and after each change, until nothing changes by itself any more.

        Goes on by itself where the stream breaks, and polls where there is none to be had.

        Raises:
            NotFound: it is not there, or is deleted meanwhile.
        """
        return self._following.follow(entry_id)

    def wait(self, entry_id: str, timeout_s: float = 120) -> EntryView:
        """The entry once nothing changes by itself any more; raises TimeoutError if that takes longer."""
        return self._following.wait(entry_id, timeout_s)

    def edit(self, entry_id: str, text: str) -> EntryView:
        """Replace an entry's words, which are then analysed anew."""
        return self._transport.ask(EntryView, "entries.edit", entry_id, body={"text": text})

    def delete(self, entry_id: str) -> None:
        """Delete an entry, its words and its recording."""
        self._transport.call("entries.delete", entry_id)
        self._following.forget(entry_id)

    def feedback(
        self,
        entry_id: str,
        *,
        emotion: str,
        verdict: FeedbackVerdict | Literal["agree", "correct", "disagree"],
        correction: str | None = None,
        segment: int | None = None,
    ) -> EntryView:
        """Agree or disagree with an emotion of an entry (or of one segment), or correct it."""
        said = given(emotion=emotion, verdict=verdict, correction=correction, segment=segment)
        return self._transport.ask(EntryView, "entries.feedback", entry_id, body=said)

    @overload
    def transcript(self, entry_id: str) -> Transcript: ...

    @overload
    def transcript(self, entry_id: str, format: Literal["json"]) -> Transcript: ...

    @overload
    def transcript(self, entry_id: str, format: Literal["srt", "txt", "vtt"]) -> str: ...

    def transcript(self, entry_id: str, format: str = "json") -> Transcript | str:  # noqa: A002
        """The transcript by itself; in a format other than `json`, as the text of a file."""
        answer = self._transport.call("entries.transcript", entry_id, parameters={"format": format})
        return msgspec.json.decode(answer.content, type=Transcript) if format == "json" else answer.text

    def audio(self, entry_id: str) -> bytes:
        """The recording, while it is kept."""
        return (self._transport.call("entries.audio", entry_id)).content

    def similar(self, entry_id: str, *, limit: int | None = None) -> SearchResults:
        """The entries that are most like this one."""
        return self._transport.ask(SearchResults, "entries.similar", entry_id, parameters={"limit": limit})

    def _create(self, wait: float, **request: Any) -> EntryView:
        timeout_s = self._transport.timeout_s + min(wait, LONGEST_WAIT_S)
        return self._transport.ask(EntryView, "entries.create", timeout_s=timeout_s, **request)

    def _record(
        self,
        recording: Recording,
        wait: float,
        headers: Mapping[str, str],
        beside: Mapping[str, Any],
        progress: Progress | None,
    ) -> EntryView:
        if recording.size > CHUNK:
            session = self._uploads.open(
                recording.size,
                recording.media_type,
                idempotency_key=headers["Idempotency-Key"],
                **beside,
            )
            sent = self._uploads.send(session, recording.file, progress=progress)
            return sent or session.entry
        described = {"Content-Type": recording.media_type, "Content-Length": str(recording.size)}
        return self._create(
            wait,
            headers={**headers, **described},
            parameters=beside,
            content=lambda: blocks(recording, 0, recording.size, progress),
        )

    def _settled(self, entry: EntryView, seconds: float) -> EntryView:
        """The entry when it is final, or as it stands after so many seconds."""
        if seconds > 0 and entry.status not in FINAL:
            with suppress(TimeoutError):
                for each in self._following.poll(entry.id, seconds):
                    entry = each
        return entry


def _preferring(wait: float) -> dict[str, str]:
    """To be answered when the entry is final, as far as SAMO lets requests wait."""
    seconds = min(int(wait), LONGEST_WAIT_S)
    return {"Prefer": f"wait={seconds}"} if seconds > 0 else {}
