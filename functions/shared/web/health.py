"""What every instance says of itself, whatever it serves: that it answers, and what it has counted."""

from __future__ import annotations

from collections.abc import Sequence

from functions.shared.access.authorization import Requirement
from functions.shared.access.identity import LOOPBACK
from functions.shared.errors import Forbidden
from functions.shared.observability import metrics
from functions.shared.web.routing import Call, Reply, Route


def routes() -> Sequence[Route]:
    return [_health(), _metrics()]


def _health() -> Route:
    """`GET /health`: this instance answers."""
    return Route(
        method="GET",
        path="/health",
        handler=lambda _: Reply(body={"status": "ok"}),
        summary="This instance answers",
        tag="Service",
        replies={200: None},
        documented=False,
        requires=Requirement(public=True),
    )


def _metrics() -> Route:
    """`GET /metrics`: Prometheus text, to this machine (a sidecar) only."""

    def handler(call: Call[None]) -> Reply:
        forwarded = call.request.headers.get("X-Forwarded-For")
        if call.request.remote_addr not in LOOPBACK or forwarded:
            raise Forbidden("metrics are for this machine only", code="forbidden_peer")
        text, media_type = metrics.exposition()
        return Reply(body=text, media_type=media_type)

    return Route(
        method="GET",
        path="/metrics",
        handler=handler,
        summary="Prometheus metrics of this instance",
        tag="Service",
        replies={200: None},
        documented=False,
        requires=Requirement(public=True),
    )
