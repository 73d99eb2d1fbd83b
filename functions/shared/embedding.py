"""Texts as vectors that lie close where they are about the same: how entries are found again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.shared.encoder import TextEncoder
from functions.shared.entries import Embedding, PassageVector
from functions.shared.passages import spans

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

_SPECIAL = 2
"""Tokens that the encoder puts around a text."""


def model_name(encoder: TextEncoder) -> str:
    """Which vectors may be compared with which."""
    return f"{encoder.config.name} {encoder.config.version}"


def embed(encoder: TextEncoder, sentences: Sequence[str]) -> Embedding:
    """An entry's sentences in passages that the encoder reads whole, each as one vector."""
    room = encoder.config.max_length - _SPECIAL
    runs = list(spans(encoder.lengths(sentences), room))
    vectors = encoder.encode([" ".join(sentences[start:end]) for start, end in runs]).embeddings
    found = (
        PassageVector(first=start, last=end - 1, vector=_bytes(vector))
        for (start, end), vector in zip(runs, vectors, strict=True)
    )
    return Embedding(model=model_name(encoder), passages=tuple(found))


def embed_query(encoder: TextEncoder, text: str) -> bytes:
    """What somebody looks for, comparable with `PassageVector.vector`."""
    return _bytes(encoder.encode([text]).embeddings[0])


def _bytes(vector: Floats) -> bytes:
    import numpy as np

    unit = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return bytes(unit.astype("<f4").tobytes())
