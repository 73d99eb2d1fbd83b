"""Delivers dictations: creates an entry from each by posting its recording to the journal's API."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import msgspec
from starlette.concurrency import run_in_threadpool

from functions.dictation.spool import DictationMetadata
from functions.shared.errors import Forbidden, InvalidRequest, SamoError, TemporaryError, Unauthenticated
from functions.shared.observability import logs, tracing

MEDIA_TYPE = "audio/mp4"
_TIMEOUT_S = 60.0
_BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 120.0, 300.0)


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A finished dictation's recording; `token` is its user's newest, `seen` the text that they saw."""

    metadata: DictationMetadata
    path: Path
    token: str | None
    seen: str = ""


Deliver = Callable[[Recording], str]
"""Creates the entry, once per dictation however often it is called, and returns its ID.

Raises TemporaryError when a later attempt may succeed; any other SamoError means that it was refused.
"""


class EntryDelivery:
    """Delivers one dictation, retrying while the journal does not accept it.

    Attributes:
        refusal: why the journal refuses it; None while a retry may succeed without the client.
    """

    def __init__(self, deliver: Deliver) -> None:
        self.refusal: SamoError | None = None
        self._deliver = deliver
        self._token: str | None = None
        self._delays = iter(_BACKOFF_S)
        self._retry = asyncio.Event()
        self._gave_up = False

    def renew_token(self, token: str | None) -> None:
        """Use a fresh token; a delivery that was refused with the previous one is retried at once."""
        self._token = token
        self.refusal = self.refusal if self._gave_up else None
        self._retry.set()

    def close(self) -> None:
        """Make at most one more attempt."""
        self._delays = iter(())
        self._retry.set()

    async def __call__(
        self, metadata: DictationMetadata, path: Path, on_refusal: Callable[[], None], seen: str = ""
    ) -> str | None:
        """The entry's ID; None once every attempt has failed. `on_refusal` is called after each failure."""
        while True:
            self._retry.clear()
            recording = Recording(metadata=metadata, path=path, token=self._token, seen=seen)
            try:
                return await run_in_threadpool(self._deliver, recording)
            except SamoError as error:
                logs.event("dictation not delivered", dictation=metadata.dictation_id, code=error.code)
                self.refusal = None if isinstance(error, TemporaryError) else error
                code = error.code
                on_refusal()
            delay_s = next(self._delays, None)
            if delay_s is None:
                logs.event("dictation given up", dictation=metadata.dictation_id, code=code)
                self._gave_up = True
                self.refusal = TemporaryError("the entry could not be created", code="not_delivered")
                return None
            with suppress(TimeoutError):
                async with asyncio.timeout(delay_s):
                    await self._retry.wait()


class _Problem(msgspec.Struct):
    code: str = "journal_refused"


class _CreatedEntry(msgspec.Struct):
    id: str


class HttpDelivery:
    """Posts recordings to the journal's API with their user's token."""

    def __init__(self, journal_url: str) -> None:
        self._url = f"{journal_url.rstrip('/')}/v1/entries"

    def __call__(self, recording: Recording) -> str:
        try:
            with urllib.request.urlopen(_request(self._url, recording), timeout=_TIMEOUT_S) as response:  # noqa: S310
                return msgspec.json.decode(response.read(), type=_CreatedEntry).id
        except urllib.error.HTTPError as error:
            with error:
                raise _to_samo_error(error.code, error.read()) from error
        except (OSError, msgspec.MsgspecError) as error:
            raise TemporaryError("the journal cannot be reached", code="journal_unavailable") from error


def _request(url: str, recording: Recording) -> urllib.request.Request:
    metadata = recording.metadata
    query = {"recorded_at": metadata.recorded_at.isoformat()}
    if metadata.timezone:
        query["timezone"] = metadata.timezone
    media_type, body = _body(recording)
    headers = {
        "Content-Type": media_type,
        "Idempotency-Key": metadata.dictation_id,
        "traceparent": tracing.traceparent(),
    }
    if recording.token:
        headers["Authorization"] = f"Bearer {recording.token}"
    return urllib.request.Request(  # noqa: S310 - the URL is the operator's setting
        f"{url}?{urlencode(query)}", body, headers, method="POST"
    )


def _body(recording: Recording) -> tuple[str, bytes]:
    """The media type and the body of the request: a form if there is text, which no address may have."""
    audio = recording.path.read_bytes()
    if not recording.seen:
        return MEDIA_TYPE, audio
    boundary = uuid.uuid4().hex
    parts = (
        ('name="dictated"', "text/plain; charset=utf-8", recording.seen.encode()),
        ('name="audio"; filename="audio.m4a"', MEDIA_TYPE, audio),
    )
    form = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, kind, content in parts
    )
    return f"multipart/form-data; boundary={boundary}", form + f"--{boundary}--\r\n".encode()


def _to_samo_error(status: int, body: bytes) -> SamoError:
    try:
        code = msgspec.json.decode(body, type=_Problem).code
    except (msgspec.MsgspecError, UnicodeDecodeError):
        code = _Problem().code
    if status >= 500 or status in (408, 425, 429):
        return TemporaryError("the journal can't accept the recording now", code=code)
    kind = {401: Unauthenticated, 403: Forbidden}.get(status, InvalidRequest)
    return kind("the journal refused the recording", code=code)
