"""The summarization function put together: its engine, its stage and its routes, from settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from functions.shared.encoder import ENCODER
from functions.shared.http import Route
from functions.shared.settings import Settings
from functions.summarization import api
from functions.summarization.engine import Engine
from functions.summarization.extractive import ExtractiveEngine
from functions.summarization.stage import SummarizationWork

EXTRACTIVE = "extractive-summarizer"


def engine(settings: Settings) -> Engine:
    """The extractive engine, on the same encoder as the emotions."""
    models = settings.models_path
    return ExtractiveEngine.load(models / EXTRACTIVE, models / ENCODER, settings.threads)


def work(settings: Settings) -> SummarizationWork:
    return SummarizationWork(engine(settings))


def routes(settings: Settings) -> Sequence[Route]:
    return api.routes(api.SummarizationApi(partial(engine, settings), settings))
