"""Timestamps of packets become times that never go back, whatever recorders wrote."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.audio.clock import Clock

PACKET_S = 0.02
TICK_S = 0.001


def placed(clock: Clock, stamps: Sequence[float | None], duration: float = PACKET_S) -> list[float]:
    following = [*stamps[1:], None]
    return [clock.place(at, duration, next_, TICK_S) for at, next_ in zip(stamps, following, strict=True)]


def stamps(count: int, start: float = 0.0, step: float = PACKET_S) -> list[float | None]:
    return [start + index * step for index in range(count)]


def started(origin: float = 0.0) -> Clock:
    clock = Clock()
    clock.begin(origin)
    return clock


def test_times_count_from_the_first_timestamp_of_any_track() -> None:
    clock = started(origin=1000.0)
    assert placed(clock, stamps(5, 1004.0))[0] == pytest.approx(4.0)
    assert (clock.end, clock.gaps) == pytest.approx((4.1, 4.0))


def test_a_restart_continues_where_the_sound_ended() -> None:
    clock = started()
    times = placed(clock, [*stamps(100), *stamps(50), *stamps(10)])
    assert times == pytest.approx([index * PACKET_S for index in range(160)], abs=0.1)
    assert clock.end == pytest.approx(3.2, abs=0.1)


@pytest.mark.parametrize("gap", [0.5, 61.0, 7200.0])
def test_a_gap_counts_once_and_is_no_sound(gap: float) -> None:
    clock = started()
    times = placed(clock, [*stamps(100), *stamps(100, 2.0 + gap)])
    assert times[100] == pytest.approx(2.0 + gap)
    assert clock.end == pytest.approx(4.0 + gap)
    assert clock.end - clock.gaps == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize("wrong", [900.0, -900.0, 0.0])
def test_a_timestamp_without_a_neighbor_that_agrees_is_ignored(wrong: float) -> None:
    clock = started()
    times = placed(clock, [*stamps(50), wrong, *stamps(49, 51 * PACKET_S)])
    assert times == pytest.approx([index * PACKET_S for index in range(100)], abs=0.03)


def test_timestamps_beyond_a_day_are_not_believed() -> None:
    clock = started()
    placed(clock, [*stamps(50), *stamps(50, 1e9)])
    assert clock.end == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("stamp", [0.0, None])
def test_packets_without_usable_timestamps_follow_one_another(stamp: float | None) -> None:
    clock = started()
    placed(clock, [stamp] * 500)
    assert clock.end == pytest.approx(10.0, rel=0.03)


def test_a_packet_that_lasts_until_after_a_gap_does_not_sound_in_it() -> None:
    clock = started()
    placed(clock, stamps(100))
    clock.place(2.0, 300.0, 302.0, TICK_S)
    placed(clock, stamps(10, 302.0))
    assert (clock.end, clock.end - clock.gaps) == pytest.approx((302.2, 2.22), abs=0.1)


@pytest.mark.parametrize(("origin", "begin"), [(0.0, 2.0), (1.0, 2.0), (62.0, 62.0)])
def test_the_next_recording_restarts_or_goes_on(origin: float, begin: float) -> None:
    """The first ended at 2 s. One that claims to begin later than that is believed, as within a recording."""
    clock = started()
    placed(clock, stamps(100))
    clock.begin(origin)
    assert placed(clock, stamps(10, origin))[0] == pytest.approx(begin)


def test_coarse_durations_do_not_drift() -> None:
    """Matroska rounds 42.67 ms to 43: over an hour, that would be half a minute."""
    clock = started()
    count = 84_375
    exact = [round(index * 1024 / 24_000, 3) for index in range(count)]
    placed(clock, exact, duration=0.043)
    assert clock.end == pytest.approx(3600.0, abs=0.1)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=60), st.floats(0, 0.5))
def test_whatever_the_timestamps_times_never_go_back(wild: list[float | None], duration: float) -> None:
    clock = started()
    for index, stamp in enumerate(wild):
        before = clock.end
        following = wild[index + 1] if index + 1 < len(wild) else None
        assert clock.place(stamp, duration, following, TICK_S) >= before - 0.11
    assert 0 <= clock.gaps <= clock.end <= 24 * 3600 + 60
