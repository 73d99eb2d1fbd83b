"""The journal's routes: entries, their progress and their recordings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import flask
import msgspec
from msgspec import Meta

from functions.journal import upload_sessions
from functions.journal.service import Journal, Journals
from functions.journal.stream import Streams
from functions.journal.views import TAG, EntryList, EntryView, entry_view, etag
from functions.shared import formats, logs, uploads
from functions.shared.entries import Entry, Transcript
from functions.shared.errors import InvalidRequest, NotFound
from functions.shared.http import JSON, TEXT_PROBLEMS, Call, Reply, Route, json_body, require_text
from functions.shared.settings import Settings

EVENT_STREAM = "text/event-stream"
LOOK_EVERY_S = {"local": 0.2, "gcp": 1.0}
"""How often a stream looks for a change: in the cloud every look is a document read that is paid for."""
_NOT_FOUND = {"entry_not_found": 404}


class NewEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A typed entry. `recorded_at` without a zone is taken for UTC; `timezone` is an IANA name."""

    text: str
    recorded_at: datetime | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class Recorded(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may come beside a recording, as form fields or query parameters."""

    recorded_at: datetime | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class NewText(msgspec.Struct, frozen=True):
    """An entry's words as they should be."""

    text: str


class Paging(msgspec.Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: str | None = None


class JournalApi:
    """Handlers over the callers' journals; who looked at or changed what is logged, without content."""

    def __init__(self, journals: Journals, settings: Settings, max_streams: int = 16) -> None:
        self._journals = journals
        self._settings = settings
        self._streams = Streams(max_streams, LOOK_EVERY_S[settings.backend])

    def create(self, call: Call[None]) -> Reply:
        journal = self._journals(call.uid)
        if uploads.is_recording(call.request):
            entry = self._record(journal, call.request)
        else:
            new = json_body(call.request, NewEntry)
            text = require_text(new.text, self._settings.max_text_chars)
            entry = journal.write(text, new.recorded_at, new.timezone)
        location = {"Location": f"/v1/entries/{entry.entry_id}"}
        return Reply(status=201, body=entry_view(entry, *journal.content(entry)), headers=location)

    def read(self, call: Call[None]) -> Reply:
        journal, entry = self._looked_at(call)
        if etag(entry) in call.request.if_none_match:
            return Reply(status=304, headers=_cached(entry))
        entry, transcript, arc = journal.whole(entry)
        return Reply(body=entry_view(entry, transcript, arc), headers=_cached(entry))

    def list(self, call: Call[None]) -> Reply:
        page = self._journals(call.uid).page(call.query.limit, call.query.cursor)
        entries = tuple(entry_view(entry) for entry in page.entries)
        return Reply(body=EntryList(entries=entries, next_cursor=page.next_cursor))

    def edit(self, call: Call[NewText]) -> Reply:
        text = require_text(call.body.text, self._settings.max_text_chars)
        journal = self._journals(call.uid)
        entry = journal.edit(call.path["entry_id"], text)
        logs.audit("edit", call.uid, entry.entry_id)
        return Reply(body=entry_view(entry, *journal.content(entry)))

    def delete(self, call: Call[None]) -> Reply:
        self._journals(call.uid).delete(call.path["entry_id"])
        logs.audit("delete", call.uid, call.path["entry_id"])
        return Reply(status=204)

    def follow(self, call: Call[None]) -> flask.Response:
        journal, entry = self._looked_at(call)
        messages = self._streams.follow(journal, entry.entry_id)
        response = flask.Response(messages, mimetype=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})
        response.call_on_close(self._streams.release)
        return response

    def transcript(self, call: Call[None]) -> Reply:
        journal, entry = self._looked_at(call)
        _, transcript, _ = journal.whole(entry)
        if transcript is None:
            raise NotFound("the entry has no transcript (yet)", code="transcript_missing")
        name = call.query.format
        if name == "json":
            return Reply(body=transcript)
        return Reply(body=formats.render(transcript, name), media_type=formats.MEDIA_TYPES[name])

    def play(self, call: Call[None]) -> flask.Response:
        journal, entry = self._looked_at(call)
        if entry.audio is None or entry.audio.deleted_at is not None:
            raise NotFound("the entry has no recording (any more)", code="audio_gone")
        with journal.recording(entry.audio) as path:
            file = path.open("rb")
        response = flask.Response(file, mimetype=entry.audio.content_type, direct_passthrough=True)
        response.content_length = entry.audio.size
        response.headers["Cache-Control"] = "private, no-cache"
        response.set_etag(str(entry.audio.generation))
        response.make_conditional(call.request.environ, accept_ranges=True, complete_length=entry.audio.size)
        return response

    def _record(self, journal: Journal, request: flask.Request) -> Entry:
        with uploads.received(request) as path:
            try:
                beside = msgspec.convert(uploads.fields(request), Recorded, strict=False)
            except msgspec.ValidationError as error:
                raise InvalidRequest(str(error), code="invalid_parameter") from error
            return journal.record(path, beside.recorded_at, beside.timezone)

    def _looked_at(self, call: Call[None]) -> tuple[Journal, Entry]:
        """The caller's journal and the entry of it that the path names; raises NotFound."""
        journal = self._journals(call.uid)
        entry = journal.get(call.path["entry_id"])
        logs.audit("read", call.uid, entry.entry_id)
        return journal, entry


def _cached(entry: Entry) -> dict[str, str]:
    return {"ETag": f'"{etag(entry)}"', "Cache-Control": "private, no-cache"}


def routes(journals: Journals, settings: Settings, max_streams: int = 16) -> Sequence[Route]:
    """The journal's operations."""
    api = JournalApi(journals, settings, max_streams)
    return [*_entry_routes(api), *upload_sessions.routes(upload_sessions.UploadApi(journals))]


def _entry_routes(api: JournalApi) -> Sequence[Route]:
    entry = "/v1/entries/{entry_id}"
    return [
        Route(
            method="POST",
            path="/v1/entries",
            handler=api.create,
            summary="Create an entry from text or from a recording",
            description="Answers at once; follow the entry's stages by polling with ETag or by its stream. "
            "A recording's `recorded_at` and `timezone` come as form fields or query parameters.",
            tag=TAG,
            accepts={JSON: _schema_of(NewEntry), **uploads.ACCEPTS},
            replies={201: EntryView},
            problems={
                "invalid_json": 400,
                "invalid_field": 400,
                "invalid_parameter": 400,
                **TEXT_PROBLEMS,
                **uploads.PROBLEMS,
            },
        ),
        Route(
            method="GET",
            path="/v1/entries",
            handler=api.list,
            summary="List entries, newest recording first",
            tag=TAG,
            query=Paging,
            replies={200: EntryList},
            problems={"invalid_parameter": 400, "invalid_cursor": 400},
        ),
        Route(
            method="GET",
            path=entry,
            handler=api.read,
            summary="Read an entry with its transcript and insight",
            description="Send the ETag back as If-None-Match to be answered 304 while nothing has changed.",
            tag=TAG,
            replies={200: EntryView, 304: None},
            problems=_NOT_FOUND,
        ),
        Route(
            method="PATCH",
            path=entry,
            handler=api.edit,
            summary="Replace an entry's words",
            description="A new revision, analysed anew; work still under way on the old words is dropped.",
            tag=TAG,
            body=NewText,
            replies={200: EntryView},
            problems={**_NOT_FOUND, **TEXT_PROBLEMS, "awaiting_audio": 409},
        ),
        Route(
            method="DELETE",
            path=entry,
            handler=api.delete,
            summary="Delete an entry, its words and its recording",
            tag=TAG,
            replies={204: None},
            problems=_NOT_FOUND,
        ),
        Route(
            method="GET",
            path=f"{entry}/events",
            handler=api.follow,
            summary="Follow an entry's progress as server-sent events",
            description="`entry` events carry the entry after each change; the stream ends when it is final.",
            tag=TAG,
            replies={200: EVENT_STREAM},
            problems={**_NOT_FOUND, "too_many_streams": 503},
        ),
        Route(
            method="GET",
            path=f"{entry}/transcript",
            handler=api.transcript,
            summary="The transcript by itself, as JSON, text or subtitles",
            tag=TAG,
            query=formats.Format,
            replies={200: Transcript},
            problems={**_NOT_FOUND, "transcript_missing": 404, "invalid_parameter": 400},
        ),
        Route(
            method="GET",
            path=f"{entry}/audio",
            handler=api.play,
            summary="The recording, while it is kept",
            description="Range requests are answered.",
            tag=TAG,
            replies={200: "audio/*", 206: "audio/*"},
            problems={**_NOT_FOUND, "audio_gone": 404, "requested_range_not_satisfiable": 416},
        ),
    ]


def _schema_of(struct: type) -> dict[str, Any]:
    """An inline schema, for a body that the handler chooses among several."""
    schema = msgspec.json.schema(struct)
    return dict(schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
