"""Live dictation with a journal: authorization, and the entries it creates."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import pytest
from websockets.exceptions import InvalidStatus

from functions.dictation import service
from functions.dictation.delivery import HttpDelivery
from functions.laptop.demo import wait_until_final
from functions.laptop.dictation import DictationServer
from functions.laptop.process import LocalProcess
from functions.shared.access.accounts import deleted_account_address
from functions.shared.access.api_keys import ApiKeys
from functions.shared.access.tokens import TokenVerifier
from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.backends.local.database import system_clock
from functions.shared.domain.dictated import words_digest
from functions.shared.domain.entries import Status
from functions.shared.domain.records import DeletedAccount, Scope
from functions.shared.errors import ConfigurationError, Unauthenticated
from functions.shared.runtime.settings import Settings
from tests.support import issuer as issuers
from tests.support.dictation import Client, Refused, Samples
from tests.support.issuer import Issuer
from tests.support.served import serving

pytestmark = pytest.mark.models
AUDIENCE = "samo-project"


@pytest.fixture(scope="module")
def beckett(recordings: Path) -> Samples:
    return (decoding.decode(recordings / "beckett.wav") * 32767).astype(np.int16)


@pytest.fixture
def samo(tmp_path: Path) -> Iterator[LocalProcess]:
    with LocalProcess(Settings(data_dir=str(tmp_path / "journal"))) as samo:
        yield samo


@pytest.fixture
def journal(samo: LocalProcess) -> Iterator[str]:
    with serving(samo) as address:
        yield address


@pytest.fixture
def live(samo: LocalProcess, journal: str) -> Iterator[DictationServer]:
    with samo.dictation("127.0.0.1", int(journal.rsplit(":", 1)[1])) as server:
        yield server


# -- without accounts ---------------------------------------------------------------------------


def test_a_dictation_is_an_entry_like_any_other(
    samo: LocalProcess, journal: str, live: DictationServer, beckett: Samples
) -> None:
    response = httpx.get(f"{journal}/v1/dictation/address").json()
    with Client(response["url"], timezone="Europe/Zurich") as client:
        client.send(beckett)
        ended = client.stop()
    entry = wait_until_final(samo.journal, ended["entry_id"], lambda _: None)
    assert (entry.status, entry.timezone) == (Status.READY, "Europe/Zurich")
    assert entry.audio is not None
    assert entry.audio.duration_s == pytest.approx(len(beckett) / SAMPLE_RATE, abs=0.1)
    transcript, _ = samo.journal.load_content(entry)
    assert transcript is not None
    assert transcript.text.startswith("Ever tried")
    seen = [frame["segment"]["text"] for frame in client.frames if frame["type"] == "final"]
    assert entry.dictated == words_digest(" ".join(seen))
    view = httpx.get(f"{journal}/v1/entries/{entry.entry_id}").json()["transcript"]
    assert view["differs_from_dictation"] == (words_digest(view["text"]) != entry.dictated)
    assert list((samo.settings.data_path / "dictations").iterdir()) == []


def test_the_page_may_connect_to_the_dictation_service_and_nothing_else(
    samo: LocalProcess, journal: str, live: DictationServer
) -> None:
    for name in ("127.0.0.1", "localhost"):
        page = httpx.get(f"{journal.replace('127.0.0.1', name)}/")
        assert f"connect-src 'self' ws://{name}:{live.port};" in page.headers["Content-Security-Policy"]
    samo._dictation = None
    page = httpx.get(f"{journal}/")
    assert "connect-src 'self';" in page.headers["Content-Security-Policy"]
    assert httpx.get(f"{journal}/v1/dictation/address").json()["code"] == "dictation_unavailable"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "evil.example"}, "forbidden_host"),
        ({"Host": "127.0.0.1.evil.example:8081"}, "forbidden_host"),
        ({"Host": "[::1"}, "forbidden_host"),
        ({"Origin": "https://evil.example"}, "forbidden_origin"),
        ({"Origin": "http://localhost:1"}, "forbidden_origin"),
        ({"Origin": "null"}, "forbidden_origin"),
        ({"Origin": "http://127.0.0.1:port"}, "forbidden_origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "forbidden_origin"),
    ],
)
def test_other_origins_and_host_names_are_rejected(
    live: DictationServer, headers: dict[str, str], code: str
) -> None:
    health = f"http://127.0.0.1:{live.port}/health"
    response = httpx.get(health, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, code)
    if "Host" not in headers:
        with pytest.raises(InvalidStatus) as closed:
            Client(live.url("127.0.0.1"), headers=headers)
        assert closed.value.response.status_code == 403
        assert json.loads(closed.value.response.body or b"")["code"] == code


def test_the_journals_own_page_is_allowed(journal: str, live: DictationServer) -> None:
    for origin in (journal, journal.replace("127.0.0.1", "localhost")):
        with Client(live.url("127.0.0.1"), headers={"Origin": origin}) as client:
            assert client.stop()["entry_id"] is None
    assert httpx.get(f"http://127.0.0.1:{live.port}/health").json() == {"status": "ok"}


def test_it_finds_a_free_port(samo: LocalProcess, journal: str, live: DictationServer) -> None:
    page_port = int(journal.rsplit(":", 1)[1])
    assert live.port > page_port
    with samo.dictation("127.0.0.1", page_port) as second:
        assert second.port > live.port
    with pytest.raises(ConfigurationError, match="cannot be used"):
        samo.dictation("192.0.2.1", page_port)


def test_servers_that_start_at_the_same_time_get_different_ports(samo: LocalProcess, journal: str) -> None:
    page_port = int(journal.rsplit(":", 1)[1])
    first, second = (samo.dictation("127.0.0.1", page_port) for _ in range(2))
    with first, second:
        assert first.port != second.port


# -- with accounts, and a remote journal ----------------------------------------------


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuers.serving() as serving:
        yield serving


@pytest.fixture
def remote(issuer: Issuer, tmp_path: Path) -> Iterator[LocalProcess]:
    settings = Settings(
        data_dir=str(tmp_path / "journal"), auth_issuer=issuer.address, auth_audience=AUDIENCE
    )
    with LocalProcess(settings) as samo:
        yield samo


@pytest.fixture
def dictation(remote: LocalProcess, tmp_path: Path) -> Iterator[str]:
    """A dictation service that knows only the journal's address."""
    with serving(remote) as address:
        authorize = service.dictation_authorizer(
            remote._authorizer, remote.settings, lambda: remote.assembly.accounts
        )
        deliver = HttpDelivery(address)
        app = service.application(remote.settings, authorize, deliver, tmp_path / "spool")
        with DictationServer(app, "127.0.0.1", 0) as server:
            yield server.url("127.0.0.1")


