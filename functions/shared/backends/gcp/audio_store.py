"""AudioStore on Cloud Storage: `audio/{uid}/{entry_id}` in one bucket, without versioning.

Exports lie beside the recordings, under `exports/`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

from functions.shared.backends.gcp import errors
from functions.shared.backends.gcp.errors import explained
from functions.shared.backends.gcp.names import encoded
from functions.shared.domain.entries import Audio, EntryKey
from functions.shared.errors import Conflict, InvalidRequest, NotFound, TemporaryError

PREFIX = "audio/"
EXPORTS = "exports/"
MAX_NAME = 1024
"""Of an object, bytes."""
CHUNK = 8 * 1024 * 1024
"""Larger recordings are sent in chunks of this size, each of which may be repeated."""
CALL_S = 30.0
PATIENCE_S = 60.0
"""Until one call is given up, and until an operation with all its retries is."""


def object_name(key: EntryKey, prefix: str = PREFIX) -> str:
    """Where an entry's recording lies in the bucket.

    Raises:
        InvalidRequest: `invalid_id`, the ids are too long to name an object.
    """
    name = f"{prefix}{encoded(key.uid)}/{encoded(key.entry_id)}"
    if len(name) > MAX_NAME:
        raise InvalidRequest("the entry's id is too long for a recording", code="invalid_id")
    return name


def key_of(name: str) -> EntryKey | None:
    """Whose recording an object is; None if it is no entry's."""
    uid, _, entry_id = name.removeprefix(PREFIX).partition("/")
    key = EntryKey(unquote(uid), unquote(entry_id))
    written = f"{PREFIX}{encoded(key.uid)}/{encoded(key.entry_id)}"
    return key if uid and entry_id and name == written else None


class CloudStorageAudio:
    """Recordings in a bucket; a generation is the bucket's own."""

    def __init__(
        self, project: str, bucket: str, *, prefix: str = PREFIX, patience_s: float = PATIENCE_S
    ) -> None:
        self._project = project
        self._name = bucket
        self._prefix = prefix
        self._patience_s = patience_s

    def put(self, key: EntryKey, data: BinaryIO, content_type: str) -> Audio:
        from google.api_core.exceptions import PreconditionFailed

        blob = self._bucket.blob(object_name(key, self._prefix), chunk_size=CHUNK)
        blob.metadata = {"put": uuid.uuid4().hex}
        try:
            with _source(data) as source, self._explained():
                self._upload(blob, source, content_type)
        except PreconditionFailed as error:
            return self._own(key, blob.metadata, error)
        except _Broken as broken:
            raise broken.error from None
        return _audio(blob)

    @contextmanager
    def open_writer(self, key: EntryKey, content_type: str) -> Iterator[BinaryIO]:
        from google.api_core.exceptions import PreconditionFailed

        blob = self._bucket.blob(object_name(key, self._prefix), chunk_size=CHUNK)
        as_new = {"content_type": content_type, "if_generation_match": 0, **self._call}
        try:
            with self._explained(), _plain(), blob.open("wb", ignore_flush=True, **as_new) as file:
                yield file
        except PreconditionFailed as error:
            raise _exists() from error

    def create_upload_session(
        self, key: EntryKey, *, size: int, content_type: str, origin: str | None = None
    ) -> str | None:
        if self.find(key) is not None:
            raise _exists()
        blob = self._bucket.blob(object_name(key, self._prefix))
        with self._explained():
            session: str = blob.create_resumable_upload_session(
                size=size, content_type=content_type, origin=origin, if_generation_match=0, **self._call
            )
        return session

    def cancel_upload_session(self, session: str) -> None:
        """Cancel a resumable upload: Cloud Storage answers 499, or that the session is used up or unknown."""
        import requests

        with self._explained():
            answer = requests.delete(session, headers={"Content-Length": "0"}, timeout=CALL_S)
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.status_code >= 500:
            raise TemporaryError("the upload session could not be cancelled")

    def find(self, key: EntryKey) -> Audio | None:
        blob = self._load(object_name(key, self._prefix))
        return None if blob is None else _audio(blob)

    @contextmanager
    def fetch(self, audio: Audio) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="samo-recording-") as folder:
            path = Path(folder) / "recording"
            self._download(audio, path)
            yield path

    def delete(self, audio: Audio) -> None:
        from google.api_core.exceptions import NotFound as Gone
        from google.api_core.exceptions import PreconditionFailed

        blob = self._bucket.blob(audio.object)
        with self._explained():
            try:
                blob.delete(if_generation_match=audio.generation, **self._call)
            except Gone as error:
                _require_bucket(error)
            except PreconditionFailed:
                return

    def delete_all(self, uid: str) -> int:
        from google.api_core.exceptions import NotFound as Gone

        gone = 0
        with self._explained():
            while found := list(
                self._bucket.list_blobs(prefix=f"{self._prefix}{encoded(uid)}/", **self._call)
            ):
                for blob in found:
                    with suppress(Gone):
                        blob.delete(**self._call)
                gone += len(found)
        return gone

    def _upload(self, blob: Any, source: _Source, content_type: str) -> None:
        blob.upload_from_file(
            source,
            size=source.size,
            content_type=content_type,
            if_generation_match=0,
            checksum="crc32c",
            **self._call,
        )

    def _own(self, key: EntryKey, metadata: dict[str, str], error: Exception) -> Audio:
        """The recording that stands, if an earlier try of this upload stored it and its answer was lost."""
        standing = self._load(object_name(key, self._prefix))
        if standing is None or standing.metadata != metadata:
            raise _exists() from error
        return _audio(standing)

    def _load(self, name: str) -> Any:
        from google.api_core.exceptions import NotFound as Gone

        blob = self._bucket.blob(name)
        with self._explained():
            try:
                blob.reload(**self._call)
            except Gone as error:
                _require_bucket(error)
                return None
        return blob

    def _download(self, audio: Audio, path: Path) -> None:
        from google.api_core.exceptions import NotFound as Gone

        blob = self._bucket.blob(audio.object, generation=audio.generation)
        with self._explained():
            try:
                blob.download_to_filename(str(path), **self._call)
            except Gone as error:
                _require_bucket(error)
                raise NotFound("the recording no longer exists", code="audio_gone") from error

    @cached_property
    def _call(self) -> dict[str, Any]:
        from google.cloud.storage.retry import DEFAULT_RETRY

        return {"retry": DEFAULT_RETRY.with_timeout(self._patience_s), "timeout": CALL_S}

    @cached_property
    def _bucket(self) -> Any:
        from google.cloud.storage import Client

        with self._explained():
            return Client(project=self._project).bucket(self._name)

    def _explained(self) -> Any:
        return explained(errors.bucket(self._name))


