"""Returns the address of live dictation, which is a separate service."""

from __future__ import annotations

from collections.abc import Sequence

from functions.journal.views.dictation import DictationAddress, DictationUrl
from functions.shared.access.authorization import Requirement
from functions.shared.domain.records import Scope
from functions.shared.errors import NotFound
from functions.shared.web.origins import host_name
from functions.shared.web.routing import Call, Reply, Route


def routes(dictation_url: DictationUrl) -> Sequence[Route]:
    """`GET /v1/dictation/address`."""

    def address(call: Call[None]) -> Reply:
        if not (url := dictation_url(host_name(call.request.host))):
            raise NotFound("live dictation is not available here", code="dictation_unavailable")
        return Reply(body=DictationAddress(url))

    return [
        Route(
            method="GET",
            path="/v1/dictation/address",
            handler=address,
            summary="Retrieve the address of live dictation",
            description="A WebSocket that receives audio and sends text and emotions while the user speaks.",
            tag="Dictation",
            requires=Requirement(scope=Scope.WRITE),
            replies={200: DictationAddress},
            problems={"dictation_unavailable": 404},
        )
    ]
