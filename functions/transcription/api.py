"""Synchronous transcription of a recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from functions.shared.audio import subtitles
from functions.shared.domain.content import EmptyReason, Segment
from functions.shared.runtime.settings import Settings
from functions.shared.web import uploads
from functions.shared.web.routing import Call, Reply, Route
from functions.transcription.engine import Engine
from functions.transcription.transcriber import transcribe_file

TAG = "Transcription"


class TranscribeResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The transcript; with no text, `empty_reason` says why. `partial`: the recording broke off."""

    text: str
    segments: tuple[Segment, ...]
    language: str | None
    duration_s: float | None
    partial: bool
    engine: str
    empty_reason: EmptyReason | None


class TranscriptionApi:
    """Handlers over an engine that is loaded with the first call."""

    def __init__(self, engine: Callable[[], Engine], settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def transcribe(self, call: Call[None]) -> Reply:
        with uploads.uploaded_file(call.request) as path:
            engine = self._engine()
            transcript, reason = transcribe_file(engine, path, max_duration_s=self._settings.max_audio_s)
        if call.query.format != "json":
            text = subtitles.render(transcript, call.query.format)
            return Reply(body=text, media_type=subtitles.MEDIA_TYPES[call.query.format])
        return Reply(
            body=TranscribeResponse(
                text=transcript.text,
                segments=transcript.segments,
                language=transcript.language,
                duration_s=transcript.duration_s,
                partial=transcript.partial,
                engine=engine.name,
                empty_reason=reason,
            )
        )


def routes(api: TranscriptionApi) -> Sequence[Route]:
    """The transcription function's operations."""
    return [
        Route(
            method="POST",
            path="/transcribe",
            handler=api.transcribe,
            summary="The words of a recording, with times",
            description="`format` chooses JSON, plain text, SubRip or WebVTT. To be answered "
            "later, send one or many recordings to `/transcribe/batch`.",
            tag=TAG,
            query=subtitles.Format,
            accepts=uploads.ACCEPTS,
            replies={200: TranscribeResponse},
            also={200: subtitles.TEXT_TYPES},
            problems={"invalid_parameter": 400, **uploads.PROBLEMS},
        )
    ]
