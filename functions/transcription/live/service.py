"""Live dictation put together from settings: its models, its door and its application."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from threading import Lock

import flask
from starlette.types import ASGIApp

from functions.shared import identity
from functions.shared.access import Access
from functions.shared.accounts import Accounts
from functions.shared.encoder import ENCODER, load_encoder
from functions.shared.http import Reply, Route
from functions.shared.identity import Caller
from functions.shared.records import Scope
from functions.shared.settings import Settings
from functions.transcription import service, vad
from functions.transcription.live.app import PATH, create_app
from functions.transcription.live.conversation import Door
from functions.transcription.live.delivery import Deliver
from functions.transcription.live.dictations import Dictations
from functions.transcription.live.feelings import Feel, feeler
from functions.transcription.live.loopback import Guard
from functions.transcription.live.phrases import Phrases
from functions.transcription.live.protocol import Limits
from functions.transcription.live.recogniser import Recogniser, Turns

_ROUTE = Route(
    method="GET",
    path=PATH,
    handler=lambda _: Reply(),
    summary="Dictate",
    tag="Dictation",
    replies={101: None},
    scope=Scope.WRITE,
)
"""What the door is asked for."""


class Models:
    """Loaded with the first dictation; all of them share one engine's turns."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loading = Lock()

    def recogniser(self) -> Recogniser:
        """Raises ArtifactError where a model's file is missing."""
        with self._loading:
            turns, detector, feel = self._parts
        return Recogniser(turns, Phrases(detector), feel)

    @cached_property
    def _parts(self) -> tuple[Turns, vad.VoiceDetector, Feel]:
        settings = self._settings
        turns = Turns(service.engine(settings), settings.transcription_threads)
        detector = vad.VoiceDetector(settings.models_path / vad.FOLDER)
        return turns, detector, feeler(load_encoder(settings.models_path / ENCODER, settings.threads))


def door(access: Access, settings: Settings, accounts: Callable[[], Accounts] | None = None) -> Door:
    """Lets in who may write entries: a token comes in a frame, and is checked as the header it would be.

    It raises what `access` does, and Forbidden `consent_required`.

    Args:
        accounts: who has agreed to the terms; None: only the journal knows, and refuses the entry.
    """

    def admit(token: str | None) -> Caller:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": PATH, "wsgi.url_scheme": "https"}
        if token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        caller = access(flask.Request(environ), _ROUTE).caller
        if accounts is not None and settings.consent_version:
            accounts().agreed(caller.uid, settings.consent_version)
        return caller

    return admit


def application(
    settings: Settings,
    door: Door,
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

    def dictations() -> Dictations:
        return Dictations(models.recogniser, deliver, folder, limits, settings.dictation_sessions)

    app = create_app(dictations, door, limits)
    return app if identity.has_accounts(settings) else Guard(app, page_port)
