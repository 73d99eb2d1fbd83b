"""Who is let in on Google Cloud: a service without the settings to tell does not even start."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from functions.shared.domain import events
from functions.shared.domain.entries import EntryKey, EventType
from functions.shared.pipeline import cloud_events
from tests.support import issuer as issuers
from tests.support.cloudrun.front import Request
from tests.support.cloudrun.instance import COMMAND, ROOT
from tests.support.cloudrun.region import ACCOUNT, CLIENTS, USUAL, Region, public, region
from tests.support.cloudrun.region import events as event_service
from tests.support.emulators import Emulators

pytestmark = [pytest.mark.emulators, pytest.mark.models]
CALLS = {
    "journal": ("GET", "/v1/entries"),
    "transcription": ("POST", "/transcribe"),
    "emotion": ("POST", "/predict"),
    "summarization": ("POST", "/summarize"),
    "journal-events": ("POST", "/reconcile"),
    "transcription-events": ("POST", "/"),
    "emotion-events": ("POST", "/"),
    "summarization-events": ("POST", "/"),
}
PUBLIC = [name for name in CALLS if not name.endswith("-events")]
EVENTS = [name for name in CALLS if name.endswith("-events")]
NOTHING_TO_DO = events.make_event(EventType.TRANSCRIBED, EntryKey("ada", "none"), 1)


@pytest.fixture(scope="module")
def samo(emulators: Emulators) -> Iterator[Region]:
    capabilities = (public(name) for name in PUBLIC if name != "journal")
    with region(emulators, (*USUAL, *capabilities)) as made:
        yield made


@pytest.fixture(scope="module")
def stranger() -> Iterator[issuers.Issuer]:
    with issuers.serving() as made:
        yield made


def status(samo: Region, service: str, token: str | None) -> int:
    method, path = CALLS[service]
    headers = cloud_events.attributes(NOTHING_TO_DO)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = b"" if method == "GET" else cloud_events.body(NOTHING_TO_DO)
    request = Request(service=service, method=method, path=path, headers=headers, body=body)
    return samo.front.forward(request, lambda _: None).status


@pytest.mark.parametrize("service", PUBLIC)
def test_a_public_service_answers_nobody_without_a_token_of_its_own_clients(
    samo: Region, stranger: issuers.Issuer, service: str
) -> None:
    assert status(samo, service, None) == 401
    assert status(samo, service, "no.such.token") == 401
    assert status(samo, service, samo.issuer.token("another-app")) == 401
    assert status(samo, service, stranger.token(CLIENTS, iss=samo.issuer.address)) == 401
    assert status(samo, service, samo.issuer.token(CLIENTS, lifetime_s=-120)) == 401
    assert status(samo, service, samo.issuer.token(CLIENTS)) not in (401, 403, 500, 503)


@pytest.mark.parametrize("service", EVENTS)
def test_an_event_service_answers_the_platforms_account_alone(
    samo: Region, stranger: issuers.Issuer, service: str
) -> None:
    audience = f"https://{service}.samo.internal"
    elsewhere = next(f"https://{name}.samo.internal" for name in EVENTS if name != service)
    assert status(samo, service, None) == 401
    assert status(samo, service, samo.issuer.token(CLIENTS)) == 401
    assert status(samo, service, samo.issuer.platform_token(elsewhere, ACCOUNT)) == 401
    assert status(samo, service, samo.issuer.platform_token(audience, "mallory@samo.example")) == 401
    unverified = samo.issuer.token(audience, email=ACCOUNT, email_verified=False)
    assert status(samo, service, unverified) == 401
    assert status(samo, service, stranger.token(audience, iss=samo.issuer.address, email=ACCOUNT)) == 401
    assert status(samo, service, samo.issuer.platform_token(audience, ACCOUNT)) in (200, 204)


def test_a_health_check_needs_no_token(samo: Region) -> None:
    request = Request(service="journal", method="GET", path="/health", headers={}, body=b"")
    assert samo.front.forward(request, lambda _: None).status == 200


@pytest.mark.parametrize("name", ["SAMO_AUTH_ISSUER", "SAMO_AUTH_AUDIENCE"])
@pytest.mark.parametrize("function", ["journal", "emotion"])
def test_a_public_service_does_not_start_without_what_it_checks_tokens_against(
    samo: Region, function: str, name: str
) -> None:
    assert name in refusal(samo, public(function).environment(), without=name)


@pytest.mark.parametrize("name", ["SAMO_PUSH_ACCOUNT", "SAMO_PUSH_AUDIENCE"])
@pytest.mark.parametrize("function", ["journal", "emotion"])
def test_an_event_service_does_not_start_without_the_account_it_answers(
    samo: Region, function: str, name: str
) -> None:
    assert name in refusal(samo, event_service(function).environment(), without=name)


def refusal(samo: Region, target: dict[str, str], without: str) -> str:
    """What a service that lacks a setting says as it ends."""
    complete = {**samo.environment, "SAMO_PUSH_AUDIENCE": "https://samo.internal", **target, "PORT": "0"}
    lacking = {name: value for name, value in complete.items() if name != without}
    ended = subprocess.run(
        COMMAND, cwd=ROOT, env=lacking, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    return ended.stderr
