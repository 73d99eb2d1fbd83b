"""What the page is told before anybody has signed in, and where it may connect."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from functions.shared.access.identity import has_accounts
from functions.shared.access.revocation import EMULATOR
from functions.shared.runtime.settings import Settings

_STORAGE = "https://storage.googleapis.com"
_HOSTS = ("identitytoolkit.googleapis.com", "securetoken.googleapis.com")


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """How people sign in: where e-mail and password are checked, and where a token is renewed."""

    kind: Literal["identity-platform"] = "identity-platform"
    api_key: str
    audience: str
    accounts: str
    tokens: str


class PageConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`accounts`: whether callers must say who they are; `sign_in`: how they do it here, if they can;
    `dictation`: a WebSocket's address; `search`, `similar`: whether the API has them; `recordings`: where
    large recordings are sent, if not to this server.
    """

    accounts: bool
    sign_in: SignIn | None
    dictation: str | None
    search: bool
    similar: bool
    recordings: str | None


def build_page_config(settings: Settings, paths: Collection[str] = (), dictation: str = "") -> PageConfig:
    """`paths`: those of the API; `dictation`: where to dictate; empty: nowhere."""
    return PageConfig(
        accounts=has_accounts(settings),
        sign_in=_sign_in(settings) if settings.auth_web_api_key else None,
        dictation=dictation or None,
        search="/v1/search" in paths,
        similar="/v1/entries/{entry_id}/similar" in paths,
        recordings=_STORAGE if settings.backend == "gcp" else None,
    )


def connect_sources(config: PageConfig) -> tuple[str, ...]:
    """The origins beside its own that the page may call, for its content policy."""
    named = (config.sign_in.accounts, config.sign_in.tokens) if config.sign_in else ()
    others = filter(None, (config.dictation, config.recordings))
    return tuple(dict.fromkeys(map(_origin, (*named, *others))))


def _sign_in(settings: Settings) -> SignIn:
    """https://cloud.google.com/identity-platform/docs/use-rest-api"""
    emulator = os.environ.get(EMULATOR)
    accounts, tokens = (f"http://{emulator}/{host}" if emulator else f"https://{host}" for host in _HOSTS)
    return SignIn(
        api_key=settings.auth_web_api_key,
        audience=settings.auth_audience,
        accounts=f"{accounts}/v1/accounts",
        tokens=f"{tokens}/v1/token",
    )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
