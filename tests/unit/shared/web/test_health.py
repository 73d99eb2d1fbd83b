"""The health and metrics routes."""

from __future__ import annotations

from functions.shared.runtime.settings import Settings
from functions.shared.web import health
from functions.shared.web.app import create_app


def test_metrics_are_counted_by_route_and_readable_on_this_machine_only() -> None:
    client = create_app(health.routes(), Settings()).test_client()
    client.get("/health")

    response = client.get("/metrics")
    assert response.status_code == 200
    assert 'route="GET /health"' in response.text
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 403
    elsewhere = client.get("/metrics", environ_overrides={"REMOTE_ADDR": "169.254.1.1"})
    assert (elsewhere.status_code, elsewhere.get_json(force=True)["code"]) == (403, "forbidden_peer")
