"""Clients that drip are cut off, and slow ones are not."""

from __future__ import annotations

import io

import pytest

from functions.shared.runtime.settings import Settings
from functions.shared.web.app import create_app
from functions.shared.web.routing import Call, Reply, Route
from functions.shared.web.slow_clients import GRACE_S, MIN_BYTES_PER_S, PacedInput, TooSlow


class Dripping(io.BytesIO):
    """Gives at most so many bytes at a time, each read taking a second."""

    def __init__(self, data: bytes, at_once: int) -> None:
        super().__init__(data)
        self._at_once = at_once
        self.now = 0.0

    def read(self, size: int | None = -1) -> bytes:
        self.now += 1.0
        return super().read(min(self._at_once, size) if size is not None and size >= 0 else self._at_once)

    def clock(self) -> float:
        return self.now


def drained(stream: PacedInput) -> bytes:
    parts = []
    while part := stream.read(65536):
        parts.append(part)
    return b"".join(parts)


def test_a_steady_body_comes_whole_however_long_it_takes() -> None:
    data = b"x" * int(MIN_BYTES_PER_S * 100)
    source = Dripping(data, int(MIN_BYTES_PER_S) + 1)
    assert drained(PacedInput(source, source.clock)) == data
    assert source.now > GRACE_S


def test_a_drip_is_cut_off_after_the_grace() -> None:
    source = Dripping(b"x" * 1000, 1)
    stream = PacedInput(source, source.clock)
    with pytest.raises(TooSlow):
        drained(stream)
    assert source.now == pytest.approx(GRACE_S + 1)


def test_a_small_body_may_pause_as_long_as_the_grace() -> None:
    source = Dripping(b"x" * int(GRACE_S - 2), 1)
    assert len(drained(PacedInput(source, source.clock))) == int(GRACE_S - 2)


def test_every_body_is_paced_and_the_answer_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.shared.web.slow_clients.GRACE_S", -1.0)
    monkeypatch.setattr("functions.shared.web.slow_clients.MIN_BYTES_PER_S", 1e12)

    def length(call: Call[None]) -> Reply:
        return Reply(body={"length": len(call.request.get_data())})

    route = Route(method="POST", path="/", handler=length, summary="", tag="", replies={200: None})
    answer = create_app([route], Settings()).test_client().post("/", data=b"x" * 100_000)
    assert answer.status_code == 408
    assert (answer.json or {})["code"] == "request_too_slow"
