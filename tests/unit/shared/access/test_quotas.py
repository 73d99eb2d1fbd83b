"""Quotas that hold across instances."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.shared.access.quotas import Quota, RateLimiter, TooManyRequests
from functions.shared.backends.local.record_store import SqliteRecordStore
from functions.shared.domain.records import Address, QuotaUsage
from functions.shared.errors import TemporaryError
from tests.support.laptop import MEMORY_FOLDER

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUOTA = Quota("requests", 100, 60)


class Time:
    """One clock for the store and all instances."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed


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


MIB = 2**20
AUDIO = Quota("audio-mib", 2, 86_400, unit=MIB)


def allowed(limiter: RateLimiter, calls: int, owner: str = "ada") -> int:
    """How many of `calls` are allowed."""
    passed = 0
    for _ in range(calls):
        try:
            limiter.take(owner, QUOTA)
        except TooManyRequests:
            continue
        passed += 1
    return passed


def test_one_instance_grants_exactly_the_quota(instance: Callable[[], RateLimiter]) -> None:
    assert allowed(instance(), 150) == 100


def test_a_quota_resets_when_its_window_ends(instance: Callable[[], RateLimiter], time: Time) -> None:
    limiter = instance()
    allowed(limiter, 150)
    with pytest.raises(TooManyRequests) as error:
        limiter.take("ada", QUOTA)
    assert error.value.quota_status == (QUOTA, 0, 60)
    time.elapsed = 59.5
    assert allowed(limiter, 1) == 0
    time.elapsed = 60
    assert allowed(limiter, 150) == 100


def test_the_status_says_what_is_left(instance: Callable[[], RateLimiter], time: Time) -> None:
    limiter = instance()
    assert limiter.take("ada", QUOTA) == (QUOTA, 99, 60)
    time.elapsed = 20.2
    assert limiter.take("ada", QUOTA) == (QUOTA, 98, 40)
    time.elapsed = 59.9
    assert limiter.take("ada", QUOTA).reset_s == 1


def test_nothing_is_left_of_a_quota_that_was_lowered_below_its_use(
    instance: Callable[[], RateLimiter],
) -> None:
    allowed(instance(), 100)
    with pytest.raises(TooManyRequests) as error:
        instance().take("ada", replace(QUOTA, limit=50))
    assert error.value.quota_status.remaining == 0


def test_the_document_is_written_far_less_often_than_calls_come(
    instance: Callable[[], RateLimiter], records: CountedRecords
) -> None:
    assert allowed(instance(), 100) == 100
    assert records.writes < 20


def test_calls_beyond_the_quota_cause_no_writes(
    instance: Callable[[], RateLimiter], records: CountedRecords
) -> None:
    limiter = instance()
    allowed(limiter, 101)
    before = records.writes
    assert allowed(limiter, 500) == 0
    assert records.writes == before


def test_users_and_keys_are_counted_separately(instance: Callable[[], RateLimiter]) -> None:
    limiter = instance()
    allowed(limiter, 100, "ada")
    assert limiter.take("bob", QUOTA).remaining == 99
    assert limiter.take("ada", QUOTA, of="key").remaining == 99


def test_a_rejected_amount_uses_nothing_of_the_quota(instance: Callable[[], RateLimiter]) -> None:
    limiter = instance()
    limiter.take("ada", QUOTA, 60)
    with pytest.raises(TooManyRequests):
        limiter.take("ada", QUOTA, 41)
    assert limiter.take("ada", QUOTA, 40).remaining == 0


def test_calls_pass_while_the_store_is_unreachable(tmp_path: Path) -> None:
    class Unreachable(SqliteRecordStore):
        def transact(self, address: Any, change: Any) -> Any:
            raise TemporaryError("unreachable")

    assert allowed(RateLimiter(Unreachable(tmp_path / "journal.db")), 200) == 200


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 30)), max_size=40))
def test_several_instances_together_never_exceed_the_quota(turns: list[tuple[int, int]]) -> None:
    time = Time()
    with TemporaryDirectory(dir=MEMORY_FOLDER) as folder:
        records = SqliteRecordStore(Path(folder) / "journal.db", time.now)
        instances = [RateLimiter(records, time.monotonic) for _ in range(5)]
        passed = sum(allowed(instances[index], calls) for index, calls in turns)
    requested = sum(calls for _, calls in turns)
    assert passed <= min(requested, 100)
    assert passed >= min(requested, 100) - 5 * 12, "an unused lease is at most an eighth of the quota"


def test_concurrent_instances_never_exceed_the_quota(instance: Callable[[], RateLimiter]) -> None:
    with ThreadPoolExecutor(4) as pool:
        passed = sum(pool.map(lambda limiter: allowed(limiter, 60), [instance() for _ in range(4)]))
    assert 60 <= passed <= 100


# -- quotas that count bytes against a limit in MiB -----------------------------------------------------


def usage(records: SqliteRecordStore) -> QuotaUsage:
    stored = records.get(Address(QuotaUsage, AUDIO.name, "ada"))
    assert stored is not None
    return stored


def test_amounts_smaller_than_the_unit_add_up(instance: Callable[[], RateLimiter]) -> None:
    limiter = instance()
    remaining = [limiter.take("ada", AUDIO, int(0.4 * MIB)).remaining for _ in range(5)]
    assert remaining == [1, 1, 0, 0, 0]
    with pytest.raises(TooManyRequests) as error:
        limiter.take("ada", AUDIO, 10)
    assert error.value.quota_status == (AUDIO, 0, 86_400)


def test_stored_usage_keeps_its_unit_for_older_versions(
    instance: Callable[[], RateLimiter], records: SqliteRecordStore
) -> None:
    instance().take("ada", AUDIO, int(0.4 * MIB))
    assert (usage(records).taken, usage(records).taken_exactly) == (1, int(0.4 * MIB))
    instance().take("ada", AUDIO, int(0.7 * MIB))
    assert usage(records).taken == 2
    assert allowed(instance(), 1) == 1
    requests = records.get(Address(QuotaUsage, QUOTA.name, "ada"))
    assert requests is not None
    assert requests.taken_exactly is None


def test_usage_stored_by_an_older_version_counts(
    instance: Callable[[], RateLimiter], records: SqliteRecordStore
) -> None:
    old = QuotaUsage(record_id=AUDIO.name, owner="ada", began_at=NOON, taken=1)
    records.transact(Address(QuotaUsage, AUDIO.name, "ada"), lambda _, __: (old, None))
    limiter = instance()
    with pytest.raises(TooManyRequests):
        limiter.take("ada", AUDIO, MIB + 1)
    assert limiter.take("ada", AUDIO, MIB).remaining == 0
