"""What every EntryStore guarantees about reading several entries or pieces at once."""

from __future__ import annotations

from msgspec.structs import replace

from functions.shared.domain.changes import Write
from functions.shared.domain.content import Arc, ChunkTranscript, Transcript
from functions.shared.domain.entries import EntryKey
from functions.shared.ports import EntryStore, PieceKey
from tests.contract.entries import KEY, NOON, entry, full_entry, put, tombstone


def key(name: str, uid: str = "ada") -> EntryKey:
    return EntryKey(uid, name)


def test_entries_come_in_the_order_of_their_keys(store: EntryStore) -> None:
    entries = {name: put(store, entry(key(name))) for name in ("a", "b", "c")}
    assert store.get_many([key("c"), key("a"), key("b")]) == [entries["c"], entries["a"], entries["b"]]


def test_no_keys_give_no_entries(store: EntryStore) -> None:
    assert store.get_many([]) == []
    assert store.read_many([], Transcript) == []


def test_an_unknown_entry_is_none_in_its_place(store: EntryStore) -> None:
    known = put(store, entry(key("known")))
    assert store.get_many([key("unknown"), key("known"), key("other")]) == [None, known, None]


def test_a_deleted_entry_is_its_tombstone(store: EntryStore) -> None:
    deleted = tombstone(store, entry(key("deleted")))
    assert store.get_many([deleted.key]) == [deleted]


def test_entries_are_read_completely(store: EntryStore) -> None:
    written = put(store, full_entry())
    assert store.get_many([KEY]) == [written]


def test_a_key_may_be_repeated(store: EntryStore) -> None:
    written = put(store, entry(), Transcript(text="words"))
    assert store.get_many([KEY, KEY]) == [written, written]
    assert store.read_many([PieceKey(KEY, 1)] * 2, Transcript) == [Transcript(text="words")] * 2


def test_entries_of_several_users_and_odd_ids_can_be_read_together(store: EntryStore) -> None:
    keys = [key("e"), key("e", "grace"), key('"quoted" [1,2]'), key("grüße 🌍/.."), key("e" * 1600, "x")]
    for number, item_key in enumerate(keys):
        put(store, entry(item_key), Transcript(text=str(number)))
    assert [stored and stored.key for stored in store.get_many(keys)] == keys
    transcripts = store.read_many([PieceKey(item_key, 1) for item_key in keys], Transcript)
    assert [transcript and transcript.text for transcript in transcripts] == ["0", "1", "2", "3", "4"]


def test_hundreds_of_entries_and_pieces_can_be_read_together(store: EntryStore) -> None:
    names = [f"e{number:03}" for number in range(350)]
    for name in names[::7]:
        put(store, entry(key(name)), Transcript(text=name))
    entries = store.get_many([key(name) for name in names])
    assert [stored and stored.entry_id for stored in entries] == [
        name if number % 7 == 0 else None for number, name in enumerate(names)
    ]
    transcripts = store.read_many([PieceKey(key(name), 1) for name in names], Transcript)
    assert [transcript and transcript.text for transcript in transcripts] == [
        name if number % 7 == 0 else None for number, name in enumerate(names)
    ]


def test_pieces_are_those_of_the_revision_and_kind_in_the_order_of_their_keys(store: EntryStore) -> None:
    put(store, entry(key("a")), Transcript(text="first of a"), Arc())
    put(store, entry(key("a"), revision=2), Transcript(text="second of a"))
    put(store, entry(key("b")), Transcript(text="first of b"))
    pieces = [PieceKey(key("a"), 2), PieceKey(key("b"), 1), PieceKey(key("b"), 2), PieceKey(key("a"), 1)]
    assert store.read_many(pieces, Transcript) == [
        Transcript(text="second of a"),
        Transcript(text="first of b"),
        None,
        Transcript(text="first of a"),
    ]
    assert store.read_many(pieces, Arc) == [None, None, None, Arc()]


def test_chunks_are_distinguished_by_their_index_in_batches(store: EntryStore) -> None:
    chunks = [ChunkTranscript(index=index, language=f"l{index}") for index in range(12)]
    put(store, entry(), *chunks)
    pieces = [PieceKey(KEY, 1, index) for index in (11, 1, 10, 0, 12)]
    assert store.read_many(pieces, ChunkTranscript) == [chunks[11], chunks[1], chunks[10], chunks[0], None]


def test_deleted_pieces_are_none(store: EntryStore) -> None:
    written = put(store, entry(), Transcript(text="words"))
    deletion = Write(entry=replace(written, deleted_at=NOON), delete_pieces=True)
    store.transact(KEY, lambda _, __: (deletion, None))
    assert store.read_many([PieceKey(KEY, 1)], Transcript) == [None]


def test_pieces_larger_than_a_document_are_read_completely(store: EntryStore) -> None:
    large = Transcript(text="🌍" * 600_000)
    put(store, entry(key("large")), large)
    put(store, entry(key("small")), Transcript(text="small"))
    pieces = [PieceKey(key("small"), 1), PieceKey(key("large"), 1), PieceKey(key("none"), 1)]
    assert store.read_many(pieces, Transcript) == [Transcript(text="small"), large, None]
    assert store.read(key("large"), 1, Transcript) == large


def test_a_piece_that_fills_its_document_exactly_is_read_completely(store: EntryStore) -> None:
    overhead = len('{"text":""}')
    exact = Transcript(text="x" * (900_000 - overhead))
    put(store, entry(), exact)
    assert store.read_many([PieceKey(KEY, 1)], Transcript) == [exact]
