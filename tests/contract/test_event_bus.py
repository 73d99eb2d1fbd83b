"""What every EventBus guarantees. Deliveries may repeat and be out of order, so only sets are compared."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.shared.domain.entries import Event, EventType
from tests.contract.harness import BusHarness


def event(number: int = 1, type_: EventType = EventType.TRANSCRIBED, chunk: int | None = None) -> Event:
    return Event(type=type_, uid="ada", entry_id=f"e{number}", revision=1, chunk=chunk)


def delivered(harness: BusHarness) -> set[Event]:
    seen = list[Event]()
    harness.deliver(seen.append)
    return set(seen)


def test_an_empty_bus_delivers_nothing(harness: BusHarness) -> None:
    assert delivered(harness) == set()
    assert harness.dead_letters() == []


@pytest.mark.parametrize(
    "sent",
    [
        *(event(type_=type_) for type_ in EventType),
        event(chunk=0),
        event(chunk=11),
        Event(type=EventType.UPLOADED, uid="Grüße 🌍", entry_id="a/b|c", revision=7),
    ],
)
def test_an_event_is_delivered_unchanged(harness: BusHarness, sent: Event) -> None:
    harness.bus.publish(sent)

    assert delivered(harness) == {sent}


def test_every_event_is_delivered(harness: BusHarness) -> None:
    sent = [event(number) for number in range(20)]
    for unsent in sent:
        harness.bus.publish(unsent)

    assert delivered(harness) == set(sent)


def test_events_of_concurrent_publishers_are_all_delivered(harness: BusHarness) -> None:
    sent = [event(number) for number in range(24)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(harness.bus.publish, sent))

    assert delivered(harness) == set(sent)


def test_an_acknowledged_event_is_not_delivered_again(harness: BusHarness) -> None:
    harness.bus.publish(event())
    delivered(harness)

    assert delivered(harness) == set()
    assert harness.dead_letters() == []


def test_an_event_published_by_a_handler_is_delivered(harness: BusHarness) -> None:
    seen = set[Event]()

    def handle(received: Event) -> None:
        if received == event(1) and received not in seen:
            harness.bus.publish(event(2))
        seen.add(received)

    harness.bus.publish(event(1))
    harness.deliver(handle)

    assert seen == {event(1), event(2)}


def test_an_event_can_be_published_again_after_it_was_handled(harness: BusHarness) -> None:
    harness.bus.publish(event())
    delivered(harness)
    harness.bus.publish(event())

    assert delivered(harness) == {event()}


def test_a_failed_event_is_delivered_again_until_it_succeeds(harness: BusHarness) -> None:
    attempts = Counter[Event]()

    def fail_twice(received: Event) -> None:
        attempts[received] += 1
        if attempts[received] < 3:
            raise RuntimeError

    harness.bus.publish(event(1))
    harness.bus.publish(event(2))
    harness.deliver(fail_twice)

    assert set(attempts) == {event(1), event(2)}
    assert all(count >= 3 for count in attempts.values())
    assert harness.dead_letters() == []


def test_an_event_that_always_fails_becomes_a_dead_letter_and_blocks_no_other(
    harness: BusHarness,
) -> None:
    attempts = Counter[Event]()

    def refuse_one(received: Event) -> None:
        attempts[received] += 1
        if received == event(1, chunk=3):
            raise RuntimeError

    harness.bus.publish(event(1, chunk=3))
    harness.bus.publish(event(2))
    harness.deliver(refuse_one)

    assert attempts[event(2)] >= 1
    assert attempts[event(1, chunk=3)] >= 5
    assert harness.dead_letters() == [event(1, chunk=3)]
    assert delivered(harness) == set()


def test_every_event_that_always_fails_becomes_a_dead_letter(harness: BusHarness) -> None:
    def refuse(_: Event) -> None:
        raise RuntimeError

    for number in (1, 2):
        harness.bus.publish(event(number))
        harness.deliver(refuse)

    assert set(harness.dead_letters()) == {event(1), event(2)}


def test_deleting_a_users_events_does_not_block_others(harness: BusHarness) -> None:
    harness.bus.publish(event(1))
    harness.bus.publish(other := Event(type=EventType.UPLOADED, uid="grace", entry_id="e", revision=1))
    harness.bus.delete_all("ada")
    assert other in delivered(harness)
