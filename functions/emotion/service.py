"""Builds the emotion function from settings: its model, stage and routes."""

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
    """The shipped model; its encoder is loaded once per process."""
    return EmotionModel.load(settings.models_path / ENCODER, settings.threads)


def work(settings: Settings) -> EmotionWork:
    return EmotionWork(model(settings))


def routes(settings: Settings) -> Sequence[Route]:
    return api.routes(api.EmotionApi(partial(model, settings), settings))
