"""The buses with their consuming sides."""

from __future__ import annotations

from typing import Any

from functions.shared import events
from functions.shared.gcp.bus import PubSubEventBus
from functions.shared.gcp.dead_letters import PubSubDeadLetters
from functions.shared.local.bus import RetryPolicy, SqliteEventBus
from functions.shared.local.dead_letters import SqliteDeadLetters
from tests.contract.harness import BusHarness, Handler, Harness, Place
from tests.support.cloud import Cloud, Policy

_SUBSCRIPTIONS = ("transcription", "emotion", "summarization", "webhook-listener")


class SqliteBus(BusHarness):
    """The laptop's queue, its backoff passing in no time."""

    def __init__(self, place: Place) -> None:
        self._now = 0.0
        self._queue = SqliteEventBus(
            place.folder / "queue.db", policy=RetryPolicy(max_attempts=5), clock=lambda: self._now
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


class PubSubBus(BusHarness):
    """Every topic of events with one subscription, pulled from; what is refused comes again at once."""

    def __init__(self, place: Place) -> None:
        self._cloud: Cloud = place.cloud()
        self._cloud.set_up(webhooks=("listener",), policy=Policy(backoff=None, max_attempts=5))
        self.bus = PubSubEventBus(self._cloud.project)
        self.letters = PubSubDeadLetters(self._cloud.project, self.bus, wait_s=1.0)

    def deliver(self, handler: Handler) -> None:
        busy = True
        while busy:
            delivered = [self._deliver(name, handler) for name in _SUBSCRIPTIONS]
            busy = any(delivered)

    def _deliver(self, subscription: str, handler: Handler) -> bool:
        received = self._cloud.pull(subscription)
        for each in received:
            self._deliver_one(subscription, each, handler)
        return bool(received)

    def _deliver_one(self, subscription: str, received: Any, handler: Handler) -> None:
        message = received.message
        assert message.attributes["content-type"] == "application/json"
        try:
            handler(events.parse(message.attributes["ce-type"], message.data))
        except Exception:
            self._cloud.refuse(subscription, received.ack_id)
        else:
            self._cloud.acknowledge(subscription, received.ack_id)


BUSES: dict[str, Harness[BusHarness]] = {"sqlite": SqliteBus, "pubsub": PubSubBus}
