"""What every DeadLetters guarantees. The order of letters is not guaranteed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from functions.shared.domain.entries import Event, EventType
from functions.shared.errors import NotFound
from functions.shared.ports import DeadLetter
from tests.contract.harness import BusHarness
from tests.contract.test_event_bus import delivered, event


def refuse(_: Event) -> None:
    raise RuntimeError


def give_up(harness: BusHarness, *events: Event) -> None:
    for given_up in events:
        harness.bus.publish(given_up)
    harness.deliver(refuse)


def pulled(harness: BusHarness, count: int = 1) -> list[DeadLetter]:
    letters = harness.letters.pull(100)
    assert len(letters) == count
    return letters


def events_of(letters: Iterable[DeadLetter]) -> set[Event | None]:
    return {letter.event for letter in letters}


def test_there_are_no_letters_before_an_event_is_given_up(harness: BusHarness) -> None:
    assert harness.letters.pull(100) == []


def test_a_letter_states_the_event_the_subscription_and_the_attempts(harness: BusHarness) -> None:
    given_up = event(type_=EventType.EMOTIONS_DETECTED)
    give_up(harness, given_up)

    (letter,) = pulled(harness)
    assert letter.event == given_up
    assert letter.type == given_up.type
    assert letter.subscription == "summarization"
    assert letter.attempts == 5
    assert letter.died_at <= datetime.now(UTC)


def test_pull_returns_at_most_limit_letters(harness: BusHarness) -> None:
    give_up(harness, *(event(number) for number in range(5)))

    letters = harness.letters.pull(2)
    rest = harness.letters.pull(100)
    assert (len(letters), len(rest)) == (2, 3)
    assert events_of([*letters, *rest]) == {event(number) for number in range(5)}


def test_a_pulled_letter_is_leased_until_it_is_released(harness: BusHarness) -> None:
    give_up(harness, event())
    letters = pulled(harness)

    assert harness.letters.pull(100) == []
    harness.letters.release(letters)
    assert events_of(pulled(harness)) == {event()}


def test_an_acknowledged_letter_is_deleted(harness: BusHarness) -> None:
    give_up(harness, event(1), event(2))
    first, second = pulled(harness, 2)
    harness.letters.acknowledge(first)
    harness.letters.release([second])

    assert events_of(pulled(harness)) == {second.event}


def test_a_redelivered_letter_is_published_unchanged(harness: BusHarness) -> None:
    given_up = Event(type=EventType.CHUNK_PLANNED, uid="Grüße 🌍", entry_id="a/b|c", revision=7, chunk=3)
    give_up(harness, given_up)
    (letter,) = pulled(harness)
    harness.letters.redeliver(letter)
    harness.letters.acknowledge(letter)

    assert delivered(harness) == {given_up}
    assert harness.letters.pull(100) == []


def test_a_redelivered_letter_stays_until_it_is_acknowledged(harness: BusHarness) -> None:
    give_up(harness, event())
    (letter,) = pulled(harness)
    harness.letters.redeliver(letter)
    harness.letters.release([letter])

    assert events_of(pulled(harness)) == {event()}


def test_a_deleted_letter_can_be_neither_redelivered_nor_acknowledged(harness: BusHarness) -> None:
    give_up(harness, event())
    (letter,) = pulled(harness)
    harness.letters.acknowledge(letter)

    for late in (harness.letters.redeliver, harness.letters.acknowledge):
        with pytest.raises(NotFound) as raised:
            late(letter)
        assert raised.value.code == "dead_letter_gone"
