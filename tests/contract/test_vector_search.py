"""What every EntryStore guarantees about vector search."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from functions.shared.domain.changes import Write
from functions.shared.domain.content import (
    Embedding,
    PassageVector,
)
from functions.shared.domain.entries import (
    Entry,
    EntryKey,
    Status,
)
from functions.shared.ports import EntryStore
from tests.contract.entries import NOON, entry, put, tombstone


def unit_vector(*parts: float) -> bytes:
    """A unit vector in that direction, with the dimensions of the encoder."""
    vector = np.zeros(384)
    vector[: len(parts)] = parts
    return bytes((vector / np.linalg.norm(vector)).astype("<f4").tobytes())


def embedded_entry(
    store: EntryStore, name: str, *vectors: bytes, model: str = "m 1", uid: str = "ada"
) -> Entry:
    """An entry with these vectors, one per passage."""
    passages = tuple(PassageVector(first=at, last=at, vector=vector) for at, vector in enumerate(vectors))
    embedded = replace(entry(EntryKey(uid, name)), embedding_model=model, status=Status.READY)
    piece = Embedding(model=model, passages=passages)
    store.transact(
        embedded.key, lambda _, __: (Write(entry=embedded, pieces=(piece,), delete_pieces=True), None)
    )
    return embedded


def test_an_embedding_is_read_as_it_was_written(store: EntryStore) -> None:
    embedded_entry(store, "a", unit_vector(1, 2), unit_vector(3, 1))
    read = store.read(EntryKey("ada", "a"), 1, Embedding)
    assert read is not None
    assert read.model == "m 1"
    assert [(passage.first, passage.last) for passage in read.passages] == [(0, 0), (1, 1)]
    assert read.passages[0].vector == unit_vector(1, 2)


def test_the_most_similar_passages_come_first(store: EntryStore) -> None:
    embedded_entry(store, "near", unit_vector(1, 0.1), unit_vector(0, 0, 1))
    embedded_entry(store, "far", unit_vector(0.5, 1))
    matches = store.find_nearest("ada", "m 1", unit_vector(1), 2)
    assert [(match.key.entry_id, match.first, match.revision) for match in matches] == [
        ("near", 0, 1),
        ("far", 0, 1),
    ]
    assert [match.similarity for match in matches] == pytest.approx([0.995, 0.447], abs=1e-3)
    assert len(store.find_nearest("ada", "m 1", unit_vector(1), 10)) == 3


def test_only_the_users_own_embeddings_of_the_same_model_are_searched(store: EntryStore) -> None:
    embedded_entry(store, "mine", unit_vector(1))
    embedded_entry(store, "old", unit_vector(1), model="m 0")
    embedded_entry(store, "hers", unit_vector(1), uid="grace")
    assert [match.key.entry_id for match in store.find_nearest("ada", "m 1", unit_vector(1), 10)] == ["mine"]
    assert store.find_nearest("nobody", "m 1", unit_vector(1), 10) == []


def test_deleted_and_replaced_embeddings_are_not_found(store: EntryStore) -> None:
    deleted = embedded_entry(store, "gone", unit_vector(1))
    store.transact(
        deleted.key, lambda _, __: (Write(entry=replace(deleted, deleted_at=NOON), delete_pieces=True), None)
    )
    embedded_entry(store, "changed", unit_vector(1), unit_vector(0, 1))
    embedded_entry(store, "changed", unit_vector(0, 0, 1))
    matches = store.find_nearest("ada", "m 1", unit_vector(1), 10)
    assert [(match.key.entry_id, round(match.similarity, 3)) for match in matches] == [("changed", 0.0)]


def test_finished_entries_without_an_embedding_of_the_model_are_listed(store: EntryStore) -> None:
    embedded_entry(store, "known", unit_vector(1))
    embedded_entry(store, "old", unit_vector(1), model="m 0")
    put(store, replace(entry(EntryKey("grace", "none")), status=Status.PARTIAL))
    put(store, replace(entry(EntryKey("ada", "under way"))))
    tombstone(store, replace(entry(EntryKey("ada", "gone")), status=Status.READY))
    put(store, replace(entry(EntryKey("ada", "part")), status=Status.READY, job_id="job"))
    assert {key.entry_id for key in store.list_unembedded("m 1", 10)} == {"old", "none"}
    assert len(store.list_unembedded("m 1", 1)) == 1
    assert {key.entry_id for key in store.list_unembedded("m 0", 10)} == {"known", "none"}
