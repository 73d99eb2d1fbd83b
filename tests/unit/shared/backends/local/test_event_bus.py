from __future__ import annotations

from pathlib import Path

import pytest

from functions.shared.backends.local.event_bus import Delivery, RetryPolicy, SqliteEventBus
from functions.shared.domain.entries import Event, EventType

POLICY = RetryPolicy(max_attempts=4, backoff_s=1.0, max_backoff_s=3.0, lease_s=600.0)


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def bus(tmp_path: Path, time: Time) -> SqliteEventBus:
    return SqliteEventBus(tmp_path / "queue.db", policy=POLICY, clock=time)


def event(name: str = "e") -> Event:
    return Event(type=EventType.TRANSCRIBED, uid="ada", entry_id=name, revision=1)


def received(bus: SqliteEventBus) -> Delivery:
    delivery = bus.receive()
    assert delivery is not None
    return delivery


def test_a_leased_message_is_hidden_until_its_lease_ends(bus: SqliteEventBus, time: Time) -> None:
    bus.publish(event())
    assert received(bus).attempt == 1
    assert bus.receive() is None

    time.now += 599
    assert bus.receive() is None
    assert bus.seconds_until_next() == 1
    time.now += 1
    assert received(bus).attempt == 2


def test_the_message_that_has_waited_longest_is_delivered_first(bus: SqliteEventBus, time: Time) -> None:
    for name in ["b", "c", "a"]:
        bus.publish(event(name))
        time.now += 1

    assert [received(bus).event.entry_id for _ in range(3)] == ["b", "c", "a"]


def test_backoff_grows_up_to_a_limit_until_the_last_attempt(bus: SqliteEventBus, time: Time) -> None:
    bus.publish(event())
    for wait in [1.0, 2.0, 3.0]:
        assert not bus.reject(received(bus))
        assert bus.seconds_until_next() == wait
        time.now += wait
    last = received(bus)

    assert bus.reject(last)
    bus.bury(last)
    assert bus.dead_letters() == [event()]
    assert bus.depth() == 0
    assert bus.seconds_until_next() is None


def test_a_late_acknowledgement_does_not_affect_a_message_leased_again(
    bus: SqliteEventBus, time: Time
) -> None:
    bus.publish(event())
    late = received(bus)
    time.now += POLICY.lease_s
    current = received(bus)

    bus.acknowledge(late)
    assert not bus.reject(late)
    assert bus.receive() is None
    assert bus.depth() == 1
    bus.acknowledge(current)
    assert bus.depth() == 0


def test_a_late_acknowledgement_does_not_affect_a_later_message(bus: SqliteEventBus) -> None:
    bus.publish(event("first"))
    first = received(bus)
    bus.acknowledge(first)
    bus.publish(event("second"))
    second = received(bus)

    bus.acknowledge(first)
    assert bus.depth() == 1
    bus.acknowledge(second)
    assert bus.depth() == 0


def test_several_events_can_be_given_up(bus: SqliteEventBus) -> None:
    for name in ["first", "second"]:
        bus.publish(event(name))
        bus.bury(received(bus))

    assert [dead.entry_id for dead in bus.dead_letters()] == ["first", "second"]


def test_recover_makes_leased_and_delayed_messages_visible(bus: SqliteEventBus) -> None:
    for name in ["working", "waiting"]:
        bus.publish(event(name))
    received(bus)
    bus.reject(received(bus))
    assert bus.receive() is None

    bus.recover()

    assert {received(bus).event.entry_id for _ in range(2)} == {"working", "waiting"}


def test_messages_survive_a_restart(bus: SqliteEventBus, tmp_path: Path, time: Time) -> None:
    bus.publish(event())

    assert received(SqliteEventBus(tmp_path / "queue.db", clock=time)).event == event()


def test_publishing_wakes_waiting_workers(tmp_path: Path) -> None:
    depths = list[int]()
    ringing = SqliteEventBus(tmp_path / "queue.db", on_publish=lambda: depths.append(ringing.depth()))
    ringing.publish(event())

    assert depths == [1]


def test_the_same_event_published_twice_is_two_messages(bus: SqliteEventBus) -> None:
    bus.publish(event())
    bus.publish(event())
    bus.acknowledge(received(bus))

    assert received(bus).event == event()
