"""Accounts and API keys as their owner sees them."""

from __future__ import annotations

import msgspec

from functions.shared.domain.content import Timestamp
from functions.shared.domain.records import Account, ApiKey, Scope
from functions.shared.runtime.settings import AudioRetention, Settings


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """A user's consent and preferences, with the deployment's defaults for what the user has not set.

    `share_corrections`: the operator may train models with the user's corrections and the texts that they are
    about. `required_consent` is the version of the terms that must be accepted before entries can be created.
    """

    consent_version: str | None
    consented_at: Timestamp | None
    required_consent: str | None
    timezone: str | None
    language: str | None
    country: str | None
    audio_retention: AudioRetention
    audio_retention_days: int
    retention_days: int | None
    share_corrections: bool = False


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret. `last_used_at` is accurate to ten minutes."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: Timestamp
    ends_at: Timestamp | None
    last_used_at: Timestamp | None
    revoked_at: Timestamp | None


def account_view(account: Account | None, settings: Settings) -> AccountView:
    return AccountView(
        consent_version=account.consent_version if account else None,
        consented_at=account.consented_at if account else None,
        required_consent=settings.consent_version or None,
        timezone=account.timezone if account else None,
        language=account.language if account else None,
        country=account.country if account else None,
        audio_retention=(account and account.audio_retention) or settings.audio_retention,
        audio_retention_days=(account and account.audio_retention_days) or settings.audio_retention_days,
        retention_days=account.retention_days if account else None,
        share_corrections=bool(account and account.share_corrections),
    )


def key_view(key: ApiKey) -> KeyView:
    return KeyView(
        id=key.record_id,
        name=key.name,
        scopes=tuple(sorted(key.scopes)),
        created_at=key.created_at,
        ends_at=key.ends_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )
