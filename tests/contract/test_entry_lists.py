"""What every EntryStore guarantees about lists of entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from functions.shared.domain import correcting
from functions.shared.domain.content import (
    EmotionScore,
)
from functions.shared.domain.corrections import Corrections
from functions.shared.domain.entries import (
    EntryKey,
    Status,
)
from functions.shared.errors import InvalidRequest
from functions.shared.ports import EntryFilter, EntryStore
from tests.contract.entries import (
    NOON,
    at,
    entry,
    filtered,
    full_entry,
    labeled_entry,
    listed,
    put,
    tombstone,
)

# -- pages --------------------------------------------------------------------------------------


def test_an_empty_journal_is_one_empty_page(store: EntryStore) -> None:
    assert list(listed(store, 10)) == [[]]


def test_entries_are_listed_newest_recording_first(store: EntryStore) -> None:
    for name, minutes in [("b", 2.0), ("c", 3.0), ("a", 1.0), ("c+", 3.000001)]:
        at(store, name, minutes)

    assert list(listed(store, 10)) == [["c+", "c", "b", "a"]]


def test_time_zones_do_not_change_the_order(store: EntryStore) -> None:
    tokyo = timezone(timedelta(hours=9))
    at(store, "noon", 0)
    put(store, entry(EntryKey("ada", "before"), recorded_at=NOON.astimezone(tokyo) - timedelta(minutes=1)))

    assert list(listed(store, 10)) == [["noon", "before"]]


def test_entries_of_any_year_are_sorted(store: EntryStore) -> None:
    years = [1, 987, 1969, 2026, 9998]
    for year in years:
        put(store, entry(EntryKey("ada", str(year)), recorded_at=datetime(year, 6, 1, tzinfo=UTC)))

    assert list(listed(store, 2)) == [["9998", "2026"], ["1969", "987"], ["1"]]


def test_entries_with_equal_times_are_each_listed_once(store: EntryStore) -> None:
    for i in range(5):
        at(store, f"same-{i}", 0)
    at(store, "later", 1)
    at(store, "earlier", -1)

    pages = list(listed(store, 2))

    assert [len(page) for page in pages] == [2, 2, 2, 1]
    names = [name for page in pages for name in page]
    assert names[0] == "later"
    assert names[-1] == "earlier"
    assert sorted(names[1:-1]) == [f"same-{i}" for i in range(5)]


def test_a_full_last_page_has_no_cursor(store: EntryStore) -> None:
    for i in range(4):
        at(store, f"e{i}", i)

    assert list(listed(store, 2)) == [["e3", "e2"], ["e1", "e0"]]


def test_paging_continues_correctly_while_entries_are_added_and_deleted(store: EntryStore) -> None:
    for i in range(6):
        at(store, f"e{i}", i)
    pages = listed(store, 2)

    assert next(pages) == ["e5", "e4"]
    at(store, "newest", 100)
    tombstone(store, at(store, "e4", 4))
    assert next(pages) == ["e3", "e2"]
    at(store, "between", 0.5)
    assert next(pages) == ["e1", "between"]
    assert next(pages) == ["e0"]


def test_each_journal_lists_its_own_entries(store: EntryStore) -> None:
    at(store, "hers", 0, uid="grace")
    at(store, "mine", 1)

    assert list(listed(store, 10)) == [["mine"]]
    assert list(listed(store, 10, uid="grace")) == [["hers"]]


def test_listed_entries_are_complete(store: EntryStore) -> None:
    written = put(store, full_entry())

    assert store.list_entries("ada", limit=1).entries == (written,)


def test_tombstones_can_be_read_but_are_not_listed(store: EntryStore) -> None:
    at(store, "stays", 0)
    deleted = tombstone(store, at(store, "goes", 1))

    assert list(listed(store, 10)) == [["stays"]]
    assert store.get(deleted.key) == deleted


@pytest.mark.parametrize("cursor", ["", "?", "bm90IGEgY3Vyc29y", "w6k=", "é", "\ud800", "a" * 5000])
def test_an_invalid_cursor_is_rejected(store: EntryStore, cursor: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        store.list_entries("ada", limit=10, cursor=cursor)
    assert raised.value.code == "invalid_cursor"


# -- filters ------------------------------------------------------------------------------------


def test_since_is_inclusive_and_until_is_exclusive(store: EntryStore) -> None:
    for minute in range(5):
        at(store, f"e{minute}", minute)
    since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    assert filtered(store, since=since) == ["e4", "e3", "e2", "e1"]
    assert filtered(store, until=until) == ["e2", "e1", "e0"]
    assert filtered(store, since=since, until=until, limit=1) == ["e2", "e1"]


def test_entries_can_be_filtered_by_their_labels(store: EntryStore) -> None:
    labeled_entry(store, "a", 1, "joy", "love", topic="family")
    labeled_entry(store, "b", 2, "joy", topic="work")
    labeled_entry(store, "c", 3, "anger", topic="work")
    assert filtered(store, labels=("emotion:joy",)) == ["b", "a"]
    assert filtered(store, labels=("topic:work",)) == ["c", "b"]
    assert filtered(store, labels=("emotion:joy", "topic:work")) == ["b"]
    assert filtered(store, labels=("emotion:grief",)) == []
    assert filtered(store, labels=("emotion:joy",), since=NOON + timedelta(minutes=2)) == ["b"]


def test_filtered_lists_have_full_pages(store: EntryStore) -> None:
    for number in range(12):
        labeled_entry(store, f"e{number:02}", number, "joy", topic="work" if number % 3 == 0 else "family")
    wanted = ("emotion:joy", "topic:work")
    first = store.list_entries("ada", limit=3, where=EntryFilter(labels=wanted))
    assert [entry.entry_id for entry in first.entries] == ["e09", "e06", "e03"]
    assert filtered(store, limit=3, labels=wanted) == ["e09", "e06", "e03", "e00"]


def test_filters_use_the_corrected_labels_of_entries(store: EntryStore) -> None:
    found = labeled_entry(store, "a", 1, "joy", topic="work")
    stated = Corrections(emotions=("grief", "relief"), topics=())
    put(store, corrected := correcting.correct(found, stated, NOON))
    assert filtered(store, labels=("emotion:joy",)) == []
    assert filtered(store, labels=("topic:work",)) == []
    assert filtered(store, labels=("emotion:grief", "emotion:relief")) == ["a"]
    put(store, correcting.take_back(corrected, None, None, NOON))
    assert filtered(store, labels=("emotion:grief",)) == []
    assert filtered(store, labels=("emotion:joy", "topic:work")) == ["a"]


def test_filters_use_the_current_labels_of_entries(store: EntryStore) -> None:
    was = labeled_entry(store, "a", 1, "joy")
    put(store, replace(was, emotions=(EmotionScore(emotion="grief", confidence=0.9),)))
    tombstone(store, labeled_entry(store, "b", 2, "grief"))
    assert filtered(store, labels=("emotion:joy",)) == []
    assert filtered(store, labels=("emotion:grief",)) == ["a"]


def test_entries_of_batch_jobs_are_not_listed(store: EntryStore) -> None:
    at(store, "mine", 0)
    part = put(store, replace(entry(EntryKey("ada", "part")), job_id="job"))
    assert list(listed(store, 10)) == [["mine"]]
    assert store.get(part.key) == part


def test_entries_awaiting_audio_are_counted_up_to_a_limit(store: EntryStore) -> None:
    for number in range(3):
        waits = replace(entry(EntryKey("ada", f"w{number}")), status=Status.AWAITING_AUDIO, wake_at=NOON)
        put(store, waits)
    at(store, "ready", 0)
    put(store, replace(waits, uid="bob"))
    tombstone(store, replace(waits, entry_id="gone"))
    assert store.count_awaiting_audio("ada", 10) == 3
    assert store.count_awaiting_audio("ada", 2) == 2
    assert store.count_awaiting_audio("nobody", 2) == 0
