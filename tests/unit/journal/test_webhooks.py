"""Webhooks, verified with the library an integrator would use."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from functions.journal.integrations import webhooks
from functions.journal.integrations.webhooks import Webhooks
from functions.shared.backends.local.backend import LocalBackend
from functions.shared.domain import events
from functions.shared.domain.changes import Write
from functions.shared.domain.entries import Entry, EntryKey, Event, EventType
from functions.shared.errors import ConfigurationError, TemporaryError
from functions.shared.runtime.settings import Settings
from tests.support import listener as listeners
from tests.support.laptop import Client
from tests.support.listener import Listener, Received

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
KEY = EntryKey("ada", "e")


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listeners.listening() as listening:
        yield listening


@pytest.fixture
def backend(tmp_path: Path) -> LocalBackend:
    return LocalBackend(Settings(data_dir=str(tmp_path)))


@pytest.fixture
def client(backend: LocalBackend) -> Client:
    return Client(backend.ports, Settings())


@pytest.fixture
def hooks(backend: LocalBackend, listener: Listener) -> Webhooks:
    configured = {"coach": {"url": f"{listener.address}/samo", "secret": SECRET}}
    return Webhooks(backend.store, json.dumps(configured))


def summarized(revision: int = 1) -> Event:
    return events.make_event(EventType.SUMMARIZED, KEY, revision)


def verified(received: Received) -> object:
    return Verifier(SECRET).verify(received.body, dict(received.headers))


def test_a_webhook_names_the_entry_and_is_signed(hooks: Webhooks, client: Client, listener: Listener) -> None:
    client.write("e", "a secret only the diary knows")
    hooks.deliver("coach", summarized())

    (received,) = listener.received
    assert received.path == "/samo"
    message = verified(received)
    assert isinstance(message, dict)
    assert message["type"] == "samo.entry.summarized.v1"
    assert message["data"] == {"uid": "ada", "entry_id": "e", "revision": 1, "status": "processing"}
    assert b"secret" not in received.body


def test_a_webhook_does_not_tell_that_an_entry_has_a_support_note(
    hooks: Webhooks, client: Client, backend: LocalBackend, listener: Listener
) -> None:
    key = client.write("e", "words")
    hooks.deliver("coach", summarized())

    def find(entry: Entry | None, now: datetime) -> tuple[Write, None]:
        assert entry is not None
        return Write(entry=msgspec.structs.replace(entry, support=True)), None

    backend.store.transact(key, find)
    hooks.deliver("coach", summarized())
    without, told = (json.loads(received.body) for received in listener.received)
    assert told["data"] == without["data"]
    assert set(told) == set(without)


def test_a_changed_body_does_not_verify(hooks: Webhooks, client: Client, listener: Listener) -> None:
    client.write("e", "words")
    hooks.deliver("coach", summarized())
    (received,) = listener.received

    changed = msgspec.structs.replace(received, body=received.body.replace(b'"e"', b'"f"'))
    with pytest.raises(WebhookVerificationError):
        verified(changed)


def test_a_repeated_webhook_has_the_same_id(hooks: Webhooks, client: Client, listener: Listener) -> None:
    client.write("e", "words")
    for _ in range(2):
        hooks.deliver("coach", summarized())

    first, second = listener.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == events.event_id(summarized())


@pytest.mark.parametrize("status", [302, 307, 308, 400, 401, 429, 500, 503])
def test_a_rejected_webhook_is_sent_again(
    hooks: Webhooks, client: Client, listener: Listener, status: int
) -> None:
    client.write("e", "words")
    listener.answers = [status]
    with pytest.raises(TemporaryError) as raised:
        hooks.deliver("coach", summarized())
    assert raised.value.code == "webhook_failed"
    assert len(listener.received) == 1, "a redirect is not followed"

    hooks.deliver("coach", summarized())
    assert len(listener.received) == 2


def test_a_webhook_to_an_unreachable_integrator_is_sent_again(
    backend: LocalBackend, client: Client, refusing: str
) -> None:
    client.write("e", "words")
    configured = {"coach": {"url": f"http://{refusing}/", "secret": SECRET}}
    with pytest.raises(TemporaryError):
        Webhooks(backend.store, json.dumps(configured)).deliver("coach", summarized())


def test_status_410_is_not_retried(hooks: Webhooks, client: Client, listener: Listener) -> None:
    client.write("e", "words")
    listener.answers = [410]
    hooks.deliver("coach", summarized())

    assert len(listener.received) == 1


def test_deleted_and_superseded_entries_cause_no_webhook(
    hooks: Webhooks, client: Client, listener: Listener
) -> None:
    hooks.deliver("coach", summarized())
    client.write("e", "words")
    client.edit(KEY, "other words")
    hooks.deliver("coach", summarized(revision=1))
    client.delete(KEY)
    hooks.deliver("coach", summarized(revision=2))

    assert listener.received == []


def test_the_secret_is_never_logged(
    hooks: Webhooks, client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("samo"), "propagate", True)
    client.write("e", "words")
    with caplog.at_level(logging.DEBUG):
        hooks.deliver("coach", summarized())

    assert "webhook" in [record.message for record in caplog.records]
    assert SECRET not in "".join(str(record.__dict__) for record in caplog.records)


@pytest.mark.parametrize(
    "configured",
    [
        "not json",
        '{"coach": "https://coach.example"}',
        '{"coach": {"url": "https://coach.example"}}',
        '{"coach": {"url": "https://coach.example", "secret": "short"}}',
        '{"coach": {"url": "https://coach.example", "secret": "***"}}',
        json.dumps({"coach": {"url": "http://coach.example/", "secret": SECRET}}),
        json.dumps({"coach": {"url": "file:///etc/passwd", "secret": SECRET}}),
    ],
)
def test_invalid_settings_are_rejected(configured: str) -> None:
    with pytest.raises(ConfigurationError):
        webhooks.parse(configured)


def test_an_unknown_integrator_is_an_error(hooks: Webhooks) -> None:
    with pytest.raises(ConfigurationError):
        hooks.deliver("nobody", summarized())
