"""Exact vector search: compares the query with every passage."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from functions.shared.domain.content import Embedding
from functions.shared.domain.entries import EntryKey
from functions.shared.ports import PassageMatch


def rank(
    uid: str, rows: Iterable[tuple[str, int, bytes]], model: str, vector: bytes, limit: int
) -> list[PassageMatch]:
    """The passages of `model` most similar to a vector, best first.

    Args:
        rows: the ID, revision and encoded `Embedding` of each entry.
    """
    import numpy as np

    embeddings = (
        (entry_id, revision, msgspec.json.decode(content, type=Embedding))
        for entry_id, revision, content in rows
    )
    passages = [
        (entry_id, revision, passage)
        for entry_id, revision, embedding in embeddings
        if embedding.model == model
        for passage in embedding.passages
    ]
    if not passages:
        return []
    matrix = np.frombuffer(b"".join(passage.vector for _, _, passage in passages), dtype="<f4")
    scores = matrix.reshape(len(passages), -1) @ np.frombuffer(vector, dtype="<f4")
    best = np.argsort(-scores, kind="stable")[:limit].tolist()
    return [
        PassageMatch(
            key=EntryKey(uid, entry_id),
            revision=revision,
            first=passage.first,
            last=passage.last,
            similarity=float(scores[index]),
        )
        for index in best
        for entry_id, revision, passage in (passages[index],)
    ]
