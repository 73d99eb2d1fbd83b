"""What every RecordStore guarantees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from functions.shared.backends.gcp import record_store as google_records
from functions.shared.backends.local import record_store as local_records
from functions.shared.domain.records import (
    KINDS,
    Account,
    Address,
    ApiKey,
    DeletedAccount,
    IdempotentRequest,
    JobKind,
    JobRecord,
    JobState,
    NameDictionary,
    NameSuggestion,
    QuotaUsage,
    Record,
    Scope,
    address_of,
)
from functions.shared.ports import UNCHANGED, RecordStore

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=3650 * 2)
AWKWARD = "a/b ünd.."

EXAMPLES: tuple[Record, ...] = (
    Account(
        record_id="ada", owner="ada", created_at=NOON, updated_at=NOON, consent_version="2",
        consented_at=NOON, timezone="Europe/Berlin", language="de", audio_retention="days",
        audio_retention_days=3, retention_days=30, share_corrections=True, wake_at=NOON,
    ),
    NameDictionary(
        record_id="ada", owner="ada", names=("Zorvath", "Grüße 🌍"), declined=("d",),
        suggestions=(NameSuggestion(name="Melindrel", heard="melon drill", entry_id="e1"),),
    ),
    DeletedAccount(record_id="hash", uid="ada", deleted_at=NOON, wake_at=NOON, expires_at=LATER),
    ApiKey(
        record_id="k1", owner="ada", name="Grüße 🌍", scopes=frozenset({Scope.READ, Scope.ANALYZE}),
        digest="d", former="f", former_until=NOON, created_at=NOON, ends_at=LATER,
        last_used_at=NOON, revoked_at=NOON,
    ),
    QuotaUsage(record_id="requests", owner="ada", began_at=NOON, taken=17),
    IdempotentRequest(record_id="r1", owner="ada", digest="d", entry_id="e1", expires_at=LATER),
    JobRecord(
        record_id="j1", owner="ada", kind=JobKind.EXPORT, state=JobState.RUNNING, created_at=NOON,
        updated_at=NOON, finished_at=NOON, done=3, total=9, attempt=2, lease_token="t", code="c",
        detail={"cursor": "x"}, wake_at=NOON,
    ),
)  # fmt: skip


def put(records: RecordStore, record: Record) -> None:
    records.transact(address_of(record), lambda _, __: (record, None))


def allowance(owner: str = "ada", name: str = "requests", taken: int = 0) -> QuotaUsage:
    return QuotaUsage(record_id=name, owner=owner, began_at=NOON, taken=taken)


def test_every_kind_of_record_has_an_example() -> None:
    assert {type(example) for example in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_a_record_is_read_as_it_was_written(records: RecordStore, example: Record) -> None:
    put(records, example)
    assert records.get(address_of(example)) == example
    if example.owner:
        assert records.list_owned(type(example), example.owner) == [example]


def test_an_unknown_record_is_none(records: RecordStore) -> None:
    assert records.get(Address(Account, "nobody")) is None
    assert records.list_owned(ApiKey, "nobody") == []


def test_a_change_gets_the_stored_record_and_the_stores_clock(records: RecordStore) -> None:
    put(records, allowance(taken=1))
    before = datetime.now(UTC) - timedelta(minutes=5)

    def change(stored: QuotaUsage | None, now: datetime) -> tuple[QuotaUsage, datetime]:
        assert stored is not None
        return replace(stored, taken=stored.taken + 1), now

    now = records.transact(Address(QuotaUsage, "requests", "ada"), change)
    assert before < now < datetime.now(UTC) + timedelta(minutes=5)
    assert records.get(Address(QuotaUsage, "requests", "ada")) == allowance(taken=2)


def test_an_unset_field_is_removed(records: RecordStore) -> None:
    key = next(example for example in EXAMPLES if isinstance(example, ApiKey))
    put(records, key)
    put(records, bare := replace(key, former=None, former_until=None, revoked_at=None))
    assert records.get(address_of(key)) == bare


def test_unchanged_keeps_the_record_and_none_deletes_it(records: RecordStore) -> None:
    address = Address(QuotaUsage, "requests", "ada")
    put(records, allowance())
    assert records.transact(address, lambda stored, _: (UNCHANGED, stored is not None))
    assert records.get(address) == allowance()
    assert records.transact(address, lambda stored, _: (None, stored is not None))
    assert records.get(address) is None
    assert not records.transact(address, lambda stored, _: (None, stored is not None))


def test_a_change_that_raises_writes_nothing(records: RecordStore) -> None:
    def change(_: QuotaUsage | None, __: datetime) -> tuple[QuotaUsage, None]:
        raise LookupError

    with pytest.raises(LookupError):
        records.transact(Address(QuotaUsage, "requests", "ada"), change)
    assert records.get(Address(QuotaUsage, "requests", "ada")) is None


def test_concurrent_writes_of_one_record_are_serialized(records: RecordStore) -> None:
    address = Address(QuotaUsage, "requests", "ada")

    def add(_: int) -> None:
        records.transact(
            address, lambda stored, _: (allowance(taken=(stored.taken if stored else 0) + 1), None)
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(8)))
    stored = records.get(address)
    assert stored is not None
    assert stored.taken == 8


def test_nested_records_of_two_owners_are_separate(records: RecordStore) -> None:
    put(records, allowance("ada", taken=1))
    put(records, allowance("bob", taken=2))
    assert records.list_owned(QuotaUsage, "ada") == [allowance("ada", taken=1)]
    assert records.list_owned(QuotaUsage, "bob") == [allowance("bob", taken=2)]


def test_all_records_of_a_kind_are_listed(records: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (local_records, google_records):
        monkeypatch.setattr(module, "_PAGE", 2)
    accounts = {
        uid: Account(record_id=uid, owner=uid, created_at=NOON, updated_at=NOON)
        for uid in ("ada", "bob", "eve", "joe", AWKWARD)
    }
    for account in accounts.values():
        put(records, account)
    put(records, allowance())
    assert {account.record_id: account for account in records.list_all(Account)} == accounts
    assert list(records.list_all(ApiKey)) == []


def test_identifiers_may_contain_any_characters(records: RecordStore) -> None:
    put(records, record := allowance(AWKWARD, AWKWARD, 3))
    assert records.get(Address(QuotaUsage, AWKWARD, AWKWARD)) == record


def test_an_expired_record_counts_as_deleted(records: RecordStore) -> None:
    past = IdempotentRequest(
        record_id="r", owner="ada", digest="d", entry_id="e", expires_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    put(records, past)
    assert records.get(address_of(past)) is None
    assert records.list_owned(IdempotentRequest, "ada") == []
    assert records.transact(address_of(past), lambda stored, _: (UNCHANGED, stored is None))


def test_due_items_are_listed_most_overdue_first(records: RecordStore) -> None:
    job = next(example for example in EXAMPLES if isinstance(example, JobRecord))
    second = replace(job, record_id="second", owner="bob", wake_at=NOON + timedelta(hours=1))
    waits = replace(job, record_id="waits", wake_at=LATER)
    rests = replace(job, record_id="rests", wake_at=None)
    for record in (second, job, waits, rests):
        put(records, record)
    assert records.list_due(JobRecord, 10) == [job, second]
    assert records.list_due(JobRecord, 1) == [job]
    assert records.list_due(Account, 10) == []


def test_delete_all_deletes_only_the_owners_records(records: RecordStore) -> None:
    for example in EXAMPLES:
        put(records, example)
    put(records, other := allowance("bob"))
    records.delete_all("ada")
    remaining = [type(example) for example in EXAMPLES if records.get(address_of(example)) is not None]
    assert remaining == [DeletedAccount], "a tombstone has no owner"
    assert records.list_owned(QuotaUsage, "bob") == [other]
