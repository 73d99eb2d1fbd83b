"""Delivery of dictations while the journal accepts, rejects or cannot be reached."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from werkzeug.wrappers import Request

from functions.dictation import delivery
from functions.dictation.delivery import EntryDelivery, HttpDelivery, Recording
from functions.dictation.spool import DictationMetadata
from functions.shared.errors import Forbidden, InvalidRequest, SamoError, TemporaryError, Unauthenticated
from tests.support.listener import Listener, listening

METADATA = DictationMetadata(
    dictation_id="d1", uid="ada", recorded_at=datetime(2026, 3, 1, 8, tzinfo=UTC), timezone="Europe/Zurich"
)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "d1.m4a"
    path.write_bytes(b"sound")
    return Recording(metadata=METADATA, path=path, token="her-token")


def test_a_recording_is_posted_with_its_users_token_and_an_idempotency_key(
    listener: Listener, recording: Recording
) -> None:
    with pytest.raises(TemporaryError):
        HttpDelivery(f"{listener.address}/")(recording)
    (request,) = listener.received
    assert (
        request.path == "/v1/entries?recorded_at=2026-03-01T08%3A00%3A00%2B00%3A00&timezone=Europe%2FZurich"
    )
    assert request.body == b"sound"
    assert request.headers["authorization"] == "Bearer her-token"
    assert request.headers["idempotency-key"] == "d1"
    assert request.headers["content-type"] == "audio/mp4"
    assert request.headers["traceparent"].startswith("00-")


def test_what_the_user_saw_is_sent_beside_the_recording_and_not_in_the_address(
    listener: Listener, recording: Recording
) -> None:
    with pytest.raises(TemporaryError):
        HttpDelivery(listener.address)(replace(recording, seen="So glücklich."))
    (request,) = listener.received
    assert "dictated" not in request.path
    sent = Request.from_values(method="POST", data=request.body, content_type=request.headers["content-type"])
    with sent:
        assert sent.form["dictated"] == "So glücklich."
        audio = sent.files["audio"]
        assert (audio.read(), audio.content_type) == (b"sound", "audio/mp4")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, TemporaryError),
        (503, TemporaryError),
        (429, TemporaryError),
        (401, Unauthenticated),
        (403, Forbidden),
        (413, InvalidRequest),
    ],
)
def test_temporary_failures_are_distinguished_from_rejections(
    listener: Listener, recording: Recording, status: int, kind: type[SamoError]
) -> None:
    listener.answers = [status]
    with pytest.raises(SamoError) as raised:
        HttpDelivery(listener.address)(recording)
    assert type(raised.value) is kind


def test_an_unreachable_journal_is_a_temporary_failure(refusing: str, recording: Recording) -> None:
    with pytest.raises(TemporaryError) as raised:
        HttpDelivery(f"http://{refusing}")(recording)
    assert raised.value.code == "journal_unavailable"


class Journal:
    """Raises the given refusals, then accepts everything."""

    def __init__(self, *refusals: SamoError) -> None:
        self.refusals = list(refusals)
        self.tokens: list[str | None] = []

    def __call__(self, recording: Recording) -> str:
        self.tokens.append(recording.token)
        if self.refusals:
            raise self.refusals.pop(0)
        return "e1"


def test_delivery_is_retried_until_it_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_BACKOFF_S", (0.0, 0.0, 0.0))
    journal = Journal(TemporaryError("later"), Forbidden("no"), TemporaryError("later"))
    refusals: list[SamoError | None] = []

    async def scenario() -> str | None:
        entry_delivery = EntryDelivery(journal)
        return await entry_delivery(METADATA, Path("x"), lambda: refusals.append(entry_delivery.refusal))

    assert asyncio.run(scenario()) == "e1"
    assert [raised and raised.status for raised in refusals] == [None, 403, None]


def test_a_fresh_token_is_used_at_once() -> None:
    journal = Journal(Unauthenticated("expired"))

    async def scenario() -> str | None:
        entry_delivery = EntryDelivery(journal)
        return await entry_delivery(METADATA, Path("x"), lambda: entry_delivery.renew_token("fresh"))

    assert asyncio.run(scenario()) == "e1"
    assert journal.tokens == [None, "fresh"]


def test_a_process_that_ends_tries_once_and_logs_that_it_gave_up(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("samo")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "disabled", False)
    caplog.set_level(logging.INFO, "samo")
    journal = Journal(*(TemporaryError("later", code="out") for _ in range(9)))

    async def scenario() -> tuple[str | None, str]:
        entry_delivery = EntryDelivery(journal)
        entry_delivery.close()
        entry_id = await entry_delivery(METADATA, Path("x"), lambda: None)
        entry_delivery.renew_token("too late")
        assert entry_delivery.refusal is not None
        return entry_id, entry_delivery.refusal.code

    assert asyncio.run(scenario()) == (None, "not_delivered")
    assert len(journal.tokens) == 1
    (given_up,) = (record for record in caplog.records if record.message == "dictation given up")
    assert given_up.__dict__["facts"] == {"dictation": "d1", "code": "out"}
