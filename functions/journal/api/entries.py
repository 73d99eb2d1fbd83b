"""The journal's routes: entries, their progress and their recordings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import flask
import msgspec
from msgspec import Meta

from functions.journal.api import idempotency, preferences, stored_objects
from functions.journal.api.progress_stream import ProgressStreams
from functions.journal.journal import Journal, Journals, in_utc
from functions.journal.views.entries import TAG, EntryList, EntryView, entry_view, etag
from functions.shared.access.authorization import Requirement
from functions.shared.audio import subtitles
from functions.shared.domain.content import Transcript
from functions.shared.domain.entries import Entry
from functions.shared.domain.insight import FeedbackVerdict
from functions.shared.domain.records import Scope
from functions.shared.errors import InvalidRequest, NotFound
from functions.shared.observability import logs
from functions.shared.ports import EntryFilter, RecordStore
from functions.shared.runtime.settings import Settings
from functions.shared.web import uploads
from functions.shared.web.routing import JSON, Call, Reply, Route
from functions.shared.web.validation import TEXT_PROBLEMS, json_body, require_text

EVENT_STREAM = "text/event-stream"
POLL_INTERVAL_S = {"local": 0.2, "gcp": 1.0}
"""How often a stream looks for a change: in the cloud every look is a document read that is paid for."""
_NOT_FOUND = {"entry_not_found": 404}


class NewEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A typed entry. `recorded_at` without a zone is taken for UTC; `timezone` is an IANA name."""

    text: str
    recorded_at: datetime | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class RecordingMetadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may come beside a recording, as form fields or query parameters."""

    recorded_at: datetime | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None


class EntryEdit(msgspec.Struct, frozen=True):
    """An entry's words as they should be."""

    text: str


Label = Annotated[str, Meta(min_length=1, max_length=40)]


