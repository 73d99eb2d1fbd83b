"""Reads a user's personal dictionary for a dictation."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from functions.shared.errors import Forbidden, TemporaryError
from functions.shared.observability import tracing


class Speaker(NamedTuple):
    """Who dictates, and their token."""

    uid: str
    token: str | None


LoadNames = Callable[[Speaker], Sequence[str]]
"""Returns the names in a speaker's dictionary; raises SamoError."""


def no_names(_: Speaker) -> Sequence[str]:
    return ()


_TIMEOUT_S = 5.0


class _Names(msgspec.Struct):
    names: tuple[str, ...]


class HttpNames:
    """Reads names from the journal's API with their user's token, as dictation reaches no journal itself."""

    def __init__(self, journal_url: str) -> None:
        self._url = f"{journal_url.rstrip('/')}/v1/names"

    def __call__(self, speaker: Speaker) -> Sequence[str]:
        headers = {"traceparent": tracing.traceparent()}
        if speaker.token:
            headers["Authorization"] = f"Bearer {speaker.token}"
        request = urllib.request.Request(self._url, headers=headers)  # noqa: S310 - the operator's setting
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310
                return msgspec.json.decode(response.read(), type=_Names).names
        except urllib.error.HTTPError as error:
            with error:
                raise Forbidden("the journal refuses the dictionary", code="names_refused") from error
        except (OSError, msgspec.MsgspecError) as error:
            raise TemporaryError("the journal cannot be reached", code="journal_unavailable") from error
