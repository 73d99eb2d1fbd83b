"""Recordings too large for a request: a session first, then the bytes, to SAMO or to Cloud Storage."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import datetime

import httpx
import msgspec

from samo_client._async.transport import Transport, blocks
from samo_client.errors import SamoError, of_answer, unreachable
from samo_client.parameters import given
from samo_client.recordings import Progress, Recording, Source, opened
from samo_client.schema import EntryView, UploadSession

CHUNK = 8 * 1024 * 1024
"""Bytes of one request to Cloud Storage; it takes multiples of 256 KiB."""


class Uploads:
    """Upload sessions; `entries.create` opens one by itself where it must."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def open(
        self,
        size: int,
        content_type: str,
        *,
        recorded_at: datetime | None = None,
        timezone: str | None = None,
        idempotency_key: str | None = None,
    ) -> UploadSession:
        """A new entry that waits for its recording of exactly `size` bytes, and where to send it.

        Args:
            idempotency_key: requests with the same key open one session; None: a new key.
        """
        body = given(size=size, content_type=content_type, recorded_at=recorded_at, timezone=timezone)
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        return await self._transport.ask(UploadSession, "uploads.open", body=body, headers=headers)

    async def send(
        self, session: UploadSession, audio: Source, *, progress: Progress | None = None
    ) -> EntryView | None:
        """Send a session's recording, going on where it broke off.

        Returns:
            The entry; None where the recording went to Cloud Storage, which tells SAMO of it in a moment.
        """
        with opened(audio) as recording:
            if session.url.startswith("/"):
                return await self._whole(session, recording, progress)
            await self._resumable(session, recording, progress)
            return None

    async def _whole(
        self, session: UploadSession, recording: Recording, progress: Progress | None
    ) -> EntryView | None:
        answer = await self._transport.call(
            "uploads.send",
            session.entry.id,
            content=lambda: blocks(recording, 0, recording.size, progress),
            headers={**session.headers, "Content-Length": str(recording.size)},
        )
        return msgspec.json.decode(answer.content, type=EntryView) if answer.content else None

    async def _resumable(
        self, session: UploadSession, recording: Recording, progress: Progress | None
    ) -> None:
        """https://cloud.google.com/storage/docs/performing-resumable-uploads"""
        there, failures, lost = 0, 0, False
        while there < recording.size:
            before = there
            try:
                there = await self._step(session, recording, None if lost else there, progress)
                if not lost and there <= before:
                    raise unreachable(EOFError("nothing more of it arrives"))
                failures, lost = 0 if there > before else failures, False
            except SamoError as error:
                failures, lost = failures + 1, True
                pause = self._transport.retries.pause(failures, error)
                if pause is None:
                    raise
                await asyncio.sleep(pause)

    async def _step(
        self, session: UploadSession, recording: Recording, start: int | None, progress: Progress | None
    ) -> int:
        """Send the chunk that begins at `start`, or only ask; how many bytes are there then."""
        first, stop = (0, 0) if start is None else (start, min(start + CHUNK, recording.size))
        span = "*" if start is None else f"{start}-{stop - 1}"
        headers = {
            **session.headers,
            "Content-Range": f"bytes {span}/{recording.size}",
            "Content-Length": str(stop - first),
        }
        try:
            answer = await self._transport.http.request(
                session.method,
                session.url,
                content=blocks(recording, first, stop, progress),
                headers=headers,
                auth=None,
            )
        except httpx.TransportError as error:
            raise unreachable(error) from error
        return _arrived(answer, recording.size)


def _arrived(answer: httpx.Response, size: int) -> int:
    """How many bytes a storage says it has."""
    if answer.is_success:
        return size
    if answer.status_code != 308:
        raise of_answer(answer.status_code, answer.headers, answer.content)
    found = re.fullmatch(r"bytes=0-(\d+)", answer.headers.get("Range", ""))
    return int(found[1]) + 1 if found else 0
