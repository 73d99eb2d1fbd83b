"""Pub/Sub's generated clients, without the layer that batches in background threads.

Callers wait until each message is accepted, so there is nothing to batch.
"""

from __future__ import annotations

import os
from typing import Any

EMULATOR = "PUBSUB_EMULATOR_HOST"


def publisher() -> Any:
    """A `google.pubsub_v1.PublisherClient`, connected to the emulator if one is set."""
    from google.pubsub_v1.services.publisher import PublisherClient
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

    if host := os.environ.get(EMULATOR):
        return PublisherClient(transport=PublisherGrpcTransport(channel=_insecure(host)))
    return PublisherClient()


def subscriber() -> Any:
    """A `google.pubsub_v1.SubscriberClient`, connected to the emulator if one is set."""
    from google.pubsub_v1.services.subscriber import SubscriberClient
    from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

    if host := os.environ.get(EMULATOR):
        return SubscriberClient(transport=SubscriberGrpcTransport(channel=_insecure(host)))
    return SubscriberClient()


def topic_path(project: str, topic: str) -> str:
    return f"projects/{project}/topics/{topic}"


def subscription_path(project: str, subscription: str) -> str:
    return f"projects/{project}/subscriptions/{subscription}"


def _insecure(host: str) -> Any:
    import grpc

    return grpc.insecure_channel(host)
