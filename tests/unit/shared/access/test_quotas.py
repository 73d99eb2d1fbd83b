"""Quotas that hold whoever counts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.shared.access.quotas import Quota, RateLimiter, TooManyRequests
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.errors import TemporaryError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUOTA = Quota("requests", 100, 60)


class Time:
    """One clock for the store and every instance."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed


class CountedRecords(SqliteRecordStore):
    writes = 0

    def transact(self, address: Any, change: Any) -> Any:
        self.writes += 1
        return super().transact(address, change)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def records(tmp_path: Path, time: Time) -> CountedRecords:
    return CountedRecords(tmp_path / "journal.db", time.now)


@pytest.fixture
def instance(records: CountedRecords, time: Time) -> Callable[[], RateLimiter]:
    return lambda: RateLimiter(records, time.monotonic)


def allowed(limiter: RateLimiter, calls: int, owner: str = "ada") -> int:
    """How many of so many calls are let through."""
    passed = 0
    for _ in range(calls):
        try:
            limiter.take(owner, QUOTA)
        except TooManyRequests:
            continue
        passed += 1
    return passed


def test_one_instance_gives_all_of_a_quota_and_no_more(instance: Callable[[], RateLimiter]) -> None:
    assert allowed(instance(), 150) == 100


def test_it_begins_anew_when_its_window_ends(instance: Callable[[], RateLimiter], time: Time) -> None:
    limiter = instance()
    allowed(limiter, 150)
    with pytest.raises(TooManyRequests) as refused:
        limiter.take("ada", QUOTA)
    assert refused.value.quota_status == (QUOTA, 0, 60)
    time.passed = 59.5
    assert allowed(limiter, 1) == 0
    time.passed = 60
    assert allowed(limiter, 150) == 100


def test_it_says_what_is_left(instance: Callable[[], RateLimiter], time: Time) -> None:
    limiter = instance()
    assert limiter.take("ada", QUOTA) == (QUOTA, 99, 60)
    time.passed = 20.2
    assert limiter.take("ada", QUOTA) == (QUOTA, 98, 40)


def test_the_document_is_written_far_less_often_than_calls_come(
    instance: Callable[[], RateLimiter], records: CountedRecords
) -> None:
    assert allowed(instance(), 100) == 100
    assert records.writes < 20


def test_who_has_used_theirs_up_costs_nothing_more(
    instance: Callable[[], RateLimiter], records: CountedRecords
) -> None:
    limiter = instance()
    allowed(limiter, 101)
    before = records.writes
    assert allowed(limiter, 500) == 0
    assert records.writes == before


def test_users_and_keys_are_counted_apart(instance: Callable[[], RateLimiter]) -> None:
    limiter = instance()
    allowed(limiter, 100, "ada")
    assert limiter.take("bob", QUOTA).remaining == 99
    assert limiter.take("ada", QUOTA, of="key").remaining == 99


def test_what_is_too_much_at_once_is_refused_and_the_rest_stays(instance: Callable[[], RateLimiter]) -> None:
    limiter = instance()
    limiter.take("ada", QUOTA, 60)
    with pytest.raises(TooManyRequests):
        limiter.take("ada", QUOTA, 41)
    assert limiter.take("ada", QUOTA, 40).remaining == 0


def test_a_store_that_is_out_lets_calls_pass(tmp_path: Path) -> None:
    class Out(SqliteRecordStore):
        def transact(self, address: Any, change: Any) -> Any:
            raise TemporaryError("out")

    assert allowed(RateLimiter(Out(tmp_path / "journal.db")), 200) == 200


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 30)), max_size=40))
@settings(deadline=None)
def test_several_instances_never_give_more_together(
    tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[int, int]]
) -> None:
    time = Time()
    records = SqliteRecordStore(tmp_path_factory.mktemp("quota") / "journal.db", time.now)
    instances = [RateLimiter(records, time.monotonic) for _ in range(5)]
    passed = sum(allowed(instances[which], calls) for which, calls in turns)
    asked = sum(calls for _, calls in turns)
    assert passed <= min(asked, 100)
    assert passed >= min(asked, 100) - 5 * 12, "a lease left over is an eighth of the quota at most"


def test_instances_side_by_side_give_no_more_either(instance: Callable[[], RateLimiter]) -> None:
    with ThreadPoolExecutor(4) as pool:
        passed = sum(pool.map(lambda limiter: allowed(limiter, 60), [instance() for _ in range(4)]))
    assert 60 <= passed <= 100
