"""The emotion function put together: its model, its stage and its routes, from settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from functions.emotion import api
from functions.emotion.model import EmotionModel
from functions.emotion.stage import EmotionWork
from functions.shared.runtime.settings import Settings
from functions.shared.text.encoder import ENCODER
from functions.shared.web.routing import Route


def model(settings: Settings) -> EmotionModel:
    """The model that ships; its encoder is loaded once a process."""
    return EmotionModel.load(settings.models_path / ENCODER, settings.threads)


def work(settings: Settings) -> EmotionWork:
    return EmotionWork(model(settings))


def routes(settings: Settings) -> Sequence[Route]:
    return api.routes(api.EmotionApi(partial(model, settings), settings))
