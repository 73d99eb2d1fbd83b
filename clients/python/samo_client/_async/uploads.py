"""Upload sessions: a large recording is sent to SAMO or straight to Cloud Storage."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import datetime

import httpx
import msgspec

from samo_client._async.transport import Transport, blocks
from samo_client.errors import SamoError, error_from_response, unreachable
from samo_client.parameters import without_none
from samo_client.recordings import Progress, Recording, Source, open_recording
from samo_client.schema import EntryView, UploadSession

CHUNK = 8 * 1024 * 1024
"""Bytes per request to Cloud Storage; must be a multiple of 256 KiB."""


class Uploads:
    """Upload sessions; `entries.create` opens one itself for large recordings."""

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
        """Creates an entry that waits for a recording of exactly `size` bytes, and a URL to send it to.

        Args:
            idempotency_key: requests with the same key open one session; None generates a key.
        """
        body = without_none(size=size, content_type=content_type, recorded_at=recorded_at, timezone=timezone)
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        return await self._transport.request(UploadSession, "uploads.open", body=body, headers=headers)

    async def send(
        self, session: UploadSession, audio: Source, *, progress: Progress | None = None
    ) -> EntryView | None:
        """Sends a session's recording, resuming after interruptions.

        Returns:
            The entry; None if the recording went to Cloud Storage, which notifies SAMO.
        """
        with open_recording(audio) as recording:
            if session.url.startswith("/"):
                return await self._whole(session, recording, progress)
            await self._resumable(session, recording, progress)
            return None

    async def _whole(
        self, session: UploadSession, recording: Recording, progress: Progress | None
    ) -> EntryView | None:
        response = await self._transport.call(
            "uploads.send",
            session.entry.id,
            content=lambda: blocks(recording, 0, recording.size, progress),
            headers={**session.headers, "Content-Length": str(recording.size)},
        )
        return msgspec.json.decode(response.content, type=EntryView) if response.content else None

    async def _resumable(
        self, session: UploadSession, recording: Recording, progress: Progress | None
    ) -> None:
        """https://cloud.google.com/storage/docs/performing-resumable-uploads"""
        offset, failures, lost = 0, 0, False
        while offset < recording.size:
            before = offset
            try:
                offset = await self._step(session, recording, None if lost else offset, progress)
                if not lost and offset <= before:
                    raise unreachable(EOFError("the upload makes no progress"))
                failures, lost = 0 if offset > before else failures, False
            except SamoError as error:
                failures, lost = failures + 1, True
                pause = self._transport.retries.pause(failures, error)
                if pause is None:
                    raise
                await asyncio.sleep(pause)

    async def _step(
        self, session: UploadSession, recording: Recording, start: int | None, progress: Progress | None
    ) -> int:
        """Sends the chunk from `start` on (None: sends nothing); returns how many bytes have arrived."""
        first, stop = (0, 0) if start is None else (start, min(start + CHUNK, recording.size))
        span = "*" if start is None else f"{start}-{stop - 1}"
        headers = {
            **session.headers,
            "Content-Range": f"bytes {span}/{recording.size}",
            "Content-Length": str(stop - first),
        }
        try:
            response = await self._transport.http.request(
                session.method,
                session.url,
                content=blocks(recording, first, stop, progress),
                headers=headers,
                auth=None,
            )
        except httpx.TransportError as error:
            raise unreachable(error) from error
        return _bytes_received(response, recording.size)


def _bytes_received(response: httpx.Response, size: int) -> int:
    """How many bytes Cloud Storage reports to have."""
    if response.is_success:
        return size
    if response.status_code != 308:
        raise error_from_response(response.status_code, response.headers, response.content)
    match = re.fullmatch(r"bytes=0-(\d+)", response.headers.get("Range", ""))
    return int(match[1]) + 1 if match else 0
