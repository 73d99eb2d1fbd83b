# Written by `python -m clients.generate` from the module of this name in _async.
"""Large answers, as files."""

from __future__ import annotations

from typing import BinaryIO

from samo_client._sync.transport import Transport
from samo_client.recordings import Progress


class Download:
    """A file that is fetched in several goes, if one is not enough."""

    def __init__(self, transport: Transport, file: BinaryIO, progress: Progress | None) -> None:
        self._transport = transport
        self._file = file
        self._progress = progress
        self._etag = ""

    def go_on(self, name: str, *ids: str) -> None:
        """Fetch what is missing; all of it, if it is not what it was."""
        there = self._file.tell()
        headers = {"Range": f"bytes={there}-", "If-Range": self._etag} if there and self._etag else {}
        with self._transport.stream(name, *ids, headers=headers) as answer:
            if answer.status_code != 206:
                there = self._file.seek(0)
                self._file.truncate()
            self._etag = answer.headers.get("ETag", "")
            total = there + int(answer.headers.get("Content-Length", 0))
            for block in answer.iter_bytes():
                self._file.write(block)
                if self._progress is not None:
                    self._progress(self._file.tell(), total)
