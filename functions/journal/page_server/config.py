"""The page's configuration, which it reads before sign-in, and the origins it may call."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from functions.shared.access.identity import has_accounts
from functions.shared.access.revocation import EMULATOR
from functions.shared.runtime.settings import Settings, SpeechEngine

_STORAGE = "https://storage.googleapis.com"
_HOSTS = ("identitytoolkit.googleapis.com", "securetoken.googleapis.com")


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """How people sign in: `accounts` checks e-mail and password, `tokens` renews a token."""

    kind: Literal["identity-platform"] = "identity-platform"
    api_key: str
    audience: str
    accounts: str
    tokens: str


class PageConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The page's configuration.

    Attributes:
        accounts: whether callers must authenticate.
        sign_in: how people sign in on the page; None if they cannot.
        dictation: URL of the dictation WebSocket; None if there is none.
        search, similar: whether the API has these routes.
        engines: the speech engines that a recording can be transcribed with again.
        recordings: origin that large recordings are uploaded to; None for this server.
    """

    accounts: bool
    sign_in: SignIn | None
    dictation: str | None
    search: bool
    similar: bool
    recordings: str | None
    engines: tuple[SpeechEngine, ...] = ("moonshine",)


def build_page_config(settings: Settings, paths: Collection[str] = (), dictation: str = "") -> PageConfig:
    """The configuration for an API with these paths and this dictation URL, which may be empty."""
    return PageConfig(
        accounts=has_accounts(settings),
        sign_in=_sign_in(settings) if settings.auth_web_api_key else None,
        dictation=dictation or None,
        search="/v1/search" in paths,
        similar="/v1/entries/{entry_id}/similar" in paths,
        recordings=_STORAGE if settings.backend == "gcp" else None,
        engines=("moonshine", "whisper") if settings.whisper_model else ("moonshine",),
    )


def connect_sources(config: PageConfig) -> tuple[str, ...]:
    """The origins besides its own that the page may call, for its content security policy."""
    sign_in = (config.sign_in.accounts, config.sign_in.tokens) if config.sign_in else ()
    others = filter(None, (config.dictation, config.recordings))
    return tuple(dict.fromkeys(map(_origin, (*sign_in, *others))))


def _sign_in(settings: Settings) -> SignIn:
    """The endpoints of https://cloud.google.com/identity-platform/docs/use-rest-api, or of its emulator."""
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
