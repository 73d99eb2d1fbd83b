"""What stands behind the ports in this process, as the settings say."""

from __future__ import annotations

from functions.shared.ports import Ports
from functions.shared.settings import Settings


def connect(settings: Settings) -> Ports:
    """The ports. One backend so far: `local`, the journal on this machine's disk."""
    from functions.shared.local.backend import LocalBackend

    return LocalBackend(settings).ports
