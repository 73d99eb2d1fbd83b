"""Whether a token that is still good has been taken back meanwhile: asked before what cannot be undone.

Identity Platform (and Firebase Authentication) keep, of every user, the time before which tokens no longer
count. https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts/lookup
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from typing import Any

from functions.shared.access.identity import Caller
from functions.shared.errors import TemporaryError, Unauthenticated
from functions.shared.runtime.settings import Settings

EMULATOR = "FIREBASE_AUTH_EMULATOR_HOST"
TIMEOUT_S = 10
_ISSUER = "https://securetoken.google.com/"

RevocationCheck = Callable[[Caller], None]
"""Raises Unauthenticated `token_revoked`, or TemporaryError if it cannot be known now."""


def client_revocation_check(settings: Settings) -> RevocationCheck | None:
    """How to ask, as the settings say; None: these tokens cannot be taken back before they end."""
    chosen = settings.auth_revocation
    if chosen == "none" or (not chosen and not settings.auth_issuer.startswith(_ISSUER)):
        return None
    return IdentityPlatform(settings.project or settings.auth_audience)


class IdentityPlatform:
    """The users of one project."""

    def __init__(self, project: str) -> None:
        emulator = os.environ.get(EMULATOR)
        base = f"http://{emulator}/identitytoolkit.googleapis.com" if emulator else _HOST
        self._address = f"{base}/v1/projects/{project}/accounts:lookup"
        self._emulated = bool(emulator)

    def __call__(self, caller: Caller) -> None:
        """Raises as `Recheck` says; a key needs no second look, it is looked up with every call."""
        if caller.key_id is not None or caller.signed_in_at is None:
            return
        user = self._look_up(caller.uid)
        since = int(user.get("validSince", 0)) if user else 0
        if user is None or user.get("disabled") or caller.signed_in_at.timestamp() < since:
            raise Unauthenticated("this sign-in was revoked; sign in again", code="token_revoked")

    def _look_up(self, uid: str) -> dict[str, Any] | None:
        import requests
        from google.auth.exceptions import GoogleAuthError

        try:
            answer = self._session.post(self._address, json={"localId": [uid]}, timeout=TIMEOUT_S)
            answer.raise_for_status()
            users: list[dict[str, Any]] = answer.json().get("users", [])
        except (requests.RequestException, GoogleAuthError, ValueError) as error:
            raise TemporaryError(
                "whether this sign-in was revoked cannot be known now", code="revocation_unknown"
            ) from error
        return users[0] if users else None

    @cached_property
    def _session(self) -> Any:
        import requests

        if self._emulated:
            session = requests.Session()
            session.headers["Authorization"] = "Bearer owner"
            return session
        import google.auth
        from google.auth.transport.requests import AuthorizedSession

        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/identitytoolkit"])
        return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]


_HOST = "https://identitytoolkit.googleapis.com"
