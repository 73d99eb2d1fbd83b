"""Authentication on Google Cloud; services without the necessary settings do not start."""

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
    with region(emulators, (*USUAL, *capabilities)) as started:
        yield started


@pytest.fixture(scope="module")
def other_issuer() -> Iterator[issuers.Issuer]:
    with issuers.serving() as started:
        yield started


def status(samo: Region, service: str, token: str | None) -> int:
    method, path = CALLS[service]
    headers = cloud_events.attributes(NOTHING_TO_DO)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = b"" if method == "GET" else cloud_events.body(NOTHING_TO_DO)
    request = Request(service=service, method=method, path=path, headers=headers, body=body)
    return samo.front.forward(request, lambda _: None).status


@pytest.mark.parametrize("service", PUBLIC)
def test_a_public_service_accepts_only_tokens_for_its_clients(
    samo: Region, other_issuer: issuers.Issuer, service: str
) -> None:
    assert status(samo, service, None) == 401
    assert status(samo, service, "no.such.token") == 401
    assert status(samo, service, samo.issuer.token("another-app")) == 401
    assert status(samo, service, other_issuer.token(CLIENTS, iss=samo.issuer.address)) == 401
    assert status(samo, service, samo.issuer.token(CLIENTS, lifetime_s=-120)) == 401
    assert status(samo, service, samo.issuer.token(CLIENTS)) not in (401, 403, 500, 503)


@pytest.mark.parametrize("service", EVENTS)
def test_an_event_service_accepts_only_the_platforms_service_account(
    samo: Region, other_issuer: issuers.Issuer, service: str
) -> None:
    audience = f"https://{service}.samo.internal"
    elsewhere = next(f"https://{name}.samo.internal" for name in EVENTS if name != service)
    assert status(samo, service, None) == 401
    assert status(samo, service, samo.issuer.token(CLIENTS)) == 401
    assert status(samo, service, samo.issuer.platform_token(elsewhere, ACCOUNT)) == 401
    assert status(samo, service, samo.issuer.platform_token(audience, "mallory@samo.example")) == 401
    unverified = samo.issuer.token(audience, email=ACCOUNT, email_verified=False)
    assert status(samo, service, unverified) == 401
    assert status(samo, service, other_issuer.token(audience, iss=samo.issuer.address, email=ACCOUNT)) == 401
    assert status(samo, service, samo.issuer.platform_token(audience, ACCOUNT)) in (200, 204)


def test_a_health_check_needs_no_token(samo: Region) -> None:
    request = Request(service="journal", method="GET", path="/health", headers={}, body=b"")
    assert samo.front.forward(request, lambda _: None).status == 200


@pytest.mark.parametrize("name", ["SAMO_AUTH_ISSUER", "SAMO_AUTH_AUDIENCE"])
@pytest.mark.parametrize("function", ["journal", "emotion"])
def test_a_public_service_does_not_start_without_its_settings(samo: Region, function: str, name: str) -> None:
    assert name in startup_error(samo, public(function).environment(), without=name)


@pytest.mark.parametrize("name", ["SAMO_PUSH_ACCOUNT", "SAMO_PUSH_AUDIENCE"])
@pytest.mark.parametrize("function", ["journal", "emotion"])
def test_an_event_service_does_not_start_without_its_settings(samo: Region, function: str, name: str) -> None:
    assert name in startup_error(samo, event_service(function).environment(), without=name)


def startup_error(samo: Region, target: dict[str, str], without: str) -> str:
    """The error output of a service that is started without a setting."""
    complete = {**samo.environment, "SAMO_PUSH_AUDIENCE": "https://samo.internal", **target, "PORT": "0"}
    incomplete = {name: value for name, value in complete.items() if name != without}
    process = subprocess.run(
        COMMAND, cwd=ROOT, env=incomplete, capture_output=True, text=True, timeout=60, check=False
    )
    assert process.returncode != 0
    return process.stderr