class ListFilter(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """`from` (included) and `to` (not) are of `recorded_at`; an entry must have every label that is named."""

    since: datetime | None = None
    until: datetime | None = None
    emotion: Label | None = None
    feeling: Label | None = None
    topic: Label | None = None

    @property
    def entry_filter(self) -> EntryFilter:
        named = (("emotion", self.emotion), ("feeling", self.feeling), ("topic", self.topic))
        return EntryFilter(
            since=in_utc(self.since),
            until=in_utc(self.until),
            labels=tuple(f"{kind}:{label}" for kind, label in named if label is not None),
        )


class Paging(ListFilter, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """A page of a list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: str | None = None


class NewFeedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the person says of an emotion; `correction`: the one it was, where the verdict is `correct`."""

    emotion: Label
    verdict: FeedbackVerdict
    correction: Label | None = None
    segment: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class EntryApi:
    """Handlers over the callers' journals; who looked at or changed what is logged, without content."""

    def __init__(
        self, journals: Journals, records: RecordStore, settings: Settings, max_streams: int = 16
    ) -> None:
        self._journals = journals
        self._records = records
        self._settings = settings
        self._streams = ProgressStreams(max_streams, POLL_INTERVAL_S[settings.backend])

    def create(self, call: Call[None]) -> Reply:
        journal = self._journals(call.uid)
        patience = preferences.wait(call.request)
        made = self._record if uploads.is_recording(call.request) else self._write
        entry, replayed = made(journal, call)
        entry = self._streams.wait(journal, entry, patience)
        headers = {
            "Location": f"/v1/entries/{entry.entry_id}",
            **preferences.applied(call.request),
            **idempotency.replay_headers(replayed),
        }
        return Reply(status=201, body=entry_view(entry, *journal.load_content(entry)), headers=headers)

    def read(self, call: Call[None]) -> Reply:
        journal, entry = self._looked_at(call)
        if etag(entry) in call.request.if_none_match:
            return Reply(status=304, headers=_cached(entry))
        entry, transcript, arc = journal.load(entry)
        return Reply(body=entry_view(entry, transcript, arc), headers=_cached(entry))

    def list(self, call: Call[None]) -> Reply:
        query: Paging = call.query
        page = self._journals(call.uid).list_entries(query.limit, query.cursor, query.entry_filter)
        entries = tuple(entry_view(entry) for entry in page.entries)
        return Reply(body=EntryList(entries=entries, next_cursor=page.next_cursor))

    def edit(self, call: Call[EntryEdit]) -> Reply:
        text = require_text(call.body.text, self._settings.max_text_chars)
        journal = self._journals(call.uid)
        entry = journal.edit(call.path["entry_id"], text)
        logs.audit("edit", call.uid, entry.entry_id)
        return Reply(body=entry_view(entry, *journal.load_content(entry)))

    def delete(self, call: Call[None]) -> Reply:
        self._journals(call.uid).delete(call.path["entry_id"])
        logs.audit("delete", call.uid, call.path["entry_id"])
        return Reply(status=204)

    def comment(self, call: Call[NewFeedback]) -> Reply:
        said = call.body
        if (said.verdict is FeedbackVerdict.CORRECT) != (said.correction is not None):
            raise InvalidRequest("a correction comes with the verdict correct", code="invalid_field")
        journal = self._journals(call.uid)
        entry = journal.add_feedback(
            call.path["entry_id"], said.emotion, said.verdict, said.correction, said.segment
        )
        return Reply(body=entry_view(*journal.load(entry)))

    def follow(self, call: Call[None]) -> flask.Response:
        journal, entry = self._looked_at(call)
        messages = self._streams.follow(
            journal, entry.entry_id, seen=call.request.headers.get("Last-Event-ID", "")
        )
        response = flask.Response(messages, mimetype=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})
        response.call_on_close(self._streams.release)
        return response

    def transcript(self, call: Call[None]) -> Reply:
        journal, entry = self._looked_at(call)
        _, transcript, _ = journal.load(entry)
        if transcript is None:
            raise NotFound("the entry has no transcript (yet)", code="transcript_missing")
        name = call.query.format
        if name == "json":
            return Reply(body=transcript)
        return Reply(body=subtitles.render(transcript, name), media_type=subtitles.MEDIA_TYPES[name])

    def play(self, call: Call[None]) -> flask.Response:
        journal, entry = self._looked_at(call)
        if entry.audio is None or entry.audio.deleted_at is not None:
            raise NotFound("the entry has no recording (any more)", code="audio_gone")
        return stored_objects.send_stored_object(
            call.request, journal.audio_store, entry.audio, {"Cache-Control": "private, no-cache"}
        )

    def _write(self, journal: Journal, call: Call[None]) -> tuple[Entry, bool]:
        """A typed entry, and whether an earlier request has made it."""
        new = json_body(call.request, NewEntry)
        text = require_text(new.text, self._settings.max_text_chars)
        once = idempotency.execute_once(self._records, journal, call, msgspec.json.encode(new))
        return once(
            lambda entry_id: journal.create_text_entry(text, new.recorded_at, new.timezone, entry_id=entry_id)
        )

    def _record(self, journal: Journal, call: Call[None]) -> tuple[Entry, bool]:
        """A spoken entry, likewise."""
        with uploads.uploaded_file(call.request) as path:
            try:
                beside = msgspec.convert(uploads.fields(call.request), RecordingMetadata, strict=False)
            except msgspec.ValidationError as error:
                raise InvalidRequest(str(error), code="invalid_parameter") from error
            call.authorization.count_audio(path.stat().st_size)
            asked = uploads.digest(path), msgspec.json.encode(beside)
            once = idempotency.execute_once(self._records, journal, call, *asked)
            return once(
                lambda entry_id: journal.create_voice_entry(
                    path, beside.recorded_at, beside.timezone, entry_id=entry_id
                )
            )

    def _looked_at(self, call: Call[None]) -> tuple[Journal, Entry]:
        """The caller's journal and the entry of it that the path names; raises NotFound."""
        journal = self._journals(call.uid)
        entry = journal.get(call.path["entry_id"])
        logs.audit("read", call.uid, entry.entry_id)
        return journal, entry


def _cached(entry: Entry) -> dict[str, str]:
    return {"ETag": f'"{etag(entry)}"', "Cache-Control": "private, no-cache"}


def routes(api: EntryApi) -> Sequence[Route]:
    """The routes of entries."""
    return [*_all_entries(api), *_one_entry(api)]


def _all_entries(api: EntryApi) -> Sequence[Route]:
    return [
        Route(
            method="POST",
            path="/v1/entries",
            handler=api.create,
            summary="Create an entry from text or from a recording",
            description="Answers at once; follow the entry's stages by polling with ETag, by its stream or "
            "by webhook, or send `Prefer: wait=10` to be answered when it is final or 10 s have passed. "
            "A recording's `recorded_at` and `timezone` come as form fields or query parameters. With an "
            "`Idempotency-Key` the same request makes one entry, however often it is sent in a day.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE, quotas=("entries", "audio")),
            headers={
                **idempotency.HEADER,
                "Prefer": "`wait=SECONDS` (at most 30) to be answered when the entry is final.",
            },
            accepts={JSON: _schema_of(NewEntry), **uploads.ACCEPTS},
            replies={201: EntryView},
            problems={
                "invalid_json": 400,
                "invalid_field": 400,
                "consent_required": 403,
                **idempotency.PROBLEMS,
                **TEXT_PROBLEMS,
                **uploads.PROBLEMS,
            },
        ),
        Route(
            method="GET",
            path="/v1/entries",
            handler=api.list,
            summary="List entries, newest recording first",
            description="All, or those of a span of time, or with an emotion, feeling or topic.",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            query=Paging,
            replies={200: EntryList},
            problems={"invalid_parameter": 400, "invalid_cursor": 400},
        ),
    ]


def _one_entry(api: EntryApi) -> Sequence[Route]:
    entry = "/v1/entries/{entry_id}"
    return [
        Route(
            method="GET",
            path=entry,
            handler=api.read,
            summary="Read an entry with its transcript and insight",
            description="Send the ETag back as If-None-Match to be answered 304 while nothing has changed.",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            headers={"If-None-Match": "The ETag of what the client has."},
            replies={200: EntryView, 304: None},
            problems=_NOT_FOUND,
        ),
        Route(
            method="PATCH",
            path=entry,
            handler=api.edit,
            summary="Replace an entry's words",
            description="A new revision, analysed anew; work still under way on the old words is dropped, "
            "feedback is kept.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            body=EntryEdit,
            replies={200: EntryView},
            problems={**_NOT_FOUND, **TEXT_PROBLEMS, "awaiting_audio": 409},
        ),
        Route(
            method="DELETE",
            path=entry,
            handler=api.delete,
            summary="Delete an entry, its words and its recording",
            tag=TAG,
            requires=Requirement(scope=Scope.DELETE, irreversible=True),
            replies={204: None},
            problems=_NOT_FOUND,
        ),
        Route(
            method="PUT",
            path=f"{entry}/feedback",
            handler=api.comment,
            summary="Agree or disagree with an emotion, or correct it",
            description="Replaces what was said of the same emotion (and segment) before.",
            tag=TAG,
            requires=Requirement(scope=Scope.WRITE),
            body=NewFeedback,
            replies={200: EntryView},
            problems={**_NOT_FOUND, "too_much_feedback": 409},
        ),
        Route(
            method="GET",
            path=f"{entry}/events",
            handler=api.follow,
            summary="Follow an entry's progress as server-sent events",
            description="`entry` events carry the entry after each change, and its ETag as their id; the "
            "stream ends with `end` when the entry is final, with `deleted`, or after five minutes with "
            "`cut`. Read it with fetch, which can send a token, and go on with `Last-Event-ID`.",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            headers={"Last-Event-ID": "The id of the last event the client has seen."},
            replies={200: EVENT_STREAM},
            problems={**_NOT_FOUND, "too_many_streams": 503},
        ),
        Route(
            method="GET",
            path=f"{entry}/transcript",
            handler=api.transcript,
            summary="The transcript by itself, as JSON, text or subtitles",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            query=subtitles.Format,
            replies={200: Transcript},
            also={200: subtitles.TEXT_TYPES},
            problems={**_NOT_FOUND, "transcript_missing": 404, "invalid_parameter": 400},
        ),
        Route(
            method="GET",
            path=f"{entry}/audio",
            handler=api.play,
            summary="The recording, while it is kept",
            description="Range requests are answered.",
            tag=TAG,
            requires=Requirement(scope=Scope.READ),
            replies={200: "audio/*", 206: "audio/*"},
            problems={**_NOT_FOUND, "audio_gone": 404, "requested_range_not_satisfiable": 416},
        ),
    ]


def _schema_of(struct: type) -> dict[str, Any]:
    """An inline schema, for a body that the handler chooses among several."""
    schema = msgspec.json.schema(struct)
    return dict(schema["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
