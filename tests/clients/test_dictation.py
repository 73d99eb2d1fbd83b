"""Dictation with every client: a real engine, interrupted connections, and errors."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, closing, suppress
from difflib import SequenceMatcher
from itertools import repeat
from pathlib import Path
from typing import Any

import anyio
import msgspec
import numpy as np
import pytest

from functions.laptop.demo import wait_until_final
from functions.laptop.dictation import DictationServer
from functions.laptop.process import LocalProcess
from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.entries import Status
from functions.shared.runtime.settings import Settings
from samo_client import (
    AsyncSamo,
    Ended,
    Final,
    Forbidden,
    InvalidRequest,
    NotFound,
    Partial,
    RateLimited,
    Retries,
    Samo,
    Unauthenticated,
    Unheard,
    Unreachable,
)
from samo_client.live.events import Format, Limits, Ready
from samo_client.live.outbox import Outbox
from samo_client.live.reconnection import ReconnectionPolicy
from tests.clients.drivers import FAST_RETRIES, error_from_node, retries_for_node, run_node
from tests.clients.live import Breaking, Live, cutting, dictations
from tests.clients.scripted import Scripted, json_response, problem
from tests.support.dictation import spoken

PAGE_PORT = 18_080
"""Dictation takes the next free port; Node refuses to connect to those below 1024."""
CHUNK = SAMPLE_RATE // 10 * 2
SECOND = bytes(2 * SAMPLE_RATE)

Dictate = Callable[..., list[Any]]


def chunks(recording: bytes) -> list[bytes]:
    return [recording[at : at + CHUNK] for at in range(0, len(recording), CHUNK)]


def blocking(address: str, source: Iterable[bytes], token: Any = None, **options: Any) -> list[Any]:
    with Samo(address, token, retries=FAST_RETRIES) as samo:
        return list(samo.dictate(iter(source), rate=SAMPLE_RATE, **options))


def awaiting(address: str, source: Iterable[bytes], token: Any = None, **options: Any) -> list[Any]:
    async def current_token() -> str:
        return str(token())

    async def collect_events() -> list[Any]:
        async with AsyncSamo(
            address, current_token if callable(token) else token, retries=FAST_RETRIES
        ) as samo:
            return [event async for event in samo.dictate(_async_source(source), rate=SAMPLE_RATE, **options)]

    return asyncio.run(collect_events())


async def _async_source(source: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in source:
        await asyncio.sleep(0)
        yield chunk


def node(address: str, source: Iterable[bytes], token: Any = None, **options: Any) -> list[Any]:
    chunks, failure = [], None
    try:
        chunks += [base64.b64encode(chunk).decode() for chunk in source]
    except Exception as error:  # raised below, when the driver reports it
        failure = error
    response = _run_node(address, chunks, token, sourceFails=failure is not None, options=options)
    if reported := response.get("error"):
        raise (failure or AssertionError) if reported["name"] == "SourceError" else error_from_node(reported)
    return [msgspec.convert(event, EVENTS[event.pop("type")]) for event in response["events"]]


EVENTS: dict[str, type] = {"partial": Partial, "final": Final, "unheard": Unheard, "ended": Ended}


def _run_node(address: str, chunks: list[str], token: Any, **request: Any) -> dict[str, Any]:
    """The dictation driver's response. A token function is called beforehand, at most ten times."""
    request["options"]["rate"] = SAMPLE_RATE
    request |= {"address": address, "chunks": chunks, "retries": retries_for_node(FAST_RETRIES)}
    request["tokens"] = _first_tokens(token) if callable(token) else token
    return run_node(request, "dictation_driver.mjs", "--experimental-websocket")


def _first_tokens(token: Callable[[], str]) -> list[str]:
    tokens: list[str] = []
    with suppress(StopIteration):
        while len(tokens) < 10:
            tokens.append(token())
    return tokens


@pytest.fixture(params=[blocking, awaiting, pytest.param(node, marks=pytest.mark.node)])
def dictate(request: pytest.FixtureRequest) -> Dictate:
    """Each client in turn."""
    client: Dictate = request.param
    return client


# -- a laptop with the real engine -----------------------------------------------------------------


@pytest.fixture(scope="module")
def samo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalProcess]:
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("dictation") / "journal"))
    with LocalProcess(settings) as samo:
        yield samo


@pytest.fixture(scope="module")
def laptop(samo: LocalProcess) -> Iterator[DictationServer]:
    with samo.dictation("127.0.0.1", PAGE_PORT) as server:
        yield server


@pytest.fixture(scope="module")
def beckett(recordings: Path) -> bytes:
    return (decoding.decode(recordings / "beckett.wav") * 32767).astype(np.int16).tobytes()


def words(events: list[Any]) -> tuple[str, ...]:
    return tuple(spoken([event.segment.text for event in events if isinstance(event, Final)]))


EXPECTED = tuple(spoken(["Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."]))


def similarity(recognized: Sequence[str], expected: Sequence[str]) -> float:
    return SequenceMatcher(None, recognized, expected, autojunk=False).ratio()