class _Broken(Exception):
    """The source of an upload failed; unlike the network's failures this must not be retried."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class _Source:
    """What remains of a stream, as an upload reads it: from 0 to `size`, from any point again.

    The stream's own failures can be told from the network's, which are retried.
    """

    def __init__(self, data: BinaryIO) -> None:
        self._data = data
        self._start = self._data.tell()
        self.size = self._data.seek(0, os.SEEK_END) - self._start
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes unless the stream ends: an upload takes fewer for its end."""
        read = bytearray()
        try:
            while size < 0 or len(read) < size:
                piece = self._data.read(size - len(read) if size >= 0 else CHUNK)
                if not piece:
                    break
                read += piece
        except Exception as error:
            raise _Broken(error) from error
        return bytes(read)

    def tell(self) -> int:
        return self._data.tell() - self._start

    def seek(self, position: int) -> int:
        return self._data.seek(self._start + position) - self._start


@contextmanager
def _source(data: BinaryIO) -> Iterator[_Source]:
    """What remains of a stream; one that cannot be read twice is kept in a file meanwhile."""
    if data.seekable():
        yield _Source(data)
        return
    with tempfile.TemporaryFile(prefix="samo-upload-") as file:
        shutil.copyfileobj(data, file)
        file.seek(0)
        yield _Source(file)


@contextmanager
def _plain() -> Iterator[None]:
    """A writer raises what its transport does; everything else of the library, what the status means."""
    from google.api_core.exceptions import from_http_status
    from google.cloud.storage.exceptions import InvalidResponse

    try:
        yield
    except InvalidResponse as error:
        status = error.response.status_code
        raise from_http_status(status, "the object could not be written") from error  # type: ignore[no-untyped-call]


def _audio(blob: Any) -> Audio:
    return Audio(object=blob.name, generation=blob.generation, content_type=blob.content_type, size=blob.size)


def _exists() -> Conflict:
    return Conflict("the entry already has a recording", code="audio_exists")


def _require_bucket(error: Exception) -> None:
    """A missing object is an answer; a missing bucket is not."""
    if "bucket does not exist" in str(error):
        raise error
