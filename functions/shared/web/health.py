"""`GET /health` and `GET /metrics`, which every service has."""

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
    return Route(
        method="GET",
        path="/health",
        handler=lambda _: Reply(body={"status": "ok"}),
        summary="Check that this instance responds",
        tag="Service",
        replies={200: None},
        documented=False,
        requires=Requirement(public=True),
    )


def _metrics() -> Route:
    """Prometheus text, for this machine only (a sidecar)."""

    def handler(call: Call[None]) -> Reply:
        forwarded = call.request.headers.get("X-Forwarded-For")
        if call.request.remote_addr not in LOOPBACK or forwarded:
            raise Forbidden("metrics can only be read from this machine", code="forbidden_peer")
        text, media_type = metrics.exposition()
        return Reply(body=text, media_type=media_type)

    return Route(
        method="GET",
        path="/metrics",
        handler=handler,
        summary="Read this instance's Prometheus metrics",
        tag="Service",
        replies={200: None},
        documented=False,
        requires=Requirement(public=True),
    )