@pytest.mark.models
def test_speech_is_recognized_and_becomes_an_entry(
    dictate: Dictate, samo: LocalProcess, laptop: DictationServer, scripted: Scripted, beckett: bytes
) -> None:
    scripted.script.append(json_response({"url": laptop.url("127.0.0.1")}))
    events = dictate(scripted.address, chunks(beckett), timezone="Europe/Zurich")
    assert similarity(words(events), EXPECTED) > 0.85
    assert all(event.emotions for event in events if isinstance(event, Final))
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.reason == "stopped"
    assert ended.entry_id is not None
    entry = wait_until_final(samo.journal, ended.entry_id, lambda _: None)
    assert (entry.status, entry.timezone) == (Status.READY, "Europe/Zurich")
    assert entry.audio is not None
    assert entry.audio.duration_s == pytest.approx(len(beckett) / 2 / SAMPLE_RATE, abs=0.1)


@pytest.mark.models
def test_after_a_lost_connection_every_word_arrives_once(
    dictate: Dictate, samo: LocalProcess, laptop: DictationServer, scripted: Scripted, beckett: bytes
) -> None:
    cuts = [len(beckett) // 3, len(beckett) // 2]
    with cutting(laptop.port, cuts) as proxy:
        scripted.script.append(json_response({"url": f"ws://127.0.0.1:{proxy.port}/v1/dictation"}))
        events = dictate(scripted.address, chunks(beckett))
    assert proxy.connections == 3
    assert similarity(words(events), EXPECTED) > 0.85
    indices = [event.index for event in events if isinstance(event, Final | Unheard)]
    assert indices == list(range(len(indices)))
    entry = wait_until_final(samo.journal, events[-1].entry_id, lambda _: None)
    assert entry.audio is not None
    assert entry.audio.duration_s == pytest.approx(len(beckett) / 2 / SAMPLE_RATE, abs=0.1)


# -- a scripted server ----------------------------------------------------------------------------


@pytest.fixture
def live(scripted: Scripted) -> Iterator[Live]:
    """A scripted dictation service."""
    with dictations() as server:
        scripted.script.append(json_response({"url": server.url}))
        yield server


def test_a_server_without_dictation_raises_not_found(dictate: Dictate, scripted: Scripted) -> None:
    scripted.script.append(problem(404, "dictation_unavailable"))
    with pytest.raises(NotFound) as raised:
        dictate(scripted.address, [SECOND])
    assert raised.value.code == "dictation_unavailable"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("unauthenticated", 401, Unauthenticated),
        ("another_user", 403, Forbidden),
        ("quota_exceeded", 429, RateLimited),
        ("unsupported_format", 415, InvalidRequest),
    ],
)
def test_error_frames_raise_the_clients_errors(
    dictate: Dictate, live: Live, scripted: Scripted, code: str, status: int, kind: type[InvalidRequest]
) -> None:
    live.refusals.append((code, status))
    with pytest.raises(kind) as raised:
        dictate(scripted.address, [SECOND], token="t")
    assert (raised.value.code, raised.value.status, raised.value.detail) == (code, status, "because")
    assert live.starts[0]["token"] == "t"


def test_temporary_errors_are_retried_and_a_rejected_token_is_renewed_once(
    dictate: Dictate, live: Live, scripted: Scripted
) -> None:
    tokens = iter("abcdef")
    live.refusals += [("too_many_sessions", 503), ("unauthenticated", 401)]
    assert dictate(scripted.address, [SECOND], token=lambda: next(tokens))[-1].entry_id == "e1"
    assert [start["token"] for start in live.starts] == ["b", "c", "d"]


def test_credit_is_respected_and_all_audio_arrives_in_short_frames(
    dictate: Dictate, live: Live, scripted: Scripted
) -> None:
    recording = np.arange(25 * SAMPLE_RATE, dtype=np.int16).tobytes()
    dictate(scripted.address, [recording[:7], recording[7:]])
    assert bytes(live.audio) == recording
    assert live.overdrawn == 0
    assert max(live.frames) <= 2 * 2 * SAMPLE_RATE


