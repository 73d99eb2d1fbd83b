"""Checks whether a valid token has been revoked; used before irreversible calls.

Identity Platform (and Firebase Authentication) store, per user, the time before which tokens are revoked.
https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts/lookup
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
_HOST = "https://identitytoolkit.googleapis.com"

RevocationCheck = Callable[[Caller], None]
"""Raises Unauthenticated `token_revoked`, or TemporaryError `revocation_unknown` if that cannot be known."""


def client_revocation_check(settings: Settings) -> RevocationCheck | None:
    """The check that the settings ask for; None if the issuer's tokens cannot be revoked."""
    provider = settings.auth_revocation
    if provider == "none" or (not provider and not settings.auth_issuer.startswith(_ISSUER)):
        return None
    return IdentityPlatform(settings.project or settings.auth_audience)


class IdentityPlatform:
    """Looks up the users of one Identity Platform project."""

    def __init__(self, project: str) -> None:
        emulator = os.environ.get(EMULATOR)
        base = f"http://{emulator}/identitytoolkit.googleapis.com" if emulator else _HOST
        self._url = f"{base}/v1/projects/{project}/accounts:lookup"
        self._emulated = bool(emulator)

    def __call__(self, caller: Caller) -> None:
        """Raises as `RevocationCheck` says. API keys need no check: they are looked up on every call."""
        if caller.key_id is not None or caller.signed_in_at is None:
            return
        user = self._look_up(caller.uid)
        valid_since = int(user.get("validSince", 0)) if user else 0
        if user is None or user.get("disabled") or caller.signed_in_at.timestamp() < valid_since:
            raise Unauthenticated("this sign-in was revoked; sign in again", code="token_revoked")

    def _look_up(self, uid: str) -> dict[str, Any] | None:
        import requests
        from google.auth.exceptions import GoogleAuthError

        try:
            response = self._session.post(self._url, json={"localId": [uid]}, timeout=TIMEOUT_S)
            response.raise_for_status()
            users: list[dict[str, Any]] = response.json().get("users", [])
        except (requests.RequestException, GoogleAuthError, ValueError) as error:
            raise TemporaryError(
                "cannot check whether this sign-in was revoked; try again later", code="revocation_unknown"
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
