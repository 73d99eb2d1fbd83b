"""`POST /v1/audio/transcriptions` and `GET /v1/models`, as OpenAI's clients call them.

A translation: recordings are transcribed as by `POST /transcribe`, under the same scope, quotas and limits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import flask

from functions.shared.access.authorization import Requirement
from functions.shared.audio import subtitles
from functions.shared.domain.records import Scope
from functions.shared.errors import InvalidRequest
from functions.shared.runtime.settings import Settings, SpeechEngine
from functions.shared.web import uploads
from functions.shared.web.routing import Call, Reply, Route
from functions.transcription.engine import Engine
from functions.transcription.openai import errors, form, models
from functions.transcription.openai.events import EVENT_STREAM, events
from functions.transcription.openai.form import TranscriptionForm
from functions.transcription.openai.models import OpenAiModel, OpenAiModels
from functions.transcription.openai.replies import OpenAiTranscription, reply
from functions.transcription.transcriber import Parts, transcribe_parts

TAG = "OpenAI-compatible"


class OpenAiApi:
    """Handlers; an engine is loaded on the first call that asks for it."""

    def __init__(self, engine: Callable[[SpeechEngine], Engine], settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    def transcribe(self, call: Call[None]) -> Reply | flask.Response:
        wanted = form.read(call.request)
        name = models.engine_named(self._settings, wanted.model)
        with ExitStack() as stack:
            path = stack.enter_context(uploads.uploaded_file(call.request, part="file"))
            call.authorization.count_audio(path.stat().st_size)
            parts = self._transcribe(path, name, wanted)
            if wanted.stream:
                return _stream(parts, stack.pop_all())
            transcript, reason = parts.join(list(parts.recognitions))
        return reply(transcript, reason, wanted)

    def list_models(self, _: Call[None]) -> Reply:
        return Reply(body=models.installed(self._settings))

    def read_model(self, call: Call[None]) -> Reply:
        return Reply(body=models.find(self._settings, call.path["model"]))

    def _transcribe(self, path: Path, name: SpeechEngine, wanted: TranscriptionForm) -> Parts:
        """The only call into transcription."""
        engine = self._engine(name)
        if wanted.language_code and wanted.language_code not in engine.languages:
            raise InvalidRequest(
                f"the model {engine.name} does not recognize this language", code="unsupported_language"
            )
        return transcribe_parts(
            engine, path, max_duration_s=self._settings.max_audio_s, names=wanted.hotwords
        )


def _stream(parts: Parts, resources: ExitStack) -> flask.Response:
    """The transcript as it is made; the resources are closed with the connection, however it ends."""
    response = flask.Response(
        events(parts, flask.g.request_id), mimetype=EVENT_STREAM, headers={"X-Accel-Buffering": "no"}
    )
    response.call_on_close(resources.close)
    return response


def routes(api: OpenAiApi) -> Sequence[Route]:
    return [_transcriptions(api), *_models(api)]


def _transcriptions(api: OpenAiApi) -> Route:
    return Route(
        method="POST",
        path="/v1/audio/transcriptions",
        handler=api.transcribe,
        summary="Transcribe a recording, as OpenAI's API does",
        description="For clients of OpenAI's API: the request, the response and errors have its form. With "
        "`stream`, responds with the events `transcript.text.delta`, one per sentence, and "
        "`transcript.text.done`.",
        tag=TAG,
        requires=Requirement(scope=Scope.ANALYZE, quotas=("entries", "audio")),
        accepts={uploads.MULTIPART: form.schema()},
        replies={200: OpenAiTranscription},
        also={200: (*subtitles.TEXT_TYPES, EVENT_STREAM)},
        problems={
            "invalid_parameter": 400,
            "unsupported_language": 400,
            "model_not_found": 404,
            **uploads.PROBLEMS,
        },
        errors=errors.FORMAT,
    )


def _models(api: OpenAiApi) -> Sequence[Route]:
    return [
        Route(
            method="GET",
            path="/v1/models",
            handler=api.list_models,
            summary="List the models for transcription",
            description="The installed engines, and `whisper-1`, which is the deployment's default one.",
            tag=TAG,
            requires=Requirement(scope=Scope.ANALYZE),
            replies={200: OpenAiModels},
            errors=errors.FORMAT,
        ),
        Route(
            method="GET",
            path="/v1/models/{model}",
            handler=api.read_model,
            summary="Retrieve a model",
            tag=TAG,
            requires=Requirement(scope=Scope.ANALYZE),
            replies={200: OpenAiModel},
            problems={"model_not_found": 404},
            errors=errors.FORMAT,
        ),
    ]
