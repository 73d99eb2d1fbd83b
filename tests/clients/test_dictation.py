"""Dictating with the Python client: to a laptop that listens, over connections that break, and refused."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, closing
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

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
from samo_client.live.patience import Patience
from tests.clients.drivers import HASTY
from tests.clients.live import Breaking, Live, cutting, dictations
from tests.clients.scripted import Scripted, answer, problem
from tests.support.dictation import spoken

CHUNK = SAMPLE_RATE // 10 * 2
SECOND = bytes(2 * SAMPLE_RATE)

Dictate = Callable[..., list[Any]]


def chunks(recording: bytes) -> list[bytes]:
    return [recording[at : at + CHUNK] for at in range(0, len(recording), CHUNK)]


def blocking(address: str, source: Iterable[bytes], token: Any = None, **options: Any) -> list[Any]:
    with Samo(address, token, retries=HASTY) as samo:
        return list(samo.dictate(iter(source), rate=SAMPLE_RATE, **options))


def awaiting(address: str, source: Iterable[bytes], token: Any = None, **options: Any) -> list[Any]:
    async def fresh() -> str:
        return str(token())

    async def dictated() -> list[Any]:
        async with AsyncSamo(address, fresh if callable(token) else token, retries=HASTY) as samo:
            return [each async for each in samo.dictate(_slowly(source), rate=SAMPLE_RATE, **options)]

    return asyncio.run(dictated())


async def _slowly(source: Iterable[bytes]) -> AsyncIterator[bytes]:
    for each in source:
        await asyncio.sleep(0)
        yield each


@pytest.fixture(params=[blocking, awaiting])
def dictate(request: pytest.FixtureRequest) -> Dictate:
    """Each client in turn."""
    found: Dictate = request.param
    return found


# -- to a laptop, with the engine -----------------------------------------------------------------


@pytest.fixture(scope="module")
def samo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalProcess]:
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("dictation") / "journal"))
    with LocalProcess(settings) as samo:
        yield samo


@pytest.fixture(scope="module")
def laptop(samo: LocalProcess) -> Iterator[DictationServer]:
    with samo.dictation("127.0.0.1", 0) as server:
        yield server


@pytest.fixture(scope="module")
def beckett(recordings: Path) -> bytes:
    return (decoding.decode(recordings / "beckett.wav") * 32767).astype(np.int16).tobytes()


def words(events: list[Any]) -> tuple[str, ...]:
    return tuple(spoken([each.segment.text for each in events if isinstance(each, Final)]))


SAID = tuple(spoken(["Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."]))


def alike(found: Sequence[str], wanted: Sequence[str]) -> float:
    return SequenceMatcher(None, found, wanted, autojunk=False).ratio()


@pytest.mark.models
def test_what_is_said_is_heard_and_becomes_an_entry(
    dictate: Dictate, samo: LocalProcess, laptop: DictationServer, scripted: Scripted, beckett: bytes
) -> None:
    scripted.script.append(answer({"url": laptop.url("127.0.0.1")}))
    events = dictate(scripted.address, chunks(beckett), timezone="Europe/Zurich")
    assert alike(words(events), SAID) > 0.85
    assert all(each.emotions for each in events if isinstance(each, Final))
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.reason == "stopped"
    assert ended.entry_id is not None
    entry = wait_until_final(samo.journal, ended.entry_id, lambda _: None)
    assert (entry.status, entry.timezone) == (Status.READY, "Europe/Zurich")
    assert entry.audio is not None
    assert entry.audio.duration_s == pytest.approx(len(beckett) / 2 / SAMPLE_RATE, abs=0.1)


@pytest.mark.models
def test_a_cut_connection_goes_on_and_every_word_comes_once(
    dictate: Dictate, samo: LocalProcess, laptop: DictationServer, scripted: Scripted, beckett: bytes
) -> None:
    cuts = [len(beckett) // 3, len(beckett) // 2]
    with cutting(laptop.port, cuts) as proxy:
        scripted.script.append(answer({"url": f"ws://127.0.0.1:{proxy.port}/v1/dictation"}))
        events = dictate(scripted.address, chunks(beckett))
    assert proxy.connections == 3
    assert alike(words(events), SAID) > 0.85
    indices = [each.index for each in events if isinstance(each, Final | Unheard)]
    assert indices == list(range(len(indices)))
    entry = wait_until_final(samo.journal, events[-1].entry_id, lambda _: None)
    assert entry.audio is not None
    assert entry.audio.duration_s == pytest.approx(len(beckett) / 2 / SAMPLE_RATE, abs=0.1)


# -- to a server by script ------------------------------------------------------------------------


@pytest.fixture
def live(scripted: Scripted) -> Iterator[Live]:
    """A dictation service that hears and says what a test wants."""
    with dictations() as server:
        scripted.script.append(answer({"url": server.url}))
        yield server


def test_no_dictation_there(dictate: Dictate, scripted: Scripted) -> None:
    scripted.script.append(problem(404, "dictation_unavailable"))
    with pytest.raises(NotFound) as refused:
        dictate(scripted.address, [SECOND])
    assert refused.value.code == "dictation_unavailable"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("unauthenticated", 401, Unauthenticated),
        ("another_user", 403, Forbidden),
        ("quota_exceeded", 429, RateLimited),
        ("unsupported_format", 415, InvalidRequest),
    ],
)
def test_refusals_are_errors_of_ours(
    dictate: Dictate, live: Live, scripted: Scripted, code: str, status: int, kind: type[InvalidRequest]
) -> None:
    live.refusals.append((code, status))
    with pytest.raises(kind) as refused:
        dictate(scripted.address, [SECOND], token="t")
    assert (refused.value.code, refused.value.status, refused.value.detail) == (code, status, "because")
    assert live.starts[0]["token"] == "t"


def test_what_passes_is_tried_again_and_a_refused_token_is_renewed_once(
    dictate: Dictate, live: Live, scripted: Scripted
) -> None:
    tokens = iter("abcdef")
    live.refusals += [("too_many_sessions", 503), ("unauthenticated", 401)]
    assert dictate(scripted.address, [SECOND], token=lambda: next(tokens))[-1].entry_id == "e1"
    assert [each["token"] for each in live.starts] == ["b", "c", "d"]


def test_credit_is_kept_to_and_all_audio_arrives_in_short_frames(
    dictate: Dictate, live: Live, scripted: Scripted
) -> None:
    recording = np.arange(25 * SAMPLE_RATE, dtype=np.int16).tobytes()
    dictate(scripted.address, [recording[:7], recording[7:]])
    assert bytes(live.audio) == recording
    assert live.overdrawn == 0
    assert max(live.frames) <= 2 * 2 * SAMPLE_RATE


def test_what_was_lost_on_the_way_is_sent_again(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    recording = np.arange(25 * SAMPLE_RATE, dtype=np.int16).tobytes()
    live.breaks += [Breaking(after_s=3.0, lost_s=2.5), Breaking(after_s=15.0, lost_s=1.0)]
    events = dictate(scripted.address, chunks(recording))
    assert bytes(live.audio) == recording
    assert [each["dictation_id"] for each in live.starts] == [None, "d1", "d1"]
    after = [each["after"] for each in live.starts[1:]]  # what was said last may have been lost as well
    assert all(has <= told for has, told in zip(after, live.told_before, strict=True))
    indices = [each.index for each in events if isinstance(each, Final)]
    assert indices == list(range(len(indices)))


def test_whoever_stays_lost_is_told(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    live.resume_s = 0.5
    live.breaks.append(Breaking(after_s=1.0, lost_s=0.0))
    live.gone_after = 1
    with pytest.raises(Unreachable):
        dictate(scripted.address, chunks(SECOND * 3))


def test_more_audio_than_a_dictation_may_have(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    live.longest_s = 4.0
    with pytest.raises(InvalidRequest) as refused:
        dictate(scripted.address, chunks(SECOND * 6))
    assert (refused.value.code, refused.value.status) == ("dictation_too_long", 413)
    assert len(live.audio) == 4 * len(SECOND)


def test_a_token_is_renewed_before_it_ends(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    ending = _jwt(time.time() + 30)
    tokens = iter([ending, ending, "fresh"])
    live.waits_for_renewal = True
    dictate(scripted.address, [SECOND], token=lambda: next(tokens))
    assert live.renewals == ["fresh"]


def _jwt(exp: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).decode().rstrip("=")
    return f"header.{claims}.signature"


def test_a_source_that_fails_says_so(dictate: Dictate, live: Live, scripted: Scripted) -> None:
    class Unplugged(Exception):
        pass

    def microphone() -> Iterator[bytes]:
        yield SECOND
        raise Unplugged

    with pytest.raises(Unplugged):
        dictate(scripted.address, microphone())


def test_events_can_be_left_early(live: Live, scripted: Scripted) -> None:
    def microphone() -> Iterator[bytes]:
        while True:
            time.sleep(0.01)
            yield bytes(CHUNK)

    with Samo(scripted.address) as samo, closing(samo.dictate(microphone(), rate=SAMPLE_RATE)) as events:
        assert isinstance(next(events), Partial)

    async def leave() -> None:
        samo = AsyncSamo(scripted.address)
        async with samo, aclosing(samo.dictate(_slowly(microphone()), rate=SAMPLE_RATE)) as events:
            assert isinstance(await anext(events), Partial)

    scripted.script.append(answer({"url": live.url}))
    asyncio.run(leave())
    assert live.stops == 0


def test_it_says_what_to_install(
    dictate: Dictate, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [each for each in sys.modules if each.startswith("samo_client.live.s")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "websockets.asyncio.client", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'samo-client\[dictation\]'"):
        dictate(scripted.address, [SECOND])
    assert scripted.heard == []


def test_nobody_listens(dictate: Dictate, scripted: Scripted) -> None:
    scripted.script.append(answer({"url": "ws://127.0.0.1:9/v1/dictation"}))
    with pytest.raises(Unreachable):
        dictate(scripted.address, [SECOND])


def test_patience_grows_and_ends() -> None:
    patience = Patience(Retries(base_s=0.5), renewable=False)
    patience.ready(resume_s=120)
    lost = Unreachable("", code="unreachable")
    for attempt in range(1, 12):
        pause = patience.pause(lost)
        assert pause is not None
        assert 0 <= pause <= min(5.0, 0.5 * 2 ** (attempt - 1))
    patience.resume_s = 0
    assert patience.pause(lost) is None


def test_what_was_listened_to_is_not_kept() -> None:
    async def sent() -> None:
        outbox = Outbox(Format(rate=8000, channels=2))
        await outbox.fill(_slowly([bytes(8000 * 4 * 30 + 3)]))
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

    asyncio.run(sent())
