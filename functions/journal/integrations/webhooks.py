"""Webhooks: notify integrators that an entry has its insight, which they fetch with their own token.

Messages are signed as https://www.standardwebhooks.com/ specifies (HMAC-SHA256 over ID, timestamp and body),
so its libraries can verify them. A message's ID is the event's ID, so integrators can detect repeats. Each
integrator has its own push subscription, so Pub/Sub retries each of them separately.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlsplit

import msgspec

from functions.shared.access.identity import LOOPBACK
from functions.shared.domain import events
from functions.shared.domain.entries import Entry, Event
from functions.shared.errors import ConfigurationError, TemporaryError
from functions.shared.observability import logs
from functions.shared.ports import EntryStore

TIMEOUT_S = 15
_PREFIX = "whsec_"
_GONE = 410


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An integrator's endpoint. `secret` is `whsec_` followed by at least 24 bytes in base64."""

    url: str
    secret: str

    def key(self) -> bytes:
        """The signing key. Raises ConfigurationError if the secret is malformed."""
        try:
            key = base64.b64decode(self.secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error as error:
            raise ConfigurationError("a webhook's secret is not base64") from error
        if len(key) < 24:
            raise ConfigurationError("a webhook's secret has fewer than 24 bytes")
        return key


class _EntryReference(msgspec.Struct, frozen=True):
    uid: str
    entry_id: str
    revision: int
    status: str


class _Message(msgspec.Struct, frozen=True):
    type: str
    timestamp: str
    data: _EntryReference


class Webhooks:
    """Delivers events to the integrators in SAMO_WEBHOOKS."""

    def __init__(self, store: EntryStore, configured: str) -> None:
        self._store = store
        self._configured = configured

    def deliver(self, name: str, event: Event) -> None:
        """Send an event to one integrator, unless its entry has been deleted or edited since.

        Raises:
            ConfigurationError: no integrator has this name.
            TemporaryError: `webhook_failed`, the integrator did not accept it.
        """
        webhook = self._hooks.get(name)
        if webhook is None:
            raise ConfigurationError(f"no webhook is named {name}")
        entry = self._store.get(event.key)
        if entry is None or entry.deleted_at is not None or entry.revision != event.revision:
            logs.event("webhook", name=name, outcome="superseded", entry=event.entry_id)
            return
        outcome = _send(webhook, event, entry)
        logs.event("webhook", name=name, outcome=outcome, entry=event.entry_id)
        if outcome == "failed":
            raise TemporaryError("the integrator did not accept the message", code="webhook_failed")

    @cached_property
    def _hooks(self) -> Mapping[str, Webhook]:
        return parse(self._configured)


def parse(configured: str) -> Mapping[str, Webhook]:
    """Parse SAMO_WEBHOOKS: webhooks by name.

    Raises:
        ConfigurationError: it is not valid JSON of this form, a URL is not https, or a secret is malformed.
    """
    try:
        hooks = msgspec.json.decode(configured or "{}", type=dict[str, Webhook])
    except msgspec.MsgspecError as error:
        raise ConfigurationError(
            "SAMO_WEBHOOKS is not a JSON object of the form {name: {url, secret}}"
        ) from error
    for name, hook in hooks.items():
        url = urlsplit(hook.url)
        if url.scheme != "https" and url.hostname not in LOOPBACK:
            raise ConfigurationError(f"webhook {name}: the URL must be https")
        hook.key()
    return hooks


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header: `v1,` and the HMAC-SHA256 in base64."""
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _send(webhook: Webhook, event: Event, entry: Entry) -> str:
    """Returns `accepted`, `gone` (410: it wants no more messages) or `failed`. Redirects are not followed."""
    import requests

    reference = _EntryReference(event.uid, event.entry_id, event.revision, entry.status)
    body = msgspec.json.encode(_Message(event.type, entry.updated_at.isoformat(), reference))
    timestamp = int(time.time())
    message_id = events.event_id(event)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(webhook.key(), message_id, timestamp, body),
    }
    try:
        response = requests.post(
            webhook.url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
    except requests.RequestException:
        return "failed"
    if response.status_code == _GONE:
        return "gone"
    return "accepted" if response.ok and not response.is_redirect else "failed"
