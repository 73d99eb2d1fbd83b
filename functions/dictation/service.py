"""Builds live dictation from settings: its models, authorization and ASGI application."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from threading import Lock

from starlette.types import ASGIApp

from functions.dictation.app import create_app
from functions.dictation.connection import AuthorizeDictation
from functions.dictation.delivery import Deliver
from functions.dictation.emotions import ScoreEmotions, emotion_scorer
from functions.dictation.loopback import LoopbackGuard
from functions.dictation.names import LoadNames, no_names
from functions.dictation.phrases import PhraseDetector
from functions.dictation.protocol import Limits
from functions.dictation.recognizer import SharedEngine, StreamingRecognizer
from functions.dictation.registry import DictationRegistry
from functions.shared.access import identity
from functions.shared.access.accounts import Accounts
from functions.shared.access.authorization import Authorize, Requirement
from functions.shared.access.identity import Caller
from functions.shared.domain.records import Scope
from functions.shared.runtime.settings import Settings
from functions.shared.text.encoder import ENCODER, load_encoder
from functions.transcription import service, vad

_REQUIREMENT = Requirement(scope=Scope.WRITE)


class Models:
    """The models, loaded with the first dictation; every dictation shares one engine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loading = Lock()

    def recognizer(self) -> StreamingRecognizer:
        """A recognizer for one dictation. Raises ArtifactError if a model file is missing."""
        with self._loading:
            engine, detector, score_emotions = self._parts
        return StreamingRecognizer(engine, PhraseDetector(detector), score_emotions)

    @cached_property
    def _parts(self) -> tuple[SharedEngine, vad.VoiceDetector, ScoreEmotions]:
        settings = self._settings
        engine = SharedEngine(service.engine(settings), settings.transcription_threads)
        detector = vad.VoiceDetector(settings.models_path / vad.FOLDER)
        encoder = load_encoder(settings.models_path / ENCODER, settings.threads)
        return engine, detector, emotion_scorer(encoder)


def dictation_authorizer(
    access: Authorize, settings: Settings, accounts: Callable[[], Accounts] | None = None
) -> AuthorizeDictation:
    """Authorizes users who may write entries. A token in a message is checked like one in an HTTP header.

    The result raises what `access` does, and Forbidden `consent_required`.

    Args:
        accounts: the accounts that record consent; None if this service cannot read them, so that only the
            journal checks consent, when the entry is created.
    """

    def authorize(token: str | None) -> Caller:
        header = f"Bearer {token}" if token else None
        caller = access(header, _REQUIREMENT).caller
        if accounts is not None and settings.consent_version:
            accounts().require_consent(caller.uid, settings.consent_version)
        return caller

    return authorize


def application(
    settings: Settings,
    authorize: AuthorizeDictation,
    deliver: Deliver,
    folder: Path,
    page_port: int | None = None,
    load_names: LoadNames = no_names,
) -> ASGIApp:
    """The ASGI application; without accounts it serves this machine only (`page_port`: see `LoopbackGuard`).

    Args:
        folder: where audio is kept during a dictation.
        load_names: reads a user's personal dictionary.
    """
    models = Models(settings)
    limits = Limits(dictation_s=settings.dictation_minutes * 60.0)

    def create_registry() -> DictationRegistry:
        sessions = settings.dictation_sessions
        return DictationRegistry(models.recognizer, deliver, folder, limits, sessions, load_names)

    app = create_app(create_registry, authorize, limits)
    return app if identity.has_accounts(settings) else LoopbackGuard(app, page_port)
