"""The user's own account and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import UNSET, UnsetType

from samo_client._async.transport import Transport
from samo_client.parameters import without_none
from samo_client.schema import (
    AccountAudioRetention,
    AccountView,
    DeletionReceipt,
    KeyList,
    KeySecret,
    KeyView,
    NameList,
    Scope,
)


class Account:
    """Consent, preferences, and account deletion."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self) -> AccountView:
        """The user's consent and preferences."""
        return await self._transport.request(AccountView, "account.get")

    async def update(
        self,
        *,
        consent_version: str | UnsetType | None = UNSET,
        timezone: str | UnsetType | None = UNSET,
        language: str | UnsetType | None = UNSET,
        country: str | UnsetType | None = UNSET,
        audio_retention: AccountAudioRetention
        | Literal["days", "kept", "until_transcribed"]
        | UnsetType
        | None = UNSET,
        audio_retention_days: int | UnsetType | None = UNSET,
        retention_days: int | UnsetType | None = UNSET,
        share_corrections: bool | UnsetType | None = UNSET,
    ) -> AccountView:
        """Changes the given preferences; None resets one to its default."""
        preferences = {
            "consent_version": consent_version,
            "timezone": timezone,
            "language": language,
            "country": country,
            "audio_retention": audio_retention,
            "audio_retention_days": audio_retention_days,
            "retention_days": retention_days,
            "share_corrections": share_corrections,
        }
        body = {name: value for name, value in preferences.items() if value is not UNSET}
        return await self._transport.request(AccountView, "account.update", body=body)

    async def delete(self) -> DeletionReceipt:
        """Deletes the account and all of its data; this cannot be undone."""
        return await self._transport.request(DeletionReceipt, "account.delete")


class Names:
    """The personal dictionary: names that transcription expects."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self) -> NameList:
        """The names, and names suggested from corrected transcripts."""
        return await self._transport.request(NameList, "names.get")

    async def change(
        self, *, add: Sequence[str] = (), remove: Sequence[str] = (), decline: Sequence[str] = ()
    ) -> NameList:
        """Adds and removes names; declined suggestions are not offered again."""
        body = {"add": add, "remove": remove, "decline": decline}
        return await self._transport.request(NameList, "names.change", body=body)


class Keys:
    """API keys, for servers that act as the user."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create(self, name: str, scopes: Sequence[Scope | str], *, days: int | None = None) -> KeySecret:
        """Creates a key and returns its secret, once; it is valid for `days` days, or until revoked."""
        body = without_none(name=name, scopes=scopes, days=days)
        return await self._transport.request(KeySecret, "keys.create", body=body)

    async def list(self) -> tuple[KeyView, ...]:
        """Lists all keys, without their secrets."""
        return (await self._transport.request(KeyList, "keys.list")).keys

    async def rotate(self, key_id: str, *, grace_hours: int | None = None) -> KeySecret:
        """Issues a new secret; the old one stays valid for `grace_hours` (None: 24)."""
        return await self._transport.request(
            KeySecret, "keys.rotate", key_id, body=without_none(grace_hours=grace_hours)
        )

    async def revoke(self, key_id: str) -> None:
        """Revokes a key with immediate effect."""
        await self._transport.call("keys.revoke", key_id)
