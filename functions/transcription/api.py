"""Synchronous transcription of a recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from functions.shared.access.authorization import Requirement
from functions.shared.audio import subtitles
from functions.shared.domain.content import EmptyReason, PartialReason, Segment
from functions.shared.domain.records import Scope
from functions.shared.runtime.settings import Settings
from functions.shared.web import uploads
from functions.shared.web.routing import Call, Reply, Route
from functions.transcription.engine import Engine
from functions.transcription.transcriber import transcribe_file

TAG = "Transcription"


class TranscribeResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A transcript. If it is empty, `empty_reason` says why; so does `partial_reason` if it is `partial`."""

    text: str
    segments: tuple[Segment, ...]
    language: str | None
    duration_s: float | None
    partial: bool
    engine: str
    empty_reason: EmptyReason | None
    partial_reason: PartialReason | None = None


class TranscriptionApi:
    """Handlers; the engine is loaded on the first call."""

    def __init__(self, engine: Callable[[], Engine], settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def transcribe(self, call: Call[None]) -> Reply:
        with uploads.uploaded_file(call.request) as path:
            call.authorization.count_audio(path.stat().st_size)
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
                partial_reason=transcript.partial_reason,
            )
        )


def routes(api: TranscriptionApi) -> Sequence[Route]:
    """Routes of the transcription service."""
    return [
        Route(
            method="POST",
            path="/transcribe",
            handler=api.transcribe,
            summary="Transcribe a recording",
            description="Responds with JSON, plain text, SubRip or WebVTT, as `format` says. To transcribe "
            "many recordings in the background, use `POST /transcribe/batch`.",
            tag=TAG,
            requires=Requirement(scope=Scope.ANALYZE, quotas=("entries", "audio")),
            query=subtitles.Format,
            accepts=uploads.ACCEPTS,
            replies={200: TranscribeResponse},
            also={200: subtitles.TEXT_TYPES},
            problems={"invalid_parameter": 400, **uploads.PROBLEMS},
        )
    ]
