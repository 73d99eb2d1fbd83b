"""Event buses together with their consumers."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from functions.shared.backends.gcp.dead_letters import PubSubDeadLetters
from functions.shared.backends.gcp.event_bus import PubSubEventBus
from functions.shared.backends.local.dead_letters import SqliteDeadLetters
from functions.shared.backends.local.event_bus import RetryPolicy, SqliteEventBus
from functions.shared.pipeline import cloud_events
from tests.contract.harness import BusHarness, Handler, Harness, Place
from tests.support.cloud import Cloud, Policy

MAX_ATTEMPTS = 5
QUIET_S = 0.3
"""A subscription is empty once it delivers nothing for this long."""
_SUBSCRIPTIONS = ("transcription", "emotion", "summarization", "webhook-listener")


class SqliteBus(BusHarness):
    """The local queue, on a clock that skips the backoff."""

    def __init__(self, place: Place) -> None:
        self._now = 0.0
        self._queue = SqliteEventBus(
            place.folder / "queue.db", policy=RetryPolicy(max_attempts=MAX_ATTEMPTS), clock=lambda: self._now
        )
        self.bus = self._queue
        self.letters = SqliteDeadLetters(self._queue, clock=lambda: self._now)

    def deliver(self, handler: Handler) -> None:
        while (wait := self._queue.seconds_until_next()) is not None:
            self._now += wait
            self._deliver_one(handler)

    def _deliver_one(self, handler: Handler) -> None:
        delivery = self._queue.receive()
        assert delivery is not None
        try:
            handler(delivery.event)
        except Exception:
            if self._queue.reject(delivery):
                self._queue.bury(delivery)
        else:
            self._queue.acknowledge(delivery)


class CountingBus(PubSubEventBus):
    """Counts the messages it has sent."""

    sent = 0

    def send(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        super().send(topic, data, attributes)
        self.sent += 1


class PubSubBus(BusHarness):
    """One pull subscription per topic; rejected messages are delivered again at once."""

    def __init__(self, place: Place) -> None:
        self._cloud: Cloud = place.cloud()
        self._cloud.set_up(webhooks=("listener",), policy=Policy(backoff=None, max_attempts=MAX_ATTEMPTS))
        self.bus = self._counting = CountingBus(self._cloud.project)
        self.letters = PubSubDeadLetters(self._cloud.project, self._counting, wait_s=1.0)
        self._settled = 0

    def deliver(self, handler: Handler) -> None:
        """Pull until every message is settled and one more round finds none."""
        while self._settled < self._counting.sent or self._round(handler):
            self._round(handler)

    def _round(self, handler: Handler) -> int:
        with ThreadPoolExecutor(len(_SUBSCRIPTIONS)) as pool:
            pulled = pool.map(partial(self._cloud.pull, wait_s=QUIET_S), _SUBSCRIPTIONS)
            received = [
                (name, message)
                for name, messages in zip(_SUBSCRIPTIONS, pulled, strict=True)
                for message in messages
            ]
        for name, message in received:
            self._deliver(name, message, handler)
        return len(received)

    def _deliver(self, subscription: str, received: Any, handler: Handler) -> None:
        message = received.message
        assert message.attributes["content-type"] == "application/json"
        try:
            handler(cloud_events.parse(message.attributes["ce-type"], message.data))
        except Exception:
            self._cloud.refuse(subscription, received.ack_id)
            self._settled += received.delivery_attempt == MAX_ATTEMPTS
        else:
            self._cloud.acknowledge(subscription, received.ack_id)
            self._settled += 1


BUSES: dict[str, Harness[BusHarness]] = {"sqlite": SqliteBus, "pubsub": PubSubBus}
