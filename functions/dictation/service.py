"""Live dictation put together from settings: its models, its door and its application."""

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
from functions.dictation.phrases import PhraseDetector
from functions.dictation.protocol import Limits
from functions.dictation.recognizer import SharedEngine, StreamingRecognizer
from functions.dictation.registry import DictationRegistry
from functions.shared.access import identity
from functions.shared.access.accounts import Accounts
from functions.shared.access.authorization import Authorizer, Requirement
from functions.shared.access.identity import Caller
from functions.shared.domain.records import Scope
from functions.shared.runtime.settings import Settings
from functions.shared.text.encoder import ENCODER, load_encoder
from functions.transcription import service, vad

_REQUIREMENT = Requirement(scope=Scope.WRITE)


class Models:
    """Loaded with the first dictation; all of them share one engine's turns."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loading = Lock()

    def recogniser(self) -> StreamingRecognizer:
        """Raises ArtifactError where a model's file is missing."""
        with self._loading:
            turns, detector, feel = self._parts
        return StreamingRecognizer(turns, PhraseDetector(detector), feel)

    @cached_property
    def _parts(self) -> tuple[SharedEngine, vad.VoiceDetector, ScoreEmotions]:
        settings = self._settings
        turns = SharedEngine(service.engine(settings), settings.transcription_threads)
        detector = vad.VoiceDetector(settings.models_path / vad.FOLDER)
        return turns, detector, emotion_scorer(load_encoder(settings.models_path / ENCODER, settings.threads))


def dictation_authorizer(
    access: Authorizer, settings: Settings, accounts: Callable[[], Accounts] | None = None
) -> AuthorizeDictation:
    """Lets in who may write entries: a token comes in a frame, and is checked as the header it would be.

    It raises what `access` does, and Forbidden `consent_required`.

    Args:
        accounts: who has agreed to the terms; None: only the journal knows, and refuses the entry.
    """

    def admit(token: str | None) -> Caller:
        header = f"Bearer {token}" if token else None
        caller = access(header, _REQUIREMENT).caller
        if accounts is not None and settings.consent_version:
            accounts().require_consent(caller.uid, settings.consent_version)
        return caller

    return admit


def application(
    settings: Settings,
    door: AuthorizeDictation,
    deliver: Deliver,
    folder: Path,
    page_port: int | None = None,
) -> ASGIApp:
    """The ASGI application; without accounts it answers this machine only (`page_port`: see `Guard`).

    Args:
        folder: where audio is kept while a dictation lasts.
    """
    models = Models(settings)
    limits = Limits(dictation_s=settings.dictation_minutes * 60.0)

    def dictations() -> DictationRegistry:
        return DictationRegistry(models.recogniser, deliver, folder, limits, settings.dictation_sessions)

    app = create_app(dictations, door, limits)
    return app if identity.has_accounts(settings) else LoopbackGuard(app, page_port)
