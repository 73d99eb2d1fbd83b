"""The parts of an entry that have routes of their own: feedback, progress, transcript and recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import flask
import msgspec
from msgspec import Meta

from functions.journal.api import stored_objects
from functions.journal.api.entries import ENTRY_PATH, NOT_FOUND, read_entry
from functions.journal.api.list_filter import Label
from functions.journal.api.progress_stream import ProgressStreams
from functions.journal.journal import Journals
from functions.journal.views.entries import TAG, EntryView, entry_view
from functions.shared.access.authorization import Requirement
from functions.shared.audio import subtitles
from functions.shared.domain.content import Transcript
from functions.shared.domain.insight import FeedbackVerdict
from functions.shared.domain.records import Scope
from functions.shared.errors import InvalidRequest, NotFound
from functions.shared.web.routing import Call, Reply, Route

EVENT_STREAM = "text/event-stream"


class NewFeedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Feedback on a detected emotion. `correction` is the right one, if the verdict is `correct`."""

    emotion: Label
    verdict: FeedbackVerdict
    correction: Label | None = None
    segment: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class EntryDetailApi:
    """Handlers over the callers' journals. Access is logged, content is not."""

    def __init__(self, journals: Journals, streams: ProgressStreams) -> None:
        self._journals = journals
        self._streams = streams

    def add_feedback(self, call: Call[NewFeedback]) -> Reply:
        feedback = call.body
        if (feedback.verdict is FeedbackVerdict.CORRECT) != (feedback.correction is not None):
            raise InvalidRequest(
                "`correction` is required with the verdict `correct`, and only with it", code="invalid_field"
            )
        journal = self._journals(call.uid)
        entry = journal.add_feedback(
            call.path["entry_id"], feedback.emotion, feedback.verdict, feedback.correction, feedback.segment
        )
        return Reply(body=entry_view(*journal.load(entry)))

    def follow(self, call: Call[None]) -> flask.Response:
        journal, entry = read_entry(self._journals, call)
        messages = self._streams.follow(
            journal, entry.entry_id, seen=call.request.headers.get("Last-Event-ID", "")
        )
        response = flask.Response(messages, mimetype=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})
        response.call_on_close(self._streams.release)
        return response

    def transcript(self, call: Call[None]) -> Reply:
        journal, entry = read_entry(self._journals, call)
        transcript = journal.load(entry).transcript
        if transcript is None:
            raise NotFound("the entry has no transcript (yet)", code="transcript_missing")
        name = call.query.format
        if name == "json":
            return Reply(body=transcript)
        return Reply(body=subtitles.render(transcript, name), media_type=subtitles.MEDIA_TYPES[name])

    def play(self, call: Call[None]) -> flask.Response:
        journal, entry = read_entry(self._journals, call)
        if entry.audio is None or entry.audio.deleted_at is not None:
            raise NotFound("the entry has no recording, or it was deleted", code="audio_gone")
        return stored_objects.send_stored_object(
            call.request, journal.audio_store, entry.audio, {"Cache-Control": "private, no-cache"}
        )


def routes(api: EntryDetailApi) -> Sequence[Route]:
    return [_feedback(api), _events(api), _transcript(api), _audio(api)]


def _feedback(api: EntryDetailApi) -> Route:
    return Route(
        method="PUT",
        path=f"{ENTRY_PATH}/feedback",
        handler=api.add_feedback,
        summary="Confirm, reject or correct an emotion",
        description="Replaces earlier feedback on the same emotion (and segment). `disagree` removes the "
        "emotion from the insight, `correct` puts the right one in its place; corrections say more.",
        tag=TAG,
        requires=Requirement(scope=Scope.WRITE),
        body=NewFeedback,
        replies={200: EntryView},
        problems={**NOT_FOUND, "too_much_feedback": 409},
    )


def _events(api: EntryDetailApi) -> Route:
    return Route(
        method="GET",
        path=f"{ENTRY_PATH}/events",
        handler=api.follow,
        summary="Stream an entry's progress as server-sent events",
        description="Each `entry` event has the entry after a change as its data and its ETag as its ID. The "
        "stream ends with `end` when the entry is final, with `deleted`, or with `cut` after five minutes. "
        "Read it with `fetch`, which can send a token, and resume it with `Last-Event-ID`.",
        tag=TAG,
        requires=Requirement(scope=Scope.READ),
        headers={"Last-Event-ID": "The ID of the last event the client received."},
        replies={200: EVENT_STREAM},
        problems={**NOT_FOUND, "too_many_streams": 503},
    )


def _transcript(api: EntryDetailApi) -> Route:
    return Route(
        method="GET",
        path=f"{ENTRY_PATH}/transcript",
        handler=api.transcript,
        summary="Retrieve the transcript as JSON, text or subtitles",
        tag=TAG,
        requires=Requirement(scope=Scope.READ),
        query=subtitles.Format,
        replies={200: Transcript},
        also={200: subtitles.TEXT_TYPES},
        problems={**NOT_FOUND, "transcript_missing": 404, "invalid_parameter": 400},
    )


def _audio(api: EntryDetailApi) -> Route:
    return Route(
        method="GET",
        path=f"{ENTRY_PATH}/audio",
        handler=api.play,
        summary="Download the recording",
        description="Available until the recording is deleted. Supports range requests.",
        tag=TAG,
        requires=Requirement(scope=Scope.READ),
        replies={200: "audio/*", 206: "audio/*"},
        problems={**NOT_FOUND, "audio_gone": 404, "requested_range_not_satisfiable": 416},
    )
