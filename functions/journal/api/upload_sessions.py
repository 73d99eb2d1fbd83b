"""Upload sessions for recordings too large for a request body: create an entry, then PUT the recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.journal.api import idempotency
from functions.journal.journal import Journals
from functions.journal.views.entries import TAG, EntryView, entry_view
from functions.shared.access.authorization import Requirement
from functions.shared.domain.records import Scope
from functions.shared.ports import RecordStore
from functions.shared.web import uploads
from functions.shared.web.routing import Call, Reply, Route


class NewRecording(msgspec.Struct, frozen=True, omit_defaults=True):
    """A recording to be uploaded: exactly `size` bytes of this content type."""

    size: Annotated[int, Meta(ge=1)]
    content_type: Annotated[
        str, Meta(pattern=r"^(audio|video)/[A-Za-z0-9.+-]{1,64}(; ?codecs=[A-Za-z0-9.,\"-]{1,64})?\Z")
    ]
    recorded_at: datetime | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class UploadSession(msgspec.Struct, frozen=True, kw_only=True):
    """PUT the recording to `url` with these headers. The URL is a secret and accepts one recording.

    If it points to another host, it is a Cloud Storage resumable upload session: an interrupted upload can be
    resumed.
    """

    entry: EntryView
    url: str
    headers: Mapping[str, str]
    method: str = "PUT"


class UploadApi:
    """Handlers over the callers' journals."""

    def __init__(self, journals: Journals, records: RecordStore) -> None:
        self._journals = journals
        self._records = records

    def open(self, call: Call[NewRecording]) -> Reply:
        new, journal = call.body, self._journals(call.uid)
        call.authorization.count_audio(new.size)
        create = partial(
            journal.create_upload,
            new.size,
            new.content_type,
            new.recorded_at,
            new.timezone,
            origin=call.request.headers.get("Origin"),
        )
        once = idempotency.execute_once(self._records, journal, call, msgspec.json.encode(new))
        entry, replayed = once(lambda entry_id: create(entry_id=entry_id))
        session = UploadSession(
            entry=entry_view(entry, *journal.load_content(entry)),
            url=entry.upload_session or f"/v1/entries/{entry.entry_id}/audio",
            headers={"Content-Type": new.content_type},
        )
        headers = {"Location": f"/v1/entries/{entry.entry_id}", **idempotency.replay_headers(replayed)}
        return Reply(status=201, body=session, headers=headers)

    def receive(self, call: Call[None]) -> Reply:
        journal = self._journals(call.uid)
        with uploads.uploaded_file(call.request) as path:
            entry = journal.receive_upload(call.path["entry_id"], path)
        return Reply(body=entry_view(entry, *journal.load_content(entry)))


def routes(api: UploadApi) -> Sequence[Route]:
    return [
        Route(
            method="POST",
            path="/v1/uploads",
            handler=api.open,
            summary="Create an entry and an upload session for its recording",
            description="For recordings that do not fit into a request body. In the cloud, the URL is a "
            "Cloud Storage resumable upload session, and processing starts when the upload is complete. "
            "Requests with the same `Idempotency-Key` return the same session.",
            tag=TAG,
            body=NewRecording,
            requires=Requirement(scope=Scope.WRITE, quotas=("entries", "audio")),
            headers=idempotency.HEADER,
            replies={201: UploadSession},
            problems={
                "consent_required": 403,
                "audio_too_large": 413,
                "too_many_uploads": 409,
                **idempotency.PROBLEMS,
            },
        ),
        Route(
            method="PUT",
            path="/v1/entries/{entry_id}/audio",
            handler=api.receive,
            summary="Upload the recording of an entry that has none yet",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            accepts=uploads.ACCEPTS,
            replies={200: EntryView},
            problems={"entry_not_found": 404, "audio_exists": 409, **uploads.PROBLEMS},
        ),
    ]
