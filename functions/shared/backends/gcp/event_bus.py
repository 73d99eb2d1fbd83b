"""EventBus on Pub/Sub: CloudEvents in binary mode, with the context in the message's attributes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from functions.shared.backends.gcp import errors, pubsub
from functions.shared.backends.gcp.errors import retry, translated
from functions.shared.backends.gcp.names import TOPIC_OF
from functions.shared.domain.entries import Event
from functions.shared.pipeline import cloud_events

CALL_S = 10.0
PATIENCE_S = 30.0
"""Timeouts of one call, and of an event with all its retries."""


class PubSubEventBus:
    """Publishes each event to the topic of its type; returns once Pub/Sub has accepted it."""

    def __init__(self, project: str, *, patience_s: float = PATIENCE_S) -> None:
        self._project = project
        self._patience_s = patience_s

    def publish(self, event: Event) -> None:
        self.send(TOPIC_OF[event.type], cloud_events.body(event), cloud_events.attributes(event))

    def delete_all(self, uid: str) -> None:
        """Does nothing: undelivered events will find no entry."""

    def send(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Publish any message as it is, including ones that are not events."""
        resource = errors.topic(topic, self._project)
        message = {"data": data, "attributes": dict(attributes)}
        path = pubsub.topic_path(self._project, topic)
        retry(
            lambda: self._client.publish(topic=path, messages=[message], retry=None, timeout=CALL_S),
            resource,
            seconds=self._patience_s,
        )

    @cached_property
    def _client(self) -> Any:
        with translated(errors.topic("", self._project)):
            return pubsub.publisher()
