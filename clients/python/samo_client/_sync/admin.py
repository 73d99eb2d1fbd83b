# Written by `python -m clients.generate` from the module of this name in _async.
"""Operations for administrators, who see counts but never journal text."""

from __future__ import annotations

from samo_client._sync.transport import Transport
from samo_client.schema import AccountSummary, DeletionReceipt, RevokedKeys


class Admin:
    """Administers users' accounts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, uid: str) -> AccountSummary:
        """The state of an account and counts of what it holds."""
        return self._transport.request(AccountSummary, "admin.get", uid)

    def delete(self, uid: str) -> DeletionReceipt:
        """Deletes an account and all of its data at the user's request; this cannot be undone."""
        return self._transport.request(DeletionReceipt, "admin.delete", uid)

    def revoke_keys(self, uid: str) -> RevokedKeys:
        """Revokes all API keys of an account."""
        return self._transport.request(RevokedKeys, "admin.revoke_keys", uid)
