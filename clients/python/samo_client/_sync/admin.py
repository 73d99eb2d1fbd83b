# Written by `python -m clients.generate` from the module of this name in _async.
"""What operators may do, and see of others: numbers, never words."""

from __future__ import annotations

from samo_client._sync.transport import Transport
from samo_client.schema import AccountSummary, DeletionReceipt, RevokedKeys


class Admin:
    """Other users' accounts, by their ids."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, uid: str) -> AccountSummary:
        """How much there is of an account, and whether it stands."""
        return self._transport.ask(AccountSummary, "admin.get", uid)

    def delete(self, uid: str) -> DeletionReceipt:
        """Delete an account and everything in it, as its user asked; this cannot be undone."""
        return self._transport.ask(DeletionReceipt, "admin.delete", uid)

    def revoke_keys(self, uid: str) -> RevokedKeys:
        """Make every API key of an account worthless."""
        return self._transport.ask(RevokedKeys, "admin.revoke_keys", uid)
