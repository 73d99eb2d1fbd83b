"""AudioStore on Cloud Storage: `audio/{uid}/{entry_id}` in one bucket, without versioning.

Exports are stored in the same bucket under `exports/`.
"""

from __future__ import annotations

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
from functions.shared.backends.gcp.errors import translated
from functions.shared.backends.gcp.names import encoded
from functions.shared.backends.gcp.upload_source import SourceFailed, UploadSource, open_source
from functions.shared.domain.entries import Audio, EntryKey
from functions.shared.errors import Conflict, InvalidRequest, NotFound, TemporaryError

PREFIX = "audio/"
EXPORTS = "exports/"
MAX_NAME_BYTES = 1024
"""Cloud Storage's limit on an object's name."""
CHUNK = 8 * 1024 * 1024
"""Larger recordings are uploaded in chunks of this size (bytes), which can be retried one by one."""
CALL_S = 30.0
PATIENCE_S = 60.0
"""Timeouts of one call, and of an operation with all its retries."""


def object_name(key: EntryKey, prefix: str = PREFIX) -> str:
    """The name of the object that holds an entry's recording.

    Raises:
        InvalidRequest: `invalid_id`, the IDs are too long for an object's name.
    """
    name = f"{prefix}{encoded(key.uid)}/{encoded(key.entry_id)}"
    if len(name) > MAX_NAME_BYTES:
        raise InvalidRequest("the entry's ID is too long for a recording", code="invalid_id")
    return name


def key_of(name: str) -> EntryKey | None:
    """The entry whose recording an object is; None if it is not a recording."""
    uid, _, entry_id = name.removeprefix(PREFIX).partition("/")
    key = EntryKey(unquote(uid), unquote(entry_id))
    expected = f"{PREFIX}{encoded(key.uid)}/{encoded(key.entry_id)}"
    return key if uid and entry_id and name == expected else None


class CloudStorageAudio:
    """Recordings in a bucket; generations are those of Cloud Storage."""

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
            with open_source(data) as source, self._translated():
                self._upload(blob, source, content_type)
        except PreconditionFailed as error:
            return self._find_own(key, blob.metadata, error)
        except SourceFailed as failure:
            raise failure.error from None
        return _audio(blob)

    @contextmanager
    def open_writer(self, key: EntryKey, content_type: str) -> Iterator[BinaryIO]:
        from google.api_core.exceptions import PreconditionFailed

        blob = self._bucket.blob(object_name(key, self._prefix), chunk_size=CHUNK)
        options = {"content_type": content_type, "if_generation_match": 0, **self._call}
        try:
            with self._translated(), _as_api_error(), blob.open("wb", ignore_flush=True, **options) as file:
                yield file
        except PreconditionFailed as error:
            raise _audio_exists() from error

    def create_upload_session(
        self, key: EntryKey, *, size: int, content_type: str, origin: str | None = None
    ) -> str | None:
        if self.find(key) is not None:
            raise _audio_exists()
        blob = self._bucket.blob(object_name(key, self._prefix))
        with self._translated():
            session: str = blob.create_resumable_upload_session(
                size=size, content_type=content_type, origin=origin, if_generation_match=0, **self._call
            )
        return session

    def cancel_upload_session(self, session: str) -> None:
        """Cancel a resumable upload. The response is 499, or an error if the session has ended."""
        import requests

        with self._translated():
            response = requests.delete(session, headers={"Content-Length": "0"}, timeout=CALL_S)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.status_code >= 500:
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
        with self._translated():
            try:
                blob.delete(if_generation_match=audio.generation, **self._call)
            except Gone as error:
                _require_bucket(error)
            except PreconditionFailed:
                return

    def delete_all(self, uid: str) -> int:
        from google.api_core.exceptions import NotFound as Gone

        count = 0
        with self._translated():
            while blobs := list(
                self._bucket.list_blobs(prefix=f"{self._prefix}{encoded(uid)}/", **self._call)
            ):
                for blob in blobs:
                    with suppress(Gone):
                        blob.delete(**self._call)
                count += len(blobs)
        return count

    def _upload(self, blob: Any, source: UploadSource, content_type: str) -> None:
        blob.upload_from_file(
            source,
            size=source.size,
            content_type=content_type,
            if_generation_match=0,
            checksum="crc32c",
            **self._call,
        )

    def _find_own(self, key: EntryKey, metadata: dict[str, str], error: Exception) -> Audio:
        """The stored recording, if an earlier attempt of this upload stored it and the response was lost."""
        stored = self._load(object_name(key, self._prefix))
        if stored is None or stored.metadata != metadata:
            raise _audio_exists() from error
        return _audio(stored)

    def _load(self, name: str) -> Any:
        from google.api_core.exceptions import NotFound as Gone

        blob = self._bucket.blob(name)
        with self._translated():
            try:
                blob.reload(**self._call)
            except Gone as error:
                _require_bucket(error)
                return None
        return blob

    def _download(self, audio: Audio, path: Path) -> None:
        from google.api_core.exceptions import NotFound as Gone

        blob = self._bucket.blob(audio.object, generation=audio.generation)
        with self._translated():
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

        with self._translated():
            return Client(project=self._project).bucket(self._name)

    def _translated(self) -> Any:
        return translated(errors.bucket(self._name))


@contextmanager
def _as_api_error() -> Iterator[None]:
    """Convert a writer's error to the one that the rest of the library raises for its status."""
    from google.api_core.exceptions import from_http_status
    from google.cloud.storage.exceptions import InvalidResponse

    try:
        yield
    except InvalidResponse as error:
        status = error.response.status_code
        raise from_http_status(status, "the object could not be written") from error  # type: ignore[no-untyped-call]


def _audio(blob: Any) -> Audio:
    return Audio(object=blob.name, generation=blob.generation, content_type=blob.content_type, size=blob.size)


def _audio_exists() -> Conflict:
    return Conflict("the entry already has a recording", code="audio_exists")


def _require_bucket(error: Exception) -> None:
    """Re-raise an error about a missing bucket; a missing object is a valid result."""
    if "bucket does not exist" in str(error):
        raise error
