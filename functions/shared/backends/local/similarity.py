"""Exact search over vectors: every passage is compared."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from functions.shared.domain.content import Embedding
from functions.shared.domain.entries import EntryKey
from functions.shared.ports import PassageMatch


def ranked(
    uid: str, rows: Iterable[tuple[str, int, bytes]], model: str, vector: bytes, limit: int
) -> list[PassageMatch]:
    """The passages most similar to a vector, best first.

    Args:
        rows: entry id, revision and encoded `Embedding` of each entry.
    """
    import numpy as np

    known = (
        (name, revision, msgspec.json.decode(content, type=Embedding)) for name, revision, content in rows
    )
    found = [
        (name, revision, passage)
        for name, revision, embedding in known
        if embedding.model == model
        for passage in embedding.passages
    ]
    if not found:
        return []
    table = np.frombuffer(b"".join(passage.vector for _, _, passage in found), dtype="<f4")
    scores = table.reshape(len(found), -1) @ np.frombuffer(vector, dtype="<f4")
    best = np.argsort(-scores, kind="stable")[:limit]
    return [
        PassageMatch(
            key=EntryKey(uid, found[at][0]),
            revision=found[at][1],
            first=found[at][2].first,
            last=found[at][2].last,
            similarity=float(scores[at]),
        )
        for at in best.tolist()
    ]
