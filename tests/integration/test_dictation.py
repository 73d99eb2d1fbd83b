"""Live dictation: the real application under uvicorn, with the real engine and real recordings."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from functions.dictation.app import create_app
from functions.dictation.audio_buffer import MAX_BACKLOG_S
from functions.dictation.delivery import Deliver, Recording
from functions.dictation.phrases import PhraseDetector
from functions.dictation.protocol import FRAME_S, Limits
from functions.dictation.recognizer import SharedEngine, StreamingRecognizer
from functions.dictation.registry import DictationRegistry
from functions.dictation.service import Models
from functions.laptop.dictation import DictationServer
from functions.shared.access.identity import Caller
from functions.shared.audio import decoding
from functions.shared.audio.decoding import SAMPLE_RATE
from functions.shared.domain.content import EmotionScore
from functions.shared.domain.records import Scope
from functions.shared.domain.stage_work import ReportProgress, no_progress
from functions.shared.errors import TemporaryError, Unauthenticated
from functions.shared.runtime.settings import Settings
from functions.transcription import vad
from functions.transcription.engine import Engine, Recognition
from functions.transcription.transcriber import load_engine
from tests.support.dictation import Client, Refused, Samples, spoken

pytestmark = pytest.mark.models
SPOKEN = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
LIMITS = Limits(dictation_s=120.0)


@pytest.fixture(scope="module")
def loaded(models: Path) -> Models:
    return Models(Settings(models_dir=str(models)))


@pytest.fixture(scope="module")
def two_cities(recordings: Path) -> Samples:
    return samples(recordings / "two_cities.wav")


@pytest.fixture(scope="module")
def beckett(recordings: Path) -> Samples:
    return samples(recordings / "beckett.wav")


def samples(path: Path) -> Samples:
    return (decoding.decode(path) * 32767).astype(np.int16)


class FakeJournal:
    """Raises `refusals` first, then keeps the recordings of dictations as samples, by id."""

    def __init__(self) -> None:
        self.samples: dict[str, Samples] = {}
        self.refusals: list[Exception] = []
        self.tokens: list[str | None] = []
        self.arrived = threading.Event()

    def __call__(self, recording: Recording) -> str:
        self.tokens.append(recording.token)
        if self.refusals:
            raise self.refusals.pop(0)
        self.samples[recording.metadata.dictation_id] = samples(recording.path)
        self.arrived.set()
        return f"entry-{recording.metadata.dictation_id}"


class Service:
    """The application on loopback; a token is the user's id."""

    def __init__(
        self,
        create_recognizer: Callable[[], StreamingRecognizer],
        folder: Path,
        deliver: Deliver,
        limits: Limits = LIMITS,
        max_sessions: int = 4,
    ) -> None:
        def create_registry() -> DictationRegistry:
            return DictationRegistry(create_recognizer, deliver, folder, limits, max_sessions)

        self.server = DictationServer(create_app(create_registry, authorize, limits), "127.0.0.1", 0)

    def client(self, **more: Any) -> Client:
        return Client(self.server.url("127.0.0.1"), **{"token": "ada", **more})

    def refusal(self, **more: Any) -> Refused:
        with pytest.raises(Refused) as raised:
            self.client(**more)
        return raised.value


def start(token: str | None = "ada", after: int = 0, **format_: Any) -> str:
    """The first message."""
    default = {"encoding": "pcm_s16le", "rate": 16_000, "channels": 1}
    return json.dumps({"type": "start", "token": token, "after": after, "format": {**default, **format_}})


def authorize(token: str | None) -> Caller:
    if not token:
        raise Unauthenticated("no token")
    return Caller(uid=token, scopes=frozenset(Scope))


Serve = Callable[..., Service]


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal()


