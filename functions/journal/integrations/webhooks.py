"""Webhooks: integrators are told that an entry has its insight; they fetch it with a token of their own.

Signed as https://www.standardwebhooks.com/ specifies (HMAC-SHA256 over id, time and body), so that its
libraries verify them. The id is the event's own, so a repeat can be told. One push subscription an
integrator: Pub/Sub retries each of them apart from the others.
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
    """Whom to tell. `secret`: `whsec_` and at least 24 bytes in base64."""

    url: str
    secret: str

    def key(self) -> bytes:
        """Raises ConfigurationError."""
        try:
            key = base64.b64decode(self.secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error as error:
            raise ConfigurationError("a webhook's secret is not base64") from error
        if len(key) < 24:
            raise ConfigurationError("a webhook's secret has less than 24 bytes")
        return key


class _Told(msgspec.Struct, frozen=True):
    uid: str
    entry_id: str
    revision: int
    status: str


class _Message(msgspec.Struct, frozen=True):
    type: str
    timestamp: str
    data: _Told


class Webhooks:
    """The integrators of the settings, by name."""

    def __init__(self, store: EntryStore, configured: str) -> None:
        self._store = store
        self._configured = configured

    def tell(self, name: str, event: Event) -> None:
        """Tell one integrator of an event, unless its entry is gone or has changed since.

        Raises:
            ConfigurationError: no integrator has this name.
            TemporaryError: `webhook_failed`, it did not accept.
        """
        webhook = self._hooks.get(name)
        if webhook is None:
            raise ConfigurationError(f"no webhook is called {name}")
        entry = self._store.get(event.key)
        if entry is None or entry.deleted_at is not None or entry.revision != event.revision:
            logs.event("webhook", name=name, outcome="superseded", entry=event.entry_id)
            return
        outcome = _send(webhook, event, entry)
        logs.event("webhook", name=name, outcome=outcome, entry=event.entry_id)
        if outcome == "failed":
            raise TemporaryError("the integrator did not accept", code="webhook_failed")

    @cached_property
    def _hooks(self) -> Mapping[str, Webhook]:
        return parse(self._configured)


def parse(configured: str) -> Mapping[str, Webhook]:
    """The setting SAMO_WEBHOOKS.

    Raises:
        ConfigurationError: it is not JSON of that form, an address is not https, a secret is too short.
    """
    try:
        hooks = msgspec.json.decode(configured or "{}", type=dict[str, Webhook])
    except msgspec.MsgspecError as error:
        raise ConfigurationError("SAMO_WEBHOOKS is not JSON: name → {url, secret}") from error
    for name, hook in hooks.items():
        address = urlsplit(hook.url)
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ConfigurationError(f"webhook {name}: the address must be https")
        hook.key()
    return hooks


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature header: `v1,` and the HMAC-SHA256 in base64."""
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def _send(webhook: Webhook, event: Event, entry: Entry) -> str:
    """`accepted`, `gone` (410: it wants no more) or `failed`. Redirects are not followed."""
    import requests

    told = _Told(event.uid, event.entry_id, event.revision, entry.status)
    body = msgspec.json.encode(_Message(event.type, entry.updated_at.isoformat(), told))
    timestamp = int(time.time())
    message_id = events.event_id(event)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(webhook.key(), message_id, timestamp, body),
    }
    try:
        answer = requests.post(
            webhook.url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
    except requests.RequestException:
        return "failed"
    if answer.status_code == _GONE:
        return "gone"
    return "accepted" if answer.ok and not answer.is_redirect else "failed"
