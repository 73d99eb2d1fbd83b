"""The models that clients can name: the installed engines, and OpenAI's name for the default one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from functions.shared.errors import NotFound
from functions.shared.runtime.settings import Settings, SpeechEngine

DEFAULT = "whisper-1"
"""What clients of OpenAI's API ask for unless told otherwise. It names the deployment's default engine."""
_OWNER = "samo"


class OpenAiModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model. `created`: when its files were installed, in seconds since 1970."""

    id: str
    object: str = "model"
    created: int
    owned_by: str = _OWNER


class OpenAiModels(msgspec.Struct, frozen=True, kw_only=True):
    """All models."""

    object: str = "list"
    data: tuple[OpenAiModel, ...]


def installed(settings: Settings) -> OpenAiModels:
    """The models of this deployment, the default one first."""
    weights = dict(_weights(settings))
    engines: dict[str, int] = {
        name: int(file.stat().st_mtime) for name, file in weights.items() if file.is_file()
    }
    default = engines.get(settings.transcription_engine)
    named = {DEFAULT: default, **engines} if default is not None else engines
    return OpenAiModels(data=tuple(OpenAiModel(id=name, created=created) for name, created in named.items()))


def find(settings: Settings, name: str) -> OpenAiModel:
    """The model of this name. Raises NotFound `model_not_found`."""
    for model in installed(settings).data:
        if model.id == name:
            return model
    raise _not_found()


def engine_named(settings: Settings, name: str) -> SpeechEngine:
    """The engine behind a model's name. Raises NotFound `model_not_found`."""
    if name == DEFAULT:
        return settings.transcription_engine
    for engine, file in _weights(settings):
        if engine == name and file.is_file():
            return engine
    raise _not_found()


def _weights(settings: Settings) -> Iterator[tuple[SpeechEngine, Path]]:
    """Each engine with a file that is there if it is installed."""
    from functions.transcription.moonshine import FOLDER

    yield "moonshine", settings.models_path / FOLDER / "encoder_model.ort"
    if settings.whisper_model:
        folder = Path(settings.whisper_model)
        folder = folder if folder.is_dir() else settings.models_path / settings.whisper_model
        yield "whisper", folder / "model.bin"


def _not_found() -> NotFound:
    return NotFound("the model does not exist; GET /v1/models lists those that do", code="model_not_found")