@pytest.fixture
def serve(loaded: Models, journal: FakeJournal, tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(**more: Any) -> Service:
            default = {
                "create_recognizer": loaded.recognizer,
                "folder": tmp_path / "spool",
                "deliver": journal,
            }
            service = Service(**{**default, **more})
            stack.enter_context(service.server)
            return service

        yield start


def similarity(recognized: Sequence[str], expected: Sequence[str]) -> float:
    return SequenceMatcher(None, recognized, expected, autojunk=False).ratio()


def transcript(models: Path, recording: Samples) -> list[str]:
    engine = load_engine("moonshine", models)
    whole = engine.transcribe(recording.astype(np.float32) / np.float32(32768), progress=no_progress)
    return list(spoken([segment.text for segment in whole.segments]))


# -- recognition ------------------------------------------------------------------------------


def test_speech_arrives_as_sentences_with_emotions_and_becomes_an_entry(
    serve: Serve, journal: FakeJournal, two_cities: Samples, models: Path
) -> None:
    with serve().client() as client:
        client.send(two_cities)
        ended = client.stop()
    finals = client.finals()
    assert similarity(client.words(), transcript(models, two_cities)) > 0.95
    assert [final["index"] for final in finals] == list(range(len(finals)))
    assert sum(bool(final["emotions"]) for final in finals) > len(finals) / 2
    assert all(0 < score["confidence"] <= 1 for final in finals for score in final["emotions"])
    times = [final["segment"][edge] for final in finals for edge in ("start", "end")]
    assert times == sorted(times)
    assert 1.0 < times[0] < 1.5
    assert 41.0 < times[-1] < 43.0
    assert ended["duration_s"] == len(two_cities) / SAMPLE_RATE
    assert ended["reason"] == "stopped"
    (recording,) = journal.samples.values()
    assert ended["entry_id"] == f"entry-{client.ready['dictation_id']}"
    assert len(recording) == pytest.approx(len(two_cities), abs=0.1 * SAMPLE_RATE)


def test_partial_text_arrives_before_the_phrase_ends(serve: Serve, two_cities: Samples) -> None:
    with serve().client() as client:
        client.send(two_cities, to_s=4.0)
        partial = client.await_frame("partial")
        client.send(two_cities, to_s=16.0)
        client.stop()
    assert list(spoken([partial["text"]]))[:4] == ["it", "was", "the", "best"]
    assert 0.5 < partial["start"] < 1.5
    assert client.kinds().index("partial") < client.kinds().index("final")


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
def test_audio_is_accepted_at_common_sample_rates(serve: Serve, beckett: Samples, rate: int) -> None:
    with serve().client(rate=rate) as client:
        client.send(at_rate(beckett, rate))
        ended = client.stop()
    assert similarity(client.words(), list(spoken([SPOKEN]))) > 0.75
    assert ended["duration_s"] == pytest.approx(len(beckett) / SAMPLE_RATE, abs=0.001)


def at_rate(recording: Samples, rate: int) -> Samples:
    positions = np.arange(0, len(recording), SAMPLE_RATE / rate)
    return np.asarray(np.interp(positions, np.arange(len(recording)), recording), np.int16)


def test_silence_and_noise_give_no_text(serve: Serve) -> None:
    noise = np.random.default_rng(3).normal(0, 300, 8 * SAMPLE_RATE).astype(np.int16)
    with serve().client() as client:
        client.send(np.concatenate([np.zeros(8 * SAMPLE_RATE, np.int16), noise]))
        client.stop()
    assert set(client.kinds()) <= {"ready", "credit", "unheard", "ended"}


def test_an_empty_or_discarded_dictation_leaves_nothing(
    serve: Serve, journal: FakeJournal, beckett: Samples, tmp_path: Path
) -> None:
    service = serve()
    with service.client() as silent:
        ended = silent.stop()
        assert (ended["entry_id"], ended["duration_s"]) == (None, 0.0)
    with service.client() as client:
        client.send(beckett, to_s=3.0)
        client.say({"type": "discard"})
        ended = client.await_frame("ended")
    assert (ended["entry_id"], ended["reason"]) == (None, "discarded")
    assert journal.samples == {}
    assert list((tmp_path / "spool").iterdir()) == []


# -- lost connections ---------------------------------------------------------------------


def test_a_client_that_reconnects_in_mid_sentence_loses_and_repeats_no_word(
    serve: Serve, journal: FakeJournal, two_cities: Samples
) -> None:
    service = serve()
    with service.client() as first:
        first.send(two_cities, to_s=18.0)
    results = [frame for frame in first.frames if frame["type"] in ("final", "unheard")]
    dictation_id = first.ready["dictation_id"]
    with service.client(dictation_id=dictation_id, after=len(results)) as second:
        assert second.ready["received_s"] <= 18.0
        second.send(two_cities)
        ended = second.stop()
    assert similarity(words(results) + second.words(), words_of_whole(service, two_cities)) > 0.95
    assert ended["duration_s"] == len(two_cities) / SAMPLE_RATE
    assert len(journal.samples[dictation_id]) == pytest.approx(len(two_cities), abs=0.1 * SAMPLE_RATE)


def words(frames: Sequence[dict[str, Any]]) -> list[str]:
    return list(spoken([frame["segment"]["text"] for frame in frames if frame["type"] == "final"]))


def words_of_whole(service: Service, recording: Samples) -> list[str]:
    with service.client() as client:
        client.send(recording)
        client.stop()
    return client.words()


def test_a_client_that_reconnects_receives_what_it_missed(serve: Serve, beckett: Samples) -> None:
    service = serve()
    with service.client() as first:
        first.send(beckett)
        ended = first.stop()
    again = service.client(dictation_id=first.ready["dictation_id"])
    assert again.await_frame("ended") == ended
    assert again.finals() == first.finals()
    late = service.client(dictation_id=first.ready["dictation_id"], after=2)
    late.await_frame("ended")
    assert late.finals() == first.finals()[2:]


def test_a_newer_connection_takes_over(serve: Serve, beckett: Samples) -> None:
    service = serve()
    first = service.client()
    first.send(beckett, to_s=3.0)
    with service.client(dictation_id=first.ready["dictation_id"]) as second:
        with pytest.raises(Refused) as raised:
            first.await_frame("ended")
        assert (raised.value.code, raised.value.closed) == ("taken_over", 4409)
        second.send(beckett)
        assert second.stop()["duration_s"] == len(beckett) / SAMPLE_RATE


def test_an_abandoned_dictation_becomes_an_entry(
    serve: Serve, journal: FakeJournal, beckett: Samples
) -> None:
    service = serve(limits=replace(LIMITS, resume_s=0.3))
    with service.client() as client:
        client.send(beckett, to_s=4.0)
        client.await_frame("final", "partial")
    assert journal.arrived.wait(120)
    assert len(journal.samples[client.ready["dictation_id"]]) >= 3.9 * SAMPLE_RATE


def test_a_dictation_is_private_to_its_user(serve: Serve, beckett: Samples) -> None:
    service = serve()
    with service.client() as client:
        dictation_id = client.ready["dictation_id"]
        error = service.refusal(token="eve", dictation_id=dictation_id)
        assert (error.code, error.closed) == ("dictation_not_found", 4404)
        assert service.refusal(dictation_id="no-such-dictation").code == "dictation_not_found"
        client.say({"type": "renew", "token": "eve"})
        with pytest.raises(Refused) as raised:
            client.await_frame("ended")
    assert (raised.value.code, raised.value.closed) == ("another_user", 4403)


def test_a_dictation_in_progress_at_shutdown_becomes_an_entry(
    serve: Serve, loaded: Models, journal: FakeJournal, beckett: Samples, tmp_path: Path
) -> None:
    service = Service(loaded.recognizer, tmp_path / "spool", journal)
    with service.server:
        client = service.client()
        client.send(beckett, to_s=3.0)
        client.await_frame("final", "partial")
    with pytest.raises(ConnectionClosed) as closed:
        client.await_frame("ended")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert list(journal.samples) == [client.ready["dictation_id"]]
    assert list((tmp_path / "spool").iterdir()) == []


def test_an_undelivered_dictation_is_delivered_at_the_next_start(
    serve: Serve, loaded: Models, journal: FakeJournal, beckett: Samples, tmp_path: Path
) -> None:
    def broken(_: Recording) -> str:
        raise TemporaryError("not now")

    service = Service(loaded.recognizer, tmp_path / "spool", broken)
    with service.server, service.client() as client:
        client.send(beckett, to_s=3.0)
    assert journal.samples == {}
    serve()
    assert journal.arrived.wait(120)
    assert len(journal.samples[client.ready["dictation_id"]]) == pytest.approx(3 * SAMPLE_RATE, abs=1600)


# -- limits -------------------------------------------------------------------------------------


def test_a_dictation_beyond_the_maximum_duration_ends_as_an_entry(
    serve: Serve, journal: FakeJournal, beckett: Samples
) -> None:
    service = serve(limits=replace(LIMITS, dictation_s=4.0))
    with service.client() as client:
        client.until_s = 100.0
        client.send(beckett, to_s=6.0)
        ended = client.await_frame("ended")
        with pytest.raises(Refused) as raised:
            client.next()
    assert (raised.value.code, raised.value.closed) == ("dictation_too_long", 4413)
    assert (ended["duration_s"], ended["reason"]) == (4.0, "dictation_too_long")
    assert ended["entry_id"] == f"entry-{client.ready['dictation_id']}"


def test_an_idle_client_is_disconnected_and_may_reconnect(serve: Serve, beckett: Samples) -> None:
    service = serve(limits=replace(LIMITS, idle_s=0.3))
    with service.client() as client, pytest.raises(Refused) as raised:
        client.next()
    assert (raised.value.code, raised.value.closed) == ("idle_timeout", 4408)
    with service.client(dictation_id=client.ready["dictation_id"]) as again:
        again.send(beckett, to_s=1.0)
        assert again.stop()["entry_id"]


def test_the_number_of_dictations_is_limited(serve: Serve) -> None:
    service = serve(max_sessions=1)
    with service.client():
        error = service.refusal(token="bob")
        assert (error.code, error.closed) == ("too_many_sessions", 4503)
    for _ in range(3):  # lost clients do not block new ones, …
        eventually(lambda: attempt(service) is None)
    eventually(lambda: attempt(service) is not None)
    assert attempt(service) == "too_many_sessions"  # … until there are many


def attempt(service: Service) -> str | None:
    try:
        with service.client(token="bob"):
            return None
    except Refused as error:
        return error.code


class PausedEngine:
    """The real engine, which waits for `resume`."""

    def __init__(self, engine: Engine) -> None:
        self.name, self.version, self.languages = engine.name, engine.version, engine.languages
        self._engine = engine
        self.started, self.resume = threading.Event(), threading.Event()

    def transcribe(self, samples: Any, *, progress: ReportProgress, names: Sequence[str] = ()) -> Recognition:
        self.started.set()
        assert self.resume.wait(120)
        return self._engine.transcribe(samples, progress=progress, names=names)


def test_a_slow_engine_throttles_the_client_and_memory_stays_bounded(
    serve: Serve,
    models: Path,
    two_cities: Samples,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(logging.getLogger("samo"), "propagate", True)
    caplog.set_level(logging.INFO, "samo")
    slow = PausedEngine(load_engine("moonshine", models))
    detector = vad.VoiceDetector(models / vad.FOLDER)
    service = serve(
        create_recognizer=lambda: StreamingRecognizer(
            SharedEngine(slow, 1), PhraseDetector(detector), no_emotions
        )
    )
    recording = np.tile(two_cities, 2)
    with service.client() as client:
        client.until_s = 1000.0
        sender = threading.Thread(target=client.send, args=(recording,))
        sender.start()
        assert slow.started.wait(120)
        (spool,) = (tmp_path / "spool").glob("*.pcm")
        eventually(lambda: spool.stat().st_size >= 2 * MAX_BACKLOG_S * SAMPLE_RATE)
        slow.resume.set()
        sender.join()
        ended = client.stop()
    (event,) = (record for record in caplog.records if record.message == "dictation")
    assert MAX_BACKLOG_S <= event.__dict__["facts"]["waited_s"] <= MAX_BACKLOG_S + FRAME_S
    assert ended["duration_s"] == len(recording) / SAMPLE_RATE
    assert client.words().count("foolishness") == 2


def no_emotions(texts: Sequence[str]) -> Sequence[tuple[EmotionScore, ...]]:
    return [()] * len(texts)


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline


# -- refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "code", "closed"),
    [
        ("{", "invalid_json", 4400),
        ("[]", "invalid_field", 4400),
        ('{"type": "sing"}', "invalid_field", 4400),
        ('{"type": "stop"}', "start_expected", 4400),
        (b"\0\0", "start_expected", 4400),
        ('{"type": "start"}', "invalid_field", 4400),
        (start(encoding="mp3"), "unsupported_format", 4415),
        (start(rate=11_000), "unsupported_format", 4415),
        (start(channels=6), "unsupported_format", 4415),
        (start(rate="fast"), "invalid_field", 4400),
        (start(token=None), "unauthenticated", 4401),
        (start(after=-1), "invalid_field", 4400),
        ("x" * 20_000, "frame_too_large", 4413),
    ],
)
def test_an_invalid_first_message_closes_the_connection_with_a_reason(
    serve: Serve, first: str | bytes, code: str, closed: int
) -> None:
    with connect(serve().server.url("127.0.0.1")) as socket:
        socket.send(first)
        assert json.loads(socket.recv(timeout=120))["code"] == code
        with pytest.raises(ConnectionClosed) as over:
            socket.recv(timeout=120)
    assert over.value.rcvd is not None
    assert (over.value.rcvd.code, over.value.rcvd.reason) == (closed, code)


@pytest.mark.parametrize(
    ("then", "code", "closed"),
    [
        (b"\0", "malformed_audio", 4400),
        (b"\0" * (2 * 2 * SAMPLE_RATE + 2), "frame_too_large", 4413),
        ("stop", "invalid_json", 4400),
        (start(), "unexpected_frame", 4400),
    ],
)
def test_a_later_error_ends_the_connection_but_not_the_dictation(
    serve: Serve, beckett: Samples, then: str | bytes, code: str, closed: int
) -> None:
    service = serve()
    with service.client() as client:
        client.send(beckett, to_s=1.0)
        client.socket.send(then)
        with pytest.raises(Refused) as raised:
            client.await_frame("ended")
    assert (raised.value.code, raised.value.closed) == (code, closed)
    with service.client(dictation_id=client.ready["dictation_id"]) as again:
        assert again.ready["received_s"] == 1.0
        assert again.stop()["entry_id"]


def test_a_refusal_by_the_journal_is_reported_and_a_fresh_token_resolves_it(
    serve: Serve, journal: FakeJournal, beckett: Samples
) -> None:
    service = serve()
    journal.refusals = [TemporaryError("later"), Unauthenticated("expired")]
    with service.client() as client:
        client.send(beckett, to_s=2.0)
        with pytest.raises(Refused) as raised:
            client.stop()
    assert (raised.value.code, raised.value.closed) == ("unauthenticated", 4401)
    with service.client(dictation_id=client.ready["dictation_id"]) as again:
        assert again.await_frame("ended")["entry_id"]
    assert len(journal.tokens) == 3