def test_the_entry_belongs_to_its_user_and_is_created_once(
    remote: LocalProcess, dictation: str, issuer: Issuer, beckett: Samples
) -> None:
    with Client(dictation, token=issuer.token(AUDIENCE, sub="ada"), timezone="Europe/Zurich") as client:
        client.send(beckett, to_s=3.0)
        entry_id = client.stop()["entry_id"]
    entry = wait_until_final(remote.journals("ada"), entry_id, lambda _: None)
    assert (entry.status, entry.timezone) == (Status.READY, "Europe/Zurich")
    seen = [frame["segment"]["text"] for frame in client.frames if frame["type"] == "final"]
    assert entry.dictated == words_digest(" ".join(seen))
    assert abs((system_clock() - entry.recorded_at).total_seconds()) < 60
    assert len(remote.journals("eve").list_entries(10, None).entries) == 0


def test_an_expired_token_is_replaced_by_reconnecting(
    remote: LocalProcess, dictation: str, issuer: Issuer, beckett: Samples
) -> None:
    expiring = issuer.token(AUDIENCE, lifetime_s=-58)
    with Client(dictation, token=expiring) as client:
        client.send(beckett, to_s=2.0)
        await_expiry(issuer, expiring)
        with pytest.raises(Refused) as raised:
            client.stop()
    assert (raised.value.code, raised.value.closed) == ("unauthenticated", 4401)
    dictation_id = client.ready["dictation_id"]
    with Client(dictation, token=issuer.token(AUDIENCE), dictation_id=dictation_id) as again:
        entry_id = again.await_frame("ended")["entry_id"]
    assert remote.journals("ada").get(entry_id).audio is not None


def await_expiry(issuer: Issuer, token: str) -> None:
    verifier, deadline = TokenVerifier(issuer.address, AUDIENCE), time.monotonic() + 120
    with suppress(Unauthenticated):
        while verifier.claims(token):
            assert time.monotonic() < deadline


def test_a_fresh_token_during_the_dictation_creates_the_entry(
    dictation: str, issuer: Issuer, beckett: Samples
) -> None:
    expiring = issuer.token(AUDIENCE, lifetime_s=-58)
    with Client(dictation, token=expiring) as client:
        client.send(beckett, to_s=1.0)
        client.say({"type": "renew", "token": issuer.token(AUDIENCE)})
        await_expiry(issuer, expiring)
        client.send(beckett, to_s=2.0)
        assert client.stop()["entry_id"]


@pytest.mark.parametrize(
    ("scopes", "code", "closed"),
    [({Scope.READ, Scope.ANALYZE}, "insufficient_scope", 4403), ({Scope.WRITE}, None, 0)],
)
def test_an_api_key_needs_the_write_scope(
    remote: LocalProcess, dictation: str, scopes: set[Scope], code: str | None, closed: int
) -> None:
    key = ApiKeys(remote.backend.records).issue("ada", "a server", frozenset(scopes), None).text
    assert attempt(dictation, key) == (code, closed)


def test_missing_and_invalid_tokens_and_deleted_accounts_are_rejected(
    remote: LocalProcess, dictation: str, issuer: Issuer
) -> None:
    assert attempt(dictation, None) == ("unauthenticated", 4401)
    assert attempt(dictation, "no.such.token") == ("unauthenticated", 4401)
    assert attempt(dictation, issuer.token("another-app")) == ("unauthenticated", 4401)
    address = deleted_account_address("bob")
    deleted = DeletedAccount(record_id=address.record_id, deleted_at=system_clock())
    remote.backend.records.transact(address, lambda _, __: (deleted, None))
    assert attempt(dictation, issuer.token(AUDIENCE, sub="bob")) == ("account_deleted", 4403)


def attempt(url: str, token: str | None) -> tuple[str | None, int]:
    try:
        with Client(url, token=token) as client:
            client.stop()
    except Refused as error:
        return error.code, error.closed
    return None, 0
