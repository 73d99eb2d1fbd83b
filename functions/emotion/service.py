"""Builds the emotion function from settings: its models, stage and routes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from functions.emotion import api
from functions.emotion.model import EmotionModel
from functions.emotion.reader import JournalReader
from functions.emotion.stage import EmotionWork
from functions.shared.runtime.onnx import CONFIG
from functions.shared.runtime.settings import Settings
from functions.shared.text.encoder import ENCODER
from functions.shared.web.routing import Route


def model(settings: Settings) -> EmotionModel:
    """The shipped model; its encoder is loaded once per process."""
    return EmotionModel.load(settings.models_path / ENCODER, settings.threads)


def reader(settings: Settings) -> JournalReader | None:
    """The configured reader of entries, if it is installed; loaded once per process."""
    folder = settings.models_path / settings.entry_model
    if not settings.entry_model or not (folder / CONFIG).is_file():
        return None
    return JournalReader.load(folder, settings.threads)


def work(settings: Settings) -> EmotionWork:
    return EmotionWork(model(settings), reader(settings))


def routes(settings: Settings) -> Sequence[Route]:
    return api.routes(api.EmotionApi(partial(model, settings), settings))
