# Written by `python -m clients.generate` from the module of this name in _async.
"""The user's own account and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import UNSET, UnsetType

from samo_client._sync.transport import Transport
from samo_client.parameters import given
from samo_client.schema import (
    AccountAudioRetention,
    AccountView,
    DeletionReceipt,
    KeyList,
    KeySecret,
    KeyView,
    Scope,
)


class Account:
    """Consent, wishes, and leaving."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self) -> AccountView:
        """What the user has agreed to and asked for."""
        return self._transport.ask(AccountView, "account.get")

    def update(
        self,
        *,
        consent_version: str | UnsetType | None = UNSET,
        timezone: str | UnsetType | None = UNSET,
        language: str | UnsetType | None = UNSET,
        audio_retention: AccountAudioRetention
        | Literal["days", "kept", "until_transcribed"]
        | UnsetType
        | None = UNSET,
        audio_retention_days: int | UnsetType | None = UNSET,
        retention_days: int | UnsetType | None = UNSET,
    ) -> AccountView:
        """Change what is given; None takes a wish back."""
        wishes = {
            "consent_version": consent_version,
            "timezone": timezone,
            "language": language,
            "audio_retention": audio_retention,
            "audio_retention_days": audio_retention_days,
            "retention_days": retention_days,
        }
        body = {name: value for name, value in wishes.items() if value is not UNSET}
        return self._transport.ask(AccountView, "account.update", body=body)

    def delete(self) -> DeletionReceipt:
        """Delete the account and everything in it; this cannot be undone."""
        return self._transport.ask(DeletionReceipt, "account.delete")


class Keys:
    """API keys, for servers that act as the user."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, name: str, scopes: Sequence[Scope | str], *, days: int | None = None) -> KeySecret:
        """A new key with its secret, which is shown this once; good for so many days, or until revoked."""
        body = given(name=name, scopes=scopes, days=days)
        return self._transport.ask(KeySecret, "keys.create", body=body)

    def list(self) -> tuple[KeyView, ...]:
        """All keys, without their secrets."""
        return (self._transport.ask(KeyList, "keys.list")).keys

    def rotate(self, key_id: str, *, grace_hours: int | None = None) -> KeySecret:
        """A new secret for a key; the one before stays good for so many hours (None: a day)."""
        return self._transport.ask(KeySecret, "keys.rotate", key_id, body=given(grace_hours=grace_hours))

    def revoke(self, key_id: str) -> None:
        """Make a key worthless, at once."""
        self._transport.call("keys.revoke", key_id)
