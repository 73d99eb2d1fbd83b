"""Entries: create, list, read, edit, delete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.journal.api import idempotency, preferences
from functions.journal.api.list_filter import ListFilter
from functions.journal.api.progress_stream import ProgressStreams
from functions.journal.api.recording_metadata import recording_metadata
from functions.journal.existing_entries import LoadedEntry
from functions.journal.journal import Journal, Journals
from functions.journal.views.entries import TAG, EntryList, EntryView, entry_view, etag
from functions.shared.access.authorization import Requirement
from functions.shared.domain.entries import Entry
from functions.shared.domain.records import Scope
from functions.shared.errors import Conflict, InvalidRequest
from functions.shared.observability import logs
from functions.shared.ports import RecordStore
from functions.shared.runtime.settings import Settings
from functions.shared.web import uploads
from functions.shared.web.openapi import inline_schema
from functions.shared.web.routing import JSON, Call, Reply, Route
from functions.shared.web.validation import TEXT_PROBLEMS, json_body, require_text

ENTRY_PATH = "/v1/entries/{entry_id}"
NOT_FOUND = {"entry_not_found": 404}


class NewEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text entry. `recorded_at` without a time zone is read as UTC; `timezone` is an IANA name."""

    text: str
    recorded_at: datetime | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class EntryEdit(msgspec.Struct, frozen=True):
    """The new text of an entry, or whether its insight is shown in place of its support note."""

    text: str | UnsetType = UNSET
    support_dismissed: bool | UnsetType = UNSET


class Paging(ListFilter, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """A page of a filtered list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: str | None = None


class EntryApi:
    """Handlers over the callers' journals. Access is logged, content is not."""

    def __init__(
        self, journals: Journals, records: RecordStore, settings: Settings, streams: ProgressStreams
    ) -> None:
        self._journals = journals
        self._records = records
        self._settings = settings
        self._streams = streams

    def create(self, call: Call[None]) -> Reply:
        journal = self._journals(call.uid)
        wait_s = preferences.wait(call.request)
        create = self._create_from_recording if uploads.is_recording(call.request) else self._create_from_text
        loaded, replayed = create(journal, call)
        latest = self._streams.wait(journal, loaded.entry, wait_s)
        if latest is not loaded.entry:
            loaded = journal.load(latest)
        headers = {
            "Location": f"/v1/entries/{latest.entry_id}",
            **preferences.applied(call.request),
            **idempotency.replay_headers(replayed),
        }
        return Reply(status=201, body=entry_view(*loaded), headers=headers)

    def read(self, call: Call[None]) -> Reply:
        journal, entry = read_entry(self._journals, call)
        headers = {"ETag": f'"{etag(entry)}"', "Cache-Control": "private, no-cache"}
        if etag(entry) in call.request.if_none_match and not entry.support:  # notes depend on the account
            return Reply(status=304, headers=headers)
        loaded = journal.load(entry)
        return Reply(body=entry_view(*loaded), headers={**headers, "ETag": f'"{etag(loaded.entry)}"'})

    def list(self, call: Call[None]) -> Reply:
        query: Paging = call.query
        journal = self._journals(call.uid)
        page = journal.list_entries(query.limit, query.cursor, query.entry_filter)
        support = journal.support_notes()
        entries = tuple(entry_view(entry, support=support(entry)) for entry in page.entries)
        return Reply(body=EntryList(entries=entries, next_cursor=page.next_cursor))

    def edit(self, call: Call[EntryEdit]) -> Reply:
        journal, entry_id, changes = self._journals(call.uid), call.path["entry_id"], call.body
        if changes.text is not UNSET:
            edited = journal.edit(entry_id, changes.text)
        elif changes.support_dismissed is UNSET:
            raise InvalidRequest("there is nothing to change", code="invalid_field")
        if changes.support_dismissed is not UNSET:
            edited = journal.dismiss_support(entry_id, dismissed=changes.support_dismissed)
        logs.audit("edit", call.uid, entry_id)
        return Reply(body=entry_view(*edited))

    def delete(self, call: Call[None]) -> Reply:
        self._journals(call.uid).delete(call.path["entry_id"])
        logs.audit("delete", call.uid, call.path["entry_id"])
        return Reply(status=204)

    def _create_from_text(self, journal: Journal, call: Call[None]) -> tuple[LoadedEntry, bool]:
        """A new text entry, or the one that an earlier request with the same key created."""
        new = json_body(call.request, NewEntry)
        text = require_text(new.text, self._settings.max_text_chars)
        request = idempotency.register(self._records, call, msgspec.json.encode(new))
        try:
            loaded = journal.create_text_entry(text, new.recorded_at, new.timezone, entry_id=request.entry_id)
        except Conflict as error:
            return journal.load(request.find_created(journal, error)), True
        return loaded, request.replayed

    def _create_from_recording(self, journal: Journal, call: Call[None]) -> tuple[LoadedEntry, bool]:
        """A new voice entry, or the one that an earlier request with the same key created."""
        with uploads.uploaded_file(call.request) as path:
            fields = recording_metadata(call.request)
            call.authorization.count_audio(path.stat().st_size)
            content = uploads.digest(path), msgspec.json.encode(fields)
            request = idempotency.register(self._records, call, *content)
            try:
                entry = journal.create_voice_entry(
                    path,
                    fields.recorded_at,
                    fields.timezone,
                    entry_id=request.entry_id,
                    dictated=fields.dictated,
                )
            except Conflict as error:
                return journal.load(request.find_created(journal, error)), True
            return LoadedEntry(entry), request.replayed


def read_entry(journals: Journals, call: Call[None]) -> tuple[Journal, Entry]:
    """The caller's journal, and its entry that the path names; logs the access. Raises NotFound."""
    journal = journals(call.uid)
    entry = journal.get(call.path["entry_id"])
    logs.audit("read", call.uid, entry.entry_id)
    return journal, entry


def routes(api: EntryApi) -> Sequence[Route]:
    return [_create(api), *_reading(api), *_changing(api)]


def _create(api: EntryApi) -> Route:
    return Route(
        method="POST",
        path="/v1/entries",
        handler=api.create,
        summary="Create an entry",
        description="Creates an entry from text or from a recording and responds immediately. To follow its "
        "processing, poll with the ETag, read the entry's event stream, or use a webhook; or send "
        "`Prefer: wait=10` to get the response when the entry is final, or after 10 seconds. Send a "
        "recording's `recorded_at` and `timezone` as form fields or query parameters. If its user saw a live "
        "transcript, the form field `dictated` has its text: the entry then says whether its own "
        "differs. Requests with the same `Idempotency-Key` create one entry within 24 hours.",
        tag=TAG,
        requires=Requirement(scope=Scope.WRITE, quotas=("entries", "audio")),
        headers={
            **idempotency.HEADER,
            "Prefer": "`wait=SECONDS` (at most 30) delays the response until the entry is final.",
        },
        accepts={JSON: inline_schema(NewEntry), **uploads.ACCEPTS},
        replies={201: EntryView},
        problems={
            "invalid_json": 400,
            "invalid_field": 400,
            "consent_required": 403,
            **idempotency.PROBLEMS,
            **TEXT_PROBLEMS,
            **uploads.PROBLEMS,
        },
    )


def _reading(api: EntryApi) -> Sequence[Route]:
    return [
        Route(
            method="GET",
            path="/v1/entries",
            handler=api.list,
            summary="List entries",
            description="Newest recording first; optionally within a period, or with an emotion, feeling or "
            "topic.",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            query=Paging,
            replies={200: EntryList},
            problems={"invalid_parameter": 400, "invalid_cursor": 400},
        ),
        Route(
            method="GET",
            path=ENTRY_PATH,
            handler=api.read,
            summary="Retrieve an entry with its transcript and insight",
            description="Send the ETag as `If-None-Match` to get 304 if nothing has changed. An entry with a "
            "support note is always sent, because the note also depends on the account's country.",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            headers={"If-None-Match": "The ETag of the version the client has."},
            replies={200: EntryView, 304: None},
            problems=NOT_FOUND,
        ),
    ]


def _changing(api: EntryApi) -> Sequence[Route]:
    return [
        Route(
            method="PATCH",
            path=ENTRY_PATH,
            handler=api.edit,
            summary="Update an entry's text, or dismiss its support note",
            description="A new `text` creates a new revision, which is analyzed again. Analysis of the "
            "previous text that is still running is discarded; feedback and corrections that still hold are "
            "kept. `support_dismissed` shows the insight in place of the support note, or the note again.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            body=EntryEdit,
            replies={200: EntryView},
            problems={**NOT_FOUND, **TEXT_PROBLEMS, "awaiting_audio": 409},
        ),
        Route(
            method="DELETE",
            path=ENTRY_PATH,
            handler=api.delete,
            summary="Delete an entry with its text and recording",
            tag=TAG,
            requires=Requirement(scope=Scope.DELETE, irreversible=True),
            replies={204: None},
            problems=NOT_FOUND,
        ),
    ]
