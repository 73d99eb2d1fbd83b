"""DeadLetters on Pub/Sub, through a pull subscription reserved for it.

The attributes of a forwarded message: https://cloud.google.com/pubsub/docs/handling-failures
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from functions.shared.backends.gcp import errors, pubsub
from functions.shared.backends.gcp.documents import to_utc
from functions.shared.backends.gcp.errors import retry, translated
from functions.shared.backends.gcp.event_bus import PubSubEventBus
from functions.shared.backends.gcp.names import AUDIO_TOPIC, INSPECTION, TOPIC_OF
from functions.shared.domain.entries import Event
from functions.shared.errors import InvalidRequest, NotFound
from functions.shared.pipeline import cloud_events
from functions.shared.ports import DeadLetter

CALL_S = 10.0
PATIENCE_S = 30.0
_SOURCE = "CloudPubSubDeadLetterSourceSubscription"
_ATTEMPTS = "CloudPubSubDeadLetterSourceDeliveryCount"


class PubSubDeadLetters:
    """Leases the letters it pulls until it acknowledges or releases them, or the lease expires."""

    def __init__(
        self, project: str, bus: PubSubEventBus, *, wait_s: float = 5.0, patience_s: float = PATIENCE_S
    ) -> None:
        self._bus = bus
        self._path = pubsub.subscription_path(project, INSPECTION)
        self._resource = errors.subscription(INSPECTION, project)
        self._wait_s = wait_s
        self._patience_s = patience_s
        self._leased: dict[str, Any] = {}

    def pull(self, limit: int) -> list[DeadLetter]:
        letters: dict[str, DeadLetter] = {}
        while len(letters) < limit and (pulled := self._pull(limit - len(letters))):
            for received in pulled:
                self._leased[received.message.message_id] = received
                letters[received.message.message_id] = _letter(received.message)
        return list(letters.values())

    def release(self, letters: Iterable[DeadLetter]) -> None:
        leased = [self._leased.pop(letter.letter_id) for letter in letters if self._is_leased(letter)]
        if leased:
            self._call(
                "modify_ack_deadline",
                ack_ids=[received.ack_id for received in leased],
                ack_deadline_seconds=0,
            )

    def acknowledge(self, letter: DeadLetter) -> None:
        self._call("acknowledge", ack_ids=[self._require_lease(letter).ack_id])
        del self._leased[letter.letter_id]

    def redeliver(self, letter: DeadLetter) -> None:
        message = self._require_lease(letter).message
        self._bus.send(_topic_of(letter), message.data, _original_attributes(message.attributes))

    def _pull(self, limit: int) -> list[Any]:
        from google.api_core.exceptions import DeadlineExceeded

        def pull() -> list[Any]:
            try:
                response = self._client.pull(
                    request={"subscription": self._path, "max_messages": limit},
                    retry=None,
                    timeout=self._wait_s,
                )
            except DeadlineExceeded:
                return []
            return list(response.received_messages)

        return retry(pull, self._resource, seconds=self._patience_s)

    def _call(self, method: str, **request: object) -> None:
        request["subscription"] = self._path
        retry(
            lambda: getattr(self._client, method)(request=request, retry=None, timeout=CALL_S),
            self._resource,
            seconds=self._patience_s,
        )

    def _is_leased(self, letter: DeadLetter) -> bool:
        return letter.letter_id in self._leased

    def _require_lease(self, letter: DeadLetter) -> Any:
        if not self._is_leased(letter):
            raise NotFound("this dead letter is not leased here", code="dead_letter_gone")
        return self._leased[letter.letter_id]

    @cached_property
    def _client(self) -> Any:
        with translated(self._resource):
            return pubsub.subscriber()


def _letter(message: Any) -> DeadLetter:
    attributes: Mapping[str, str] = message.attributes
    return DeadLetter(
        letter_id=message.message_id,
        type=attributes.get("ce-type") or attributes.get("eventType", "unknown"),
        event=_event(attributes.get("ce-type", ""), message.data),
        subscription=attributes.get(_SOURCE, "unknown"),
        attempts=int(attributes.get(_ATTEMPTS, "0")),
        died_at=to_utc(message.publish_time),
    )


def _event(type_: str, data: bytes) -> Event | None:
    try:
        return cloud_events.parse(type_, data)
    except InvalidRequest:
        return None


def _topic_of(letter: DeadLetter) -> str:
    return AUDIO_TOPIC if letter.event is None else TOPIC_OF[letter.event.type]


def _original_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes without those that Pub/Sub added when it forwarded the message."""
    return {
        name: value
        for name, value in attributes.items()
        if not name.startswith("CloudPubSubDeadLetterSource")
    }