def test_audio_lost_with_a_connection_is_sent_again(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    recording = np.arange(25 * SAMPLE_RATE, dtype=np.int16).tobytes()
    live.breaks += [Breaking(after_s=3.0, lost_s=2.5), Breaking(after_s=15.0, lost_s=1.0)]
    events = dictate(scripted.address, chunks(recording))
    assert bytes(live.audio) == recording
    assert [start["dictation_id"] for start in live.starts] == [None, "d1", "d1"]
    after = [start["after"] for start in live.starts[1:]]  # the last sentence may have been lost as well
    assert all(index <= sent for index, sent in zip(after, live.sent_before, strict=True))
    indices = [event.index for event in events if isinstance(event, Final)]
    assert indices == list(range(len(indices)))


def test_a_permanently_lost_connection_is_an_error(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    live.resume_s = 0.5
    live.breaks.append(Breaking(after_s=1.0, lost_s=0.0))
    live.gone_after = 1
    with pytest.raises(Unreachable):
        dictate(scripted.address, chunks(SECOND * 3))


def test_audio_beyond_the_limit_is_an_error(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    live.longest_s = 4.0
    with pytest.raises(InvalidRequest) as raised:
        dictate(scripted.address, chunks(SECOND * 6))
    assert (raised.value.code, raised.value.status) == ("dictation_too_long", 413)
    assert len(live.audio) == 4 * len(SECOND)


def test_a_token_is_renewed_before_it_expires(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    expiring = _jwt(time.time() + 30)
    tokens = iter([expiring, expiring, "fresh"])
    live.waits_for_renewal = True
    dictate(scripted.address, [SECOND], token=lambda: next(tokens))
    assert live.renewals == ["fresh"]


def _jwt(exp: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).decode().rstrip("=")
    return f"header.{claims}.signature"


def test_an_error_of_the_audio_source_is_raised(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    class Unplugged(Exception):
        pass

    def microphone() -> Iterator[bytes]:
        yield SECOND
        raise Unplugged

    with pytest.raises(Unplugged):
        dictate(scripted.address, microphone())


@pytest.mark.parametrize("confirms_close", [True, False])
def test_leaving_the_events_early_closes_the_connection(
    live: Live, scripted: Scripted, confirms_close: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samo_client.live.sockets._CLOSE_TIMEOUT_S", 0.2)
    live.confirms_close = confirms_close

    def microphone() -> Iterator[bytes]:
        while True:
            time.sleep(0.01)
            yield bytes(CHUNK)

    with Samo(scripted.address) as samo, closing(samo.dictate(microphone(), rate=SAMPLE_RATE)) as events:
        assert isinstance(next(events), Partial)

    async def leave() -> None:
        samo = AsyncSamo(scripted.address)
        async with samo, aclosing(samo.dictate(_async_source(microphone()), rate=SAMPLE_RATE)) as events:
            assert isinstance(await anext(events), Partial)

    scripted.script.append(json_response({"url": live.url}))
    asyncio.run(leave())
    assert live.stops == 0
    gc.collect()  # a socket left open is reported here, not in a later test


def test_a_cancelled_dictation_closes_its_socket(live: Live, scripted: Scripted) -> None:
    live.confirms_close = False

    async def cancel() -> None:
        async with AsyncSamo(scripted.address) as samo:
            with anyio.CancelScope() as scope:
                async with aclosing(samo.dictate(_async_source(repeat(SECOND)), rate=SAMPLE_RATE)) as events:
                    await anext(events)
                    scope.cancel()
                    await anyio.sleep_forever()

    asyncio.run(cancel())
    assert live.stops == 0
    gc.collect()


@pytest.mark.node
def test_leaving_the_loop_in_javascript_closes_the_connection(live: Live, scripted: Scripted) -> None:
    chunks = [base64.b64encode(SECOND).decode()] * 3
    response = _run_node(scripted.address, chunks, None, leaveAfter=1, options={})
    assert [event["type"] for event in response["events"]] == ["partial"]
    assert live.stops == 0


@pytest.mark.parametrize("dictate", [blocking, awaiting])
def test_without_websockets_the_error_names_the_package_to_install(
    dictate: Dictate, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [module for module in sys.modules if module.startswith("samo_client.live.s")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "websockets.asyncio.client", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'samo-client\[dictation\]'"):
        dictate(scripted.address, [SECOND])
    assert scripted.requests == []


def test_an_unreachable_service_is_an_error(dictate: Dictate, scripted: Scripted, refusing: str) -> None:
    scripted.script.append(json_response({"url": f"ws://{refusing}/v1/dictation"}))
    with pytest.raises(Unreachable):
        dictate(scripted.address, [SECOND])


def test_reconnection_pauses_grow_up_to_a_limit_and_end() -> None:
    policy = ReconnectionPolicy(Retries(base_s=0.5), renewable=False)
    policy.ready(resume_s=120)
    lost = Unreachable("", code="unreachable")
    for attempt in range(1, 12):
        pause = policy.pause(lost)
        assert pause is not None
        assert 0 <= pause <= min(5.0, 0.5 * 2 ** (attempt - 1))
    policy.resume_s = 0
    assert policy.pause(lost) is None


def test_processed_audio_is_discarded_from_the_outbox() -> None:
    async def scenario() -> None:
        outbox = Outbox(Format(rate=8000, channels=2))
        await outbox.fill(_async_source([bytes(8000 * 4 * 30 + 3)]))
        limits = Limits(dictation_s=1800, resume_s=120, frame_s=2)
        outbox.begin(Ready(dictation_id="d1", received_s=0, until_s=10, limits=limits))
        for _ in range(5):
            assert len(await outbox.next() or b"") == 8000 * 4 * 2
        outbox.credit(15)
        assert len(outbox._audio) == 8000 * 4 * 25 + 3
        outbox.begin(Ready(dictation_id="d1", received_s=7, until_s=30, limits=limits))
        assert len(outbox._audio) == 8000 * 4 * 23 + 3
        rest = 0
        while frame := await outbox.next():
            rest += len(frame)
        assert rest == 8000 * 4 * 23

    asyncio.run(scenario())
