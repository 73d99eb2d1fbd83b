"""Builds the transcription function from settings: its engine, stage and routes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from functions.shared.runtime.settings import Settings, SpeechEngine
from functions.shared.web.routing import Route
from functions.transcription import api
from functions.transcription.engine import Engine
from functions.transcription.openai import api as openai
from functions.transcription.stage import TranscriptionWork
from functions.transcription.transcriber import load_engine


def engine(settings: Settings, name: SpeechEngine | None = None) -> Engine:
    """The engine of this name, or the configured one; loaded once per process."""
    return load_engine(
        name or settings.transcription_engine,
        settings.models_path,
        settings.whisper_model or None,
        threads=settings.transcription_threads,
    )


def work(settings: Settings) -> TranscriptionWork:
    return TranscriptionWork(
        engine(settings), max_duration_s=settings.max_audio_s, load=partial(engine, settings)
    )


def routes(settings: Settings) -> Sequence[Route]:
    load = partial(engine, settings)
    return [
        *api.routes(api.TranscriptionApi(load, settings)),
        *openai.routes(openai.OpenAiApi(load, settings)),
    ]
