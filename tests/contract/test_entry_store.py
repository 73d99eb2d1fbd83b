"""What every EntryStore promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from functions.shared.domain.changes import NO_CHANGE, Write
from functions.shared.domain.content import (
    Arc,
    ArcPoint,
    ChunkTranscript,
    Embedding,
    EmotionScore,
    EmptyReason,
    LabelScore,
    PassageVector,
    Segment,
    Transcript,
    Word,
)
from functions.shared.domain.entries import (
    Audio,
    ChunkRecord,
    Entry,
    EntryKey,
    Event,
    EventType,
    Source,
    Stage,
    StageError,
    StageRecord,
    StageState,
    Status,
)
from functions.shared.domain.insight import Quote, Summary
from functions.shared.errors import InvalidRequest
from functions.shared.ports import EntryFilter, EntryStore

KEY = EntryKey("ada", "first")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(key: EntryKey = KEY, *, recorded_at: datetime = NOON, revision: int = 1) -> Entry:
    return Entry(
        uid=key.uid,
        entry_id=key.entry_id,
        source=Source.TEXT,
        status=Status.PROCESSING,
        revision=revision,
        created_at=NOON,
        recorded_at=recorded_at,
        updated_at=NOON,
    )


def full_entry() -> Entry:
    """Every field set, with microseconds and letters from far away."""
    moment = NOON.replace(microsecond=123457)
    record = StageRecord(
        state=StageState.RUNNING,
        attempt=2,
        lease_token="token",
        lease_until=moment,
        started_at=moment,
        finished_at=moment,
        progress=0.25,
        engine="engine",
        model_version="1.0",
        error=StageError(code="code", message="Grüße, 世界 🌍"),
    )
    return replace(
        entry(recorded_at=moment),
        timezone="Europe/Berlin",
        expires_at=moment,
        language="en",
        audio=Audio(
            object="audio/ada/first",
            generation=1_760_000_000_123_456_789,
            content_type="audio/webm",
            size=1,
            duration_s=2.5,
            delete_after=moment,
            deleted_at=moment,
        ),
        partial_audio=True,
        stages={Stage.TRANSCRIPTION: record, Stage.EMOTION: StageRecord(state=StageState.DONE)},
        chunks=(ChunkRecord(start=0.0, end=300.0, record=record), ChunkRecord(start=300.0, end=301.5)),
        pending_events=(
            Event(type=EventType.CHUNK_PLANNED, uid="ada", entry_id="first", revision=1, chunk=0),
        ),
        wake_at=moment,
        emotions=(EmotionScore(emotion="joy", confidence=0.75),),
        feelings=(LabelScore(label="happy", confidence=0.75), LabelScore(label="calm", confidence=0.5)),
        topics=(LabelScore(label="family", confidence=1.0),),
        sentiment=-0.5,
        summary=Summary(
            text="Once.", engine="e", quotes=(Quote(text="Once.", segment=0, start=0.5, end=1.0),)
        ),
        empty_reason=EmptyReason.NO_WORDS,
    )


def put(store: EntryStore, entry: Entry, *pieces: Transcript | Arc | ChunkTranscript) -> Entry:
    store.transact(entry.key, lambda _, now: (Write(entry=entry, pieces=pieces), None))
    return entry


def clock(store: EntryStore) -> datetime:
    return store.transact(EntryKey("nobody", "none"), lambda _, now: (NO_CHANGE, now))


# -- documents ----------------------------------------------------------------------------------


def test_an_unknown_entry_is_none(store: EntryStore) -> None:
    assert store.get(KEY) is None
    assert store.transact(KEY, lambda entry, now: (NO_CHANGE, entry)) is None


def test_an_entry_comes_back_as_it_was_written(store: EntryStore) -> None:
    written = put(store, full_entry())

    assert store.get(KEY) == written
    assert store.transact(KEY, lambda entry, now: (NO_CHANGE, entry)) == written


def test_the_last_write_replaces_the_whole_entry(store: EntryStore) -> None:
    put(store, full_entry())
    bare = put(store, entry())

    assert store.get(KEY) == bare


@pytest.mark.parametrize("other", [EntryKey("ada", "second"), EntryKey("grace", "first")])
def test_entries_of_other_keys_are_other_entries(store: EntryStore, other: EntryKey) -> None:
    put(store, entry(), Transcript(text="mine"))

    assert store.get(other) is None
    assert store.read(other, 1, Transcript) is None


def test_the_empty_write_changes_nothing_and_still_answers(store: EntryStore) -> None:
    before = put(store, entry(), Transcript(text="words"))

    assert store.transact(KEY, lambda entry, now: (NO_CHANGE, "answer")) == "answer"
    assert store.get(KEY) == before
    assert store.read(KEY, 1, Transcript) == Transcript(text="words")


def test_a_change_that_raises_leaves_everything_as_it_was(store: EntryStore) -> None:
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


# -- one writer at a time -----------------------------------------------------------------------


def race(runners: int, run: Callable[[int], bool]) -> list[bool]:
    """What each of several threads answers that start at the same moment."""
    start = Barrier(runners)

    def started(number: int) -> bool:
        start.wait()
        return run(number)

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(started, range(runners)))


def test_of_many_creators_one_wins(store: EntryStore) -> None:
    def create(number: int) -> bool:
        def change(standing: Entry | None, now: datetime) -> tuple[Write, bool]:
            if standing is not None:
                return NO_CHANGE, False
            mine = replace(entry(), language=str(number))
            return Write(entry=mine, pieces=(Transcript(text=str(number)),)), True

        return store.transact(KEY, change)

    won = race(6, create)

    assert won.count(True) == 1
    winner, stands = str(won.index(True)), store.get(KEY)
    assert stands is not None
    assert stands.language == winner
    assert store.read(KEY, 1, Transcript) == Transcript(text=winner)


def test_no_increment_is_lost_between_writers(store: EntryStore) -> None:
    def increment(standing: Entry | None, now: datetime) -> tuple[Write, None]:
        assert standing is not None
        return Write(entry=replace(standing, revision=standing.revision + 1)), None

    def run(_: int) -> bool:
        for _ in range(3):
            store.transact(KEY, increment)
        return True

    put(store, entry(revision=1))
    race(4, run)

    counted = store.get(KEY)
    assert counted is not None
    assert counted.revision == 1 + 4 * 3


def test_the_clock_never_goes_back_and_knows_its_zone(store: EntryStore) -> None:
    moments = [clock(store) for _ in range(20)]

    assert moments == sorted(moments)
    assert all(moment.utcoffset() == timedelta(0) for moment in moments)
    assert abs(moments[-1] - datetime.now(UTC)) < timedelta(minutes=1)


# -- pieces -------------------------------------------------------------------------------------


def test_pieces_come_back_whole(store: EntryStore) -> None:
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


def test_chunks_are_told_apart_by_their_index(store: EntryStore) -> None:
    chunks = [ChunkTranscript(index=i, language=f"l{i}") for i in range(3)]
    put(store, entry(), *chunks[:2])
    put(store, entry(), chunks[2])

    assert [store.read(KEY, 1, ChunkTranscript, i) for i in range(4)] == [*chunks, None]


def test_a_piece_replaces_the_one_of_its_kind(store: EntryStore) -> None:
    put(store, entry(), Transcript(text="old"), Arc())
    put(store, entry(), Transcript(text="new"))

    assert store.read(KEY, 1, Transcript) == Transcript(text="new")
    assert store.read(KEY, 1, Arc) == Arc()


def test_each_revision_has_pieces_of_its_own(store: EntryStore) -> None:
    put(store, entry(revision=1), Transcript(text="first"))
    put(store, entry(revision=2), Transcript(text="second"))

    assert store.read(KEY, 1, Transcript) == Transcript(text="first")
    assert store.read(KEY, 2, Transcript) == Transcript(text="second")
    assert store.read(KEY, 3, Transcript) is None


def test_forgetting_takes_every_revision_before_the_new_pieces_are_written(store: EntryStore) -> None:
    put(store, entry(revision=1), Transcript(text="first"), ChunkTranscript(index=4))
    put(store, entry(revision=2), Transcript(text="second"), Arc())
    third = Write(entry=entry(revision=3), pieces=(Transcript(text="third"),), delete_pieces=True)
    store.transact(KEY, lambda _, now: (third, None))

    assert store.read(KEY, 1, Transcript) is None
    assert store.read(KEY, 1, ChunkTranscript, 4) is None
    assert store.read(KEY, 2, Arc) is None
    assert store.read(KEY, 3, Transcript) == Transcript(text="third")


def test_forgetting_one_entry_leaves_the_others(store: EntryStore) -> None:
    other = EntryKey("ada", "second")
    put(store, entry(), Transcript(text="first"))
    put(store, entry(other), Transcript(text="second"))
    store.transact(KEY, lambda _, now: (Write(delete_pieces=True), None))

    assert store.read(KEY, 1, Transcript) is None
    assert store.read(other, 1, Transcript) == Transcript(text="second")


def test_text_of_the_longest_entry_is_kept(store: EntryStore) -> None:
    transcript = Transcript(text="🌍" * 20_000)
    put(store, entry(), transcript)

    assert store.read(KEY, 1, Transcript) == transcript


# -- lists --------------------------------------------------------------------------------------


def listed(store: EntryStore, limit: int, uid: str = "ada") -> Iterator[list[str]]:
    """Pages of ids, each fetched when it is asked for."""
    cursor = None
    while True:
        page = store.list_entries(uid, limit=limit, cursor=cursor)
        yield [entry.entry_id for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            return


def at(store: EntryStore, name: str, minutes: float, uid: str = "ada") -> Entry:
    return put(store, entry(EntryKey(uid, name), recorded_at=NOON + timedelta(minutes=minutes)))


def test_a_journal_without_entries_is_one_empty_page(store: EntryStore) -> None:
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


def test_recordings_of_any_year_are_in_order(store: EntryStore) -> None:
    years = [1, 987, 1969, 2026, 9998]
    for year in years:
        put(store, entry(EntryKey("ada", str(year)), recorded_at=datetime(year, 6, 1, tzinfo=UTC)))

    assert list(listed(store, 2)) == [["9998", "2026"], ["1969", "987"], ["1"]]


def test_every_entry_of_the_same_moment_is_listed_once(store: EntryStore) -> None:
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


def test_a_last_page_that_is_full_is_the_last(store: EntryStore) -> None:
    for i in range(4):
        at(store, f"e{i}", i)

    assert list(listed(store, 2)) == [["e3", "e2"], ["e1", "e0"]]


def test_paging_goes_on_where_it_was_while_entries_come_and_go(store: EntryStore) -> None:
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


def test_listed_entries_are_whole(store: EntryStore) -> None:
    written = put(store, full_entry())

    assert store.list_entries("ada", limit=1).entries == (written,)


def tombstone(store: EntryStore, entry: Entry) -> Entry:
    return put(store, replace(entry, deleted_at=NOON))


def test_tombstones_can_be_read_but_are_not_listed(store: EntryStore) -> None:
    at(store, "stays", 0)
    gone = tombstone(store, at(store, "goes", 1))

    assert list(listed(store, 10)) == [["stays"]]
    assert store.get(gone.key) == gone


@pytest.mark.parametrize("cursor", ["", "?", "bm90IGEgY3Vyc29y", "w6k=", "é", "\ud800", "a" * 5000])
def test_a_cursor_from_elsewhere_is_refused(store: EntryStore, cursor: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        store.list_entries("ada", limit=10, cursor=cursor)
    assert refused.value.code == "invalid_cursor"


# -- filters --------------------------------------------------------------------------------------


def felt(store: EntryStore, name: str, minutes: float, *emotions: str, topic: str | None = None) -> Entry:
    found = replace(
        entry(EntryKey("ada", name), recorded_at=NOON + timedelta(minutes=minutes)),
        emotions=tuple(EmotionScore(emotion=each, confidence=0.9) for each in emotions),
        topics=() if topic is None else (LabelScore(label=topic, confidence=0.8),),
    )
    return put(store, found)


def filtered(store: EntryStore, limit: int = 10, **among: Any) -> list[str]:
    """Every entry of a filtered list, through all its pages."""
    names: list[str] = []
    cursor = None
    while True:
        page = store.list_entries("ada", limit=limit, cursor=cursor, where=EntryFilter(**among))
        assert len(page.entries) <= limit
        names += [each.entry_id for each in page.entries]
        if (cursor := page.next_cursor) is None:
            return names


def test_a_span_of_time_begins_with_its_first_moment_and_ends_before_its_last(store: EntryStore) -> None:
    for minute in range(5):
        at(store, f"e{minute}", minute)
    since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    assert filtered(store, since=since) == ["e4", "e3", "e2", "e1"]
    assert filtered(store, until=until) == ["e2", "e1", "e0"]
    assert filtered(store, since=since, until=until, limit=1) == ["e2", "e1"]


def test_entries_are_found_by_what_they_express(store: EntryStore) -> None:
    felt(store, "a", 1, "joy", "love", topic="family")
    felt(store, "b", 2, "joy", topic="work")
    felt(store, "c", 3, "anger", topic="work")
    assert filtered(store, labels=("emotion:joy",)) == ["b", "a"]
    assert filtered(store, labels=("topic:work",)) == ["c", "b"]
    assert filtered(store, labels=("emotion:joy", "topic:work")) == ["b"]
    assert filtered(store, labels=("emotion:grief",)) == []
    assert filtered(store, labels=("emotion:joy",), since=NOON + timedelta(minutes=2)) == ["b"]


def test_filtered_lists_have_full_pages(store: EntryStore) -> None:
    for number in range(12):
        felt(store, f"e{number:02}", number, "joy", topic="work" if number % 3 == 0 else "family")
    wanted = ("emotion:joy", "topic:work")
    first = store.list_entries("ada", limit=3, where=EntryFilter(labels=wanted))
    assert [each.entry_id for each in first.entries] == ["e09", "e06", "e03"]
    assert filtered(store, limit=3, labels=wanted) == ["e09", "e06", "e03", "e00"]


def test_what_an_entry_no_longer_expresses_finds_it_no_more(store: EntryStore) -> None:
    was = felt(store, "a", 1, "joy")
    put(store, replace(was, emotions=(EmotionScore(emotion="grief", confidence=0.9),)))
    tombstone(store, felt(store, "b", 2, "grief"))
    assert filtered(store, labels=("emotion:joy",)) == []
    assert filtered(store, labels=("emotion:grief",)) == ["a"]


def test_a_part_of_a_batch_is_in_no_list(store: EntryStore) -> None:
    at(store, "mine", 0)
    part = put(store, replace(entry(EntryKey("ada", "part")), job_id="job"))
    assert list(listed(store, 10)) == [["mine"]]
    assert store.get(part.key) == part


def test_entries_that_wait_for_recordings_are_counted_up_to_a_limit(store: EntryStore) -> None:
    for number in range(3):
        waits = replace(entry(EntryKey("ada", f"w{number}")), status=Status.AWAITING_AUDIO, wake_at=NOON)
        put(store, waits)
    at(store, "ready", 0)
    put(store, replace(waits, uid="bob"))
    tombstone(store, replace(waits, entry_id="gone"))
    assert store.count_awaiting_audio("ada", 10) == 3
    assert store.count_awaiting_audio("ada", 2) == 2
    assert store.count_awaiting_audio("nobody", 2) == 0


# -- search ---------------------------------------------------------------------------------------


def towards(*parts: float) -> bytes:
    """A vector of length 1 in that direction, as wide as ours are."""
    wide = np.zeros(384)
    wide[: len(parts)] = parts
    return bytes((wide / np.linalg.norm(wide)).astype("<f4").tobytes())


def about(store: EntryStore, name: str, *vectors: bytes, model: str = "m 1", uid: str = "ada") -> Entry:
    """An entry whose sentences are about these things, one a passage."""
    passages = tuple(PassageVector(first=at, last=at, vector=vector) for at, vector in enumerate(vectors))
    found = replace(entry(EntryKey(uid, name)), embedding_model=model, status=Status.READY)
    piece = Embedding(model=model, passages=passages)
    store.transact(found.key, lambda _, __: (Write(entry=found, pieces=(piece,), delete_pieces=True), None))
    return found


def test_an_embedding_is_read_back_whole(store: EntryStore) -> None:
    about(store, "a", towards(1, 2), towards(3, 1))
    read = store.read(EntryKey("ada", "a"), 1, Embedding)
    assert read is not None
    assert read.model == "m 1"
    assert [(each.first, each.last) for each in read.passages] == [(0, 0), (1, 1)]
    assert read.passages[0].vector == towards(1, 2)


def test_the_most_similar_passages_come_first(store: EntryStore) -> None:
    about(store, "near", towards(1, 0.1), towards(0, 0, 1))
    about(store, "far", towards(0.5, 1))
    found = store.find_nearest("ada", "m 1", towards(1), 2)
    assert [(each.key.entry_id, each.first, each.revision) for each in found] == [
        ("near", 0, 1),
        ("far", 0, 1),
    ]
    assert [each.similarity for each in found] == pytest.approx([0.995, 0.447], abs=1e-3)
    assert len(store.find_nearest("ada", "m 1", towards(1), 10)) == 3


def test_only_ones_own_words_of_the_same_model_are_searched(store: EntryStore) -> None:
    about(store, "mine", towards(1))
    about(store, "old", towards(1), model="m 0")
    about(store, "hers", towards(1), uid="grace")
    assert [each.key.entry_id for each in store.find_nearest("ada", "m 1", towards(1), 10)] == ["mine"]
    assert store.find_nearest("nobody", "m 1", towards(1), 10) == []


def test_what_was_deleted_or_embedded_anew_is_found_no_more(store: EntryStore) -> None:
    gone = about(store, "gone", towards(1))
    store.transact(
        gone.key, lambda _, __: (Write(entry=replace(gone, deleted_at=NOON), delete_pieces=True), None)
    )
    about(store, "changed", towards(1), towards(0, 1))
    about(store, "changed", towards(0, 0, 1))
    found = store.find_nearest("ada", "m 1", towards(1), 10)
    assert [(each.key.entry_id, round(each.similarity, 3)) for each in found] == [("changed", 0.0)]


def test_entries_that_a_model_does_not_know_are_named(store: EntryStore) -> None:
    about(store, "known", towards(1))
    about(store, "old", towards(1), model="m 0")
    put(store, replace(entry(EntryKey("grace", "none")), status=Status.PARTIAL))
    put(store, replace(entry(EntryKey("ada", "under way"))))
    tombstone(store, replace(entry(EntryKey("ada", "gone")), status=Status.READY))
    put(store, replace(entry(EntryKey("ada", "part")), status=Status.READY, job_id="job"))
    assert {key.entry_id for key in store.list_unembedded("m 1", 10)} == {"old", "none"}
    assert len(store.list_unembedded("m 1", 1)) == 1
    assert {key.entry_id for key in store.list_unembedded("m 0", 10)} == {"known", "none"}


# -- leaving nothing ------------------------------------------------------------------------------


def test_keys_name_all_that_is_left_of_a_user(store: EntryStore) -> None:
    at(store, "mine", 0)
    tombstone(store, at(store, "gone", 1))
    put(store, replace(entry(EntryKey("ada", "part")), job_id="job"))
    at(store, "hers", 0, uid="grace")
    assert {key.entry_id for key in store.list_keys("ada", 10)} == {"mine", "gone", "part"}
    assert len(store.list_keys("ada", 2)) == 2


def test_an_erased_entry_never_was(store: EntryStore) -> None:
    first = felt(store, "a", 1, "joy")
    store.transact(
        key := first.key, lambda _, __: (Write(entry=first, pieces=(Transcript(text="words"),)), None)
    )
    store.purge(key)
    store.purge(key)
    assert store.get(key) is None
    assert store.read(key, 1, Transcript) is None
    assert store.list_keys("ada", 10) == []
    assert filtered(store, labels=("emotion:joy",)) == []


# -- who must be woken --------------------------------------------------------------------------


def asleep(store: EntryStore, name: str, wake_at: datetime | None) -> EntryKey:
    return put(store, replace(entry(EntryKey("ada", name)), wake_at=wake_at)).key


def test_due_are_those_whose_time_has_come_most_overdue_first(store: EntryStore) -> None:
    now = clock(store)
    middle = asleep(store, "middle", now - timedelta(minutes=2))
    asleep(store, "future", now + timedelta(hours=1))
    first = asleep(store, "first", now - timedelta(days=1))
    asleep(store, "never", None)
    last = asleep(store, "last", now)

    assert store.list_due(10) == [first, middle, last]
    assert store.list_due(2) == [first, middle]


def test_due_crosses_journals_and_includes_tombstones(store: EntryStore) -> None:
    now = clock(store)
    hers = put(store, replace(entry(EntryKey("grace", "e")), wake_at=now - timedelta(minutes=1)))
    gone = tombstone(store, replace(entry(), wake_at=now - timedelta(minutes=2)))

    assert store.list_due(10) == [gone.key, hers.key]


def test_whoever_was_looked_after_is_no_longer_due(store: EntryStore) -> None:
    key = asleep(store, "e", clock(store) - timedelta(minutes=1))
    asleep(store, "e", None)

    assert key not in store.list_due(10)
