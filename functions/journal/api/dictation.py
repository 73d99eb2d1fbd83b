"""Where live dictation answers: it is a service of its own, and clients ask the journal for its address."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from functions.shared.errors import NotFound
from functions.shared.web.origins import host_name
from functions.shared.web.routing import Call, Reply, Route

DictationUrl = Callable[[str], str]
"""Where to dictate, for whoever knows the journal's machine by that name; empty: nowhere."""


class DictationAddress(msgspec.Struct, frozen=True):
    """A WebSocket's address."""

    url: str


def routes(where: DictationUrl) -> Sequence[Route]:
    """`GET /v1/dictation/address`."""

    def address(call: Call[None]) -> Reply:
        if not (url := where(host_name(call.request.host))):
            raise NotFound("there is no live dictation here", code="dictation_unavailable")
        return Reply(body=DictationAddress(url))

    return [
        Route(
            method="GET",
            path="/v1/dictation/address",
            handler=address,
            summary="Where to dictate live",
            description="A WebSocket that takes audio and answers with text and emotions while it is spoken.",
            tag="Dictation",
            replies={200: DictationAddress},
            problems={"dictation_unavailable": 404},
        )
    ]
