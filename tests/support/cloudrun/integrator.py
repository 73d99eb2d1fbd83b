"""A webhook receiver that verifies signatures with the Standard Webhooks library."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from functions.shared.domain import events
from functions.shared.domain.entries import EntryKey, EventType
from tests.support.cloudrun.front import Request, Response


class Integrator:
    """`messages` holds each message by its id; `deliveries` counts how often each arrived."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._webhook = Webhook(secret)
        self._changed = threading.Condition()
        self.messages: dict[str, dict[str, Any]] = {}
        self.deliveries: Counter[str] = Counter()
        self.refused = 0

    def take(self, request: Request) -> Response:
        """Accepts a webhook with a valid signature."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            message = self._webhook.verify(request.body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return Response(400)
        with self._changed:
            self.messages.setdefault(headers["webhook-id"], message)
            self.deliveries[headers["webhook-id"]] += 1
            self._changed.notify_all()
        return Response(204)

    def await_webhook(self, key: EntryKey, revision: int, seconds: float = 120.0) -> bool:
        """Waits for the webhook of a revision; False if it does not arrive."""
        message_id = webhook_id(key, revision)
        with self._changed:
            return self._changed.wait_for(lambda: message_id in self.messages, seconds)


def webhook_id(key: EntryKey, revision: int) -> str:
    return events.event_id(events.make_event(EventType.SUMMARIZED, key, revision))
