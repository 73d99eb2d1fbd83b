"""Resumable downloads."""

from __future__ import annotations

from typing import BinaryIO

from samo_client._async.transport import Transport
from samo_client.recordings import Progress


class Download:
    """A download that can be resumed."""

    def __init__(self, transport: Transport, file: BinaryIO, progress: Progress | None) -> None:
        self._transport = transport
        self._file = file
        self._progress = progress
        self._etag = ""

    async def resume(self, name: str, *ids: str) -> None:
        """Downloads what is missing, or everything if the content has changed."""
        offset = self._file.tell()
        headers = {"Range": f"bytes={offset}-", "If-Range": self._etag} if offset and self._etag else {}
        async with self._transport.stream(name, *ids, headers=headers) as response:
            if response.status_code != 206:
                offset = self._file.seek(0)
                self._file.truncate()
            self._etag = response.headers.get("ETag", "")
            total = offset + int(response.headers.get("Content-Length", 0))
            async for block in response.aiter_bytes():
                self._file.write(block)
                if self._progress is not None:
                    self._progress(self._file.tell(), total)
