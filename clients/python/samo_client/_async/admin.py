"""What operators may do, and see of others: numbers, never words."""

from __future__ import annotations

from samo_client._async.transport import Transport
from samo_client.schema import AccountSummary, DeletionReceipt, RevokedKeys


class Admin:
    """Other users' accounts, by their ids."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get(self, uid: str) -> AccountSummary:
        """How much there is of an account, and whether it stands."""
        return await self._transport.ask(AccountSummary, "admin.get", uid)

    async def delete(self, uid: str) -> DeletionReceipt:
        """Delete an account and everything in it, as its user asked; this cannot be undone."""
        return await self._transport.ask(DeletionReceipt, "admin.delete", uid)

    async def revoke_keys(self, uid: str) -> RevokedKeys:
        """Make every API key of an account worthless."""
        return await self._transport.ask(RevokedKeys, "admin.revoke_keys", uid)
