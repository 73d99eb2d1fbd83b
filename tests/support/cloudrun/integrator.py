"""An integrator's server: it verifies each webhook with the standard's own library, and keeps it."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from functions.shared.domain import events
from functions.shared.domain.entries import EntryKey, EventType
from tests.support.cloudrun.front import Answer, Request


class Integrator:
    """`told` holds each message once, by its id; `deliveries` how often each came."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._webhook = Webhook(secret)
        self._changed = threading.Condition()
        self.told: dict[str, dict[str, Any]] = {}
        self.deliveries: Counter[str] = Counter()
        self.refused = 0

    def take(self, request: Request) -> Answer:
        """Accept a webhook whose signature is good."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            message = self._webhook.verify(request.body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return Answer(400)
        with self._changed:
            self.told.setdefault(headers["webhook-id"], message)
            self.deliveries[headers["webhook-id"]] += 1
            self._changed.notify_all()
        return Answer(204)

    def await_told(self, key: EntryKey, revision: int, seconds: float = 120.0) -> bool:
        """Wait until this revision's insight has been announced; False if it never was."""
        message_id = webhook_id(key, revision)
        with self._changed:
            return self._changed.wait_for(lambda: message_id in self.told, seconds)


def webhook_id(key: EntryKey, revision: int) -> str:
    return events.event_id(events.make_event(EventType.SUMMARIZED, key, revision))
