"""What every EntryStore guarantees about storing entries and their content."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from msgspec.structs import replace

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import (
    Arc,
    ArcPoint,
    ChunkTranscript,
    EmotionScore,
    EmptyReason,
    Segment,
    Transcript,
    Word,
)
from functions.shared.domain.entries import (
    Entry,
    EntryKey,
)
from functions.shared.ports import EntryStore
from tests.contract.entries import KEY, at, clock, entry, filtered, full_entry, labeled_entry, put, tombstone

# -- documents ----------------------------------------------------------------------------------


def test_an_unknown_entry_is_none(store: EntryStore) -> None:
    assert store.get(KEY) is None
    assert store.transact(KEY, lambda entry, now: (NO_CHANGE, entry)) is None


def test_an_entry_is_read_as_it_was_written(store: EntryStore) -> None:
    written = put(store, full_entry())

    assert store.get(KEY) == written
    assert store.transact(KEY, lambda entry, now: (NO_CHANGE, entry)) == written


def test_the_last_write_replaces_the_whole_entry(store: EntryStore) -> None:
    put(store, full_entry())
    minimal = put(store, entry())

    assert store.get(KEY) == minimal


@pytest.mark.parametrize("other", [EntryKey("ada", "second"), EntryKey("grace", "first")])
def test_entries_with_other_keys_are_separate(store: EntryStore, other: EntryKey) -> None:
    put(store, entry(), Transcript(text="mine"))

    assert store.get(other) is None
    assert store.read(other, 1, Transcript) is None


def test_an_empty_write_changes_nothing_and_returns_the_result(store: EntryStore) -> None:
    before = put(store, entry(), Transcript(text="words"))

    assert store.transact(KEY, lambda entry, now: (NO_CHANGE, "answer")) == "answer"
    assert store.get(KEY) == before
    assert store.read(KEY, 1, Transcript) == Transcript(text="words")


def test_a_change_that_raises_writes_nothing_to_the_entry(store: EntryStore) -> None:
    class Refused(Exception):
        pass

    def refuse(entry: Entry | None, now: datetime) -> tuple[Write, None]:
        raise Refused

    before = put(store, entry(), Transcript(text="words"))
    with pytest.raises(Refused):
        store.transact(KEY, refuse)

    assert store.get(KEY) == before
    after = put(store, replace(before, language="en"))
    assert store.get(KEY) == after


# -- concurrent writers -------------------------------------------------------------------------


def race(runners: int, run: Callable[[int], bool]) -> list[bool]:
    """The results of several threads that start at the same time."""
    start = Barrier(runners)

    def started(number: int) -> bool:
        start.wait()
        return run(number)

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(started, range(runners)))


def test_of_several_concurrent_creators_one_wins(store: EntryStore) -> None:
    def create(number: int) -> bool:
        def change(stored: Entry | None, now: datetime) -> tuple[Write, bool]:
            if stored is not None:
                return NO_CHANGE, False
            candidate = replace(entry(), language=str(number))
            return Write(entry=candidate, pieces=(Transcript(text=str(number)),)), True

        return store.transact(KEY, change)

    won = race(6, create)

    assert won.count(True) == 1
    winner, stored = str(won.index(True)), store.get(KEY)
    assert stored is not None
    assert stored.language == winner
    assert store.read(KEY, 1, Transcript) == Transcript(text=winner)


def test_concurrent_increments_are_not_lost(store: EntryStore) -> None:
    def increment(stored: Entry | None, now: datetime) -> tuple[Write, None]:
        assert stored is not None
        return Write(entry=replace(stored, revision=stored.revision + 1)), None

    def run(_: int) -> bool:
        for _ in range(3):
            store.transact(KEY, increment)
        return True

    put(store, entry(revision=1))
    race(4, run)

    counted = store.get(KEY)
    assert counted is not None
    assert counted.revision == 1 + 4 * 3


def test_the_clock_is_monotonic_and_in_utc(store: EntryStore) -> None:
    moments = [clock(store) for _ in range(20)]

    assert moments == sorted(moments)
    assert all(moment.utcoffset() == timedelta(0) for moment in moments)
    assert abs(moments[-1] - datetime.now(UTC)) < timedelta(minutes=1)


# -- pieces -------------------------------------------------------------------------------------


def test_pieces_are_read_as_they_were_written(store: EntryStore) -> None:
    word = Word(text="Grüße", start=0.0, end=0.5, probability=0.5)
    segment = Segment(text="Grüße, 世界 🌍", start=0.0, end=1.5, confidence=0.5, words=(word,))
    transcript = Transcript(
        text=segment.text, segments=(segment,), language="de", duration_s=1.5, partial=True
    )
    arc = Arc(
        points=(ArcPoint(segment=0, emotions=(EmotionScore(emotion="joy", confidence=0.5),), sentiment=-0.5),)
    )
    chunk = ChunkTranscript(index=0, segments=(segment,), empty_reason=EmptyReason.NO_SPEECH)
    put(store, entry(), transcript, arc, chunk)

    assert store.read(KEY, 1, Transcript) == transcript
    assert store.read(KEY, 1, Arc) == arc
    assert store.read(KEY, 1, ChunkTranscript) == chunk


def test_chunks_are_distinguished_by_their_index(store: EntryStore) -> None:
    chunks = [ChunkTranscript(index=i, language=f"l{i}") for i in range(3)]
    put(store, entry(), *chunks[:2])
    put(store, entry(), chunks[2])

    assert [store.read(KEY, 1, ChunkTranscript, i) for i in range(4)] == [*chunks, None]


def test_a_piece_replaces_an_earlier_one_of_its_kind(store: EntryStore) -> None:
    put(store, entry(), Transcript(text="old"), Arc())
    put(store, entry(), Transcript(text="new"))

    assert store.read(KEY, 1, Transcript) == Transcript(text="new")
    assert store.read(KEY, 1, Arc) == Arc()


def test_each_revision_has_its_own_pieces(store: EntryStore) -> None:
    put(store, entry(revision=1), Transcript(text="first"))
    put(store, entry(revision=2), Transcript(text="second"))

    assert store.read(KEY, 1, Transcript) == Transcript(text="first")
    assert store.read(KEY, 2, Transcript) == Transcript(text="second")
    assert store.read(KEY, 3, Transcript) is None


def test_delete_pieces_deletes_all_revisions_before_new_pieces_are_written(store: EntryStore) -> None:
    put(store, entry(revision=1), Transcript(text="first"), ChunkTranscript(index=4))
    put(store, entry(revision=2), Transcript(text="second"), Arc())
    third = Write(entry=entry(revision=3), pieces=(Transcript(text="third"),), delete_pieces=True)
    store.transact(KEY, lambda _, now: (third, None))

    assert store.read(KEY, 1, Transcript) is None
    assert store.read(KEY, 1, ChunkTranscript, 4) is None
    assert store.read(KEY, 2, Arc) is None
    assert store.read(KEY, 3, Transcript) == Transcript(text="third")


def test_delete_pieces_leaves_other_entries(store: EntryStore) -> None:
    other = EntryKey("ada", "second")
    put(store, entry(), Transcript(text="first"))
    put(store, entry(other), Transcript(text="second"))
    store.transact(KEY, lambda _, now: (Write(delete_pieces=True), None))

    assert store.read(KEY, 1, Transcript) is None
    assert store.read(other, 1, Transcript) == Transcript(text="second")


def test_the_longest_text_is_stored_completely(store: EntryStore) -> None:
    transcript = Transcript(text="🌍" * 20_000)
    put(store, entry(), transcript)

    assert store.read(KEY, 1, Transcript) == transcript


# -- purging ------------------------------------------------------------------------------------


def test_list_keys_includes_tombstones_and_unlisted_entries(store: EntryStore) -> None:
    at(store, "mine", 0)
    tombstone(store, at(store, "deleted", 1))
    put(store, replace(entry(EntryKey("ada", "part")), job_id="job"))
    at(store, "hers", 0, uid="grace")
    assert {key.entry_id for key in store.list_keys("ada", 10)} == {"mine", "deleted", "part"}
    assert len(store.list_keys("ada", 2)) == 2


def test_purging_an_entry_leaves_nothing(store: EntryStore) -> None:
    first = labeled_entry(store, "a", 1, "joy")
    store.transact(
        key := first.key, lambda _, __: (Write(entry=first, pieces=(Transcript(text="words"),)), None)
    )
    store.purge(key)
    store.purge(key)
    assert store.get(key) is None
    assert store.read(key, 1, Transcript) is None
    assert store.list_keys("ada", 10) == []
    assert filtered(store, labels=("emotion:joy",)) == []


# -- due entries --------------------------------------------------------------------------------


def asleep(store: EntryStore, name: str, wake_at: datetime | None) -> EntryKey:
    return put(store, replace(entry(EntryKey("ada", name)), wake_at=wake_at)).key


def test_due_items_are_listed_most_overdue_first(store: EntryStore) -> None:
    now = clock(store)
    middle = asleep(store, "middle", now - timedelta(minutes=2))
    asleep(store, "future", now + timedelta(hours=1))
    first = asleep(store, "first", now - timedelta(days=1))
    asleep(store, "never", None)
    last = asleep(store, "last", now)

    assert store.list_due(10) == [first, middle, last]
    assert store.list_due(2) == [first, middle]


def test_list_due_covers_all_users_and_includes_tombstones(store: EntryStore) -> None:
    now = clock(store)
    other = put(store, replace(entry(EntryKey("grace", "e")), wake_at=now - timedelta(minutes=1)))
    deleted = tombstone(store, replace(entry(), wake_at=now - timedelta(minutes=2)))

    assert store.list_due(10) == [deleted.key, other.key]


def test_an_entry_is_no_longer_due_after_its_wake_at_is_cleared(store: EntryStore) -> None:
    key = asleep(store, "e", clock(store) - timedelta(minutes=1))
    asleep(store, "e", None)

    assert key not in store.list_due(10)
