"""How a dictation becomes an entry: through the journal's own door, as any recording does."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
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
_RETRIES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 120.0, 300.0)


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A dictation that is over; `token` is its user's newest."""

    metadata: DictationMetadata
    path: Path
    token: str | None


Deliver = Callable[[Recording], str]
"""Makes the entry, once however often it is called for one dictation, and answers its id.

Raises TemporaryError where it may work later; any other SamoError says why it is refused.
"""


class EntryDelivery:
    """Delivers one dictation, again and again while the journal does not take it.

    Attributes:
        refused: why the journal does not; None while that may change by itself.
    """

    def __init__(self, deliver: Deliver) -> None:
        self.refused: SamoError | None = None
        self._deliver = deliver
        self._token: str | None = None
        self._tries = iter(_RETRIES_S)
        self._again = asyncio.Event()
        self._gave_up = False

    def renew(self, token: str | None) -> None:
        """A fresh token: what was refused with the one before is tried again."""
        self._token = token
        self.refused = self.refused if self._gave_up else None
        self._again.set()

    def close(self) -> None:
        """Try no more than once again."""
        self._tries = iter(())
        self._again.set()

    async def __call__(self, about: DictationMetadata, path: Path, changed: Callable[[], None]) -> str | None:
        """The entry's id; None where it was given up. `changed`: called when it was refused."""
        while True:
            self._again.clear()
            recording = Recording(metadata=about, path=path, token=self._token)
            try:
                return await run_in_threadpool(self._deliver, recording)
            except SamoError as error:
                logs.event("dictation not delivered", dictation=about.dictation_id, code=error.code)
                self.refused = None if isinstance(error, TemporaryError) else error
                code = error.code
                changed()
            pause_s = next(self._tries, None)
            if pause_s is None:
                logs.event("dictation given up", dictation=about.dictation_id, code=code)
                self._gave_up = True
                self.refused = TemporaryError("the entry could not be made", code="not_delivered")
                return None
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._again.wait()


class _Problem(msgspec.Struct):
    code: str = "journal_refused"


class _Made(msgspec.Struct):
    id: str


class HttpDelivery:
    """Posts recordings to the journal's API, as their own user."""

    def __init__(self, journal_url: str) -> None:
        self._address = f"{journal_url.rstrip('/')}/v1/entries"

    def __call__(self, recording: Recording) -> str:
        try:
            with urllib.request.urlopen(_request(self._address, recording), timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return msgspec.json.decode(answer.read(), type=_Made).id
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error.code, error.read()) from error
        except (OSError, msgspec.MsgspecError) as error:
            raise TemporaryError("the journal cannot be reached", code="journal_unavailable") from error


def _request(address: str, recording: Recording) -> urllib.request.Request:
    metadata = recording.metadata
    beside = {"recorded_at": metadata.recorded_at.isoformat()}
    if metadata.timezone:
        beside["timezone"] = metadata.timezone
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Idempotency-Key": metadata.dictation_id,
        "traceparent": tracing.traceparent(),
    }
    if recording.token:
        headers["Authorization"] = f"Bearer {recording.token}"
    return urllib.request.Request(  # noqa: S310 - the setting's own address
        f"{address}?{urlencode(beside)}", recording.path.read_bytes(), headers, method="POST"
    )


def _refusal(status: int, body: bytes) -> SamoError:
    try:
        code = msgspec.json.decode(body, type=_Problem).code
    except (msgspec.MsgspecError, UnicodeDecodeError):
        code = _Problem().code
    if status >= 500 or status in (408, 425, 429):
        return TemporaryError("the journal cannot take it now", code=code)
    kind = {401: Unauthenticated, 403: Forbidden}.get(status, InvalidRequest)
    return kind("the journal refused the recording", code=code)
