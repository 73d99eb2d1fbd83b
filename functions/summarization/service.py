"""Builds the summarization function from settings: its engines, stage and routes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from functions.shared.runtime.onnx import CONFIG
from functions.shared.runtime.settings import Settings, Style
from functions.shared.text.encoder import ENCODER
from functions.shared.web.routing import Route
from functions.summarization import api
from functions.summarization.abstracts.engine import AbstractiveEngine
from functions.summarization.engine import Engine, FallbackEngine
from functions.summarization.extracts.engine import ExtractiveEngine
from functions.summarization.stage import SummarizationWork

EXTRACTIVE = "extractive-summarizer"


def engine(settings: Settings, style: Style | None = None) -> Engine:
    """The engine of a style (default: the configured one), loaded once; both use the shared text encoder."""
    return _engine(settings, style or settings.summary_style)


@cache
def _engine(settings: Settings, style: Style) -> Engine:
    models = settings.models_path
    if style is Style.EXTRACT:
        return ExtractiveEngine.load(models / EXTRACTIVE, models / ENCODER, settings.threads)
    extractive = _engine(settings, Style.EXTRACT)
    folder = models / settings.summary_model
    if not (folder / CONFIG).is_file():
        return FallbackEngine(extractive)
    assert isinstance(extractive, ExtractiveEngine)
    return AbstractiveEngine.load(folder, extractive, settings.threads)


def work(settings: Settings) -> SummarizationWork:
    return SummarizationWork(engine(settings))


def routes(settings: Settings) -> Sequence[Route]:
    return api.routes(api.SummarizationApi(lambda style: engine(settings, style), settings))
