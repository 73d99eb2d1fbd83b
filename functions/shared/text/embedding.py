"""Embeddings of texts for semantic search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from functions.shared.domain.content import Embedding, PassageVector
from functions.shared.text.emoji import in_words
from functions.shared.text.encoder import EncoderConfig, TextEncoder
from functions.shared.text.passages import spans
from functions.shared.text.plain import plain

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]


def model_name(config: EncoderConfig) -> str:
    """Identifies an embedding model: only vectors of the same model may be compared."""
    return f"{config.name} {config.version}"


def embed(encoder: TextEncoder, sentences: Sequence[str]) -> Embedding:
    """One vector per passage of an entry; a passage is as many sentences as fit the encoder's input."""
    sentences = [in_words(plain(sentence)) for sentence in sentences]
    runs = list(spans(encoder.token_counts(sentences), encoder.token_budget()))
    vectors = encoder.encode([" ".join(sentences[start:end]) for start, end in runs]).embeddings
    passages = (
        PassageVector(first=start, last=end - 1, vector=pack_vector(vector))
        for (start, end), vector in zip(runs, vectors, strict=True)
    )
    return Embedding(model=model_name(encoder.config), passages=tuple(passages))


def embed_query(encoder: TextEncoder, text: str) -> bytes:
    """The vector of a search query, comparable with `PassageVector.vector`."""
    return pack_vector(encoder.encode([in_words(plain(text))]).embeddings[0])


def mean_vector(vectors: Sequence[bytes]) -> bytes:
    """The normalized mean of vectors."""
    import numpy as np

    return pack_vector(np.mean([unpack_vector(vector) for vector in vectors], axis=0))


def unpack_vector(vector: bytes) -> Floats:
    """The inverse of `pack_vector`."""
    import numpy as np

    return np.frombuffer(vector, dtype="<f4")


def pack_vector(vector: Floats) -> bytes:
    """Normalize a vector to unit length, and encode it as little-endian float32."""
    import numpy as np

    unit = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return bytes(unit.astype("<f4").tobytes())
