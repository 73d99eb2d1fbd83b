"""Loads the dictation session, whose dependency is optional."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from samo_client.live.session import Session


def session_class() -> type[Session]:
    """Returns the `Session` class.

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
