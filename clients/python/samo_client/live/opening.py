"""A dictation's session, if what it needs is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from samo_client.live.session import Session


def sessions() -> type[Session]:
    """What dictations are made of.

    Raises:
        ModuleNotFoundError: websockets is not installed.
    """
    try:
        from samo_client.live.session import Session
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("websockets"):
            raise
        raise ModuleNotFoundError(
            "live dictation needs websockets: pip install 'samo-client[dictation]'", name=error.name
        ) from error
    return Session
