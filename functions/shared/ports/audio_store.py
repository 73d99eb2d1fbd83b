"""The port to recordings and other large files."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from functions.shared.domain.entries import Audio, EntryKey


class AudioStore(Protocol):
    """Stores recordings, one object per entry. Each write creates a new generation of the object."""

    def put(self, key: EntryKey, data: BinaryIO, content_type: str) -> Audio:
        """Store a recording completely or not at all, only if the entry has none.

        Raises:
            Conflict: `audio_exists`.
        """
        ...

    def open_writer(self, key: EntryKey, content_type: str) -> AbstractContextManager[BinaryIO]:
        """A write-only, sequential file for streaming an object into the store.

        The object is stored when the context exits without an exception; otherwise nothing is.

        Raises:
            Conflict: on exit, `audio_exists`.
        """
        ...

    def create_upload_session(
        self, key: EntryKey, *, size: int, content_type: str, origin: str | None = None
    ) -> str | None:
        """A URL to which a client can upload the recording: exactly `size` bytes, if the entry has none.

        The URL is a bearer secret that works for a week; never log it. `origin` is that of the web page that
        will use it. None if the store takes recordings only through the journal.

        Raises:
            Conflict: `audio_exists`.
        """
        ...

    def cancel_upload_session(self, session: str) -> None:
        """Refuse further uploads to this URL; a recording that was already uploaded stays."""
        ...

    def find(self, key: EntryKey) -> Audio | None:
        """The stored recording of an entry."""
        ...

    def fetch(self, audio: Audio) -> AbstractContextManager[Path]:
        """The recording as a local file, which exists while the context is open.

        Raises:
            NotFound: `audio_gone`, the object or this generation of it does not exist.
        """
        ...

    def delete(self, audio: Audio) -> None:
        """Delete this generation; do nothing if it is gone already or was replaced."""
        ...

    def delete_all(self, uid: str) -> int:
        """Delete all of a user's objects and return how many there were."""
        ...
