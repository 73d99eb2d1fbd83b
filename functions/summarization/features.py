"""What makes a sentence worth quoting, as numbers around 0 to 1, one row a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
_FIRST_PERSON = re.compile(r"(?:i|me|my|mine|myself|we|us|our|ours|ourselves)(?:['’]\w+)?")
_FILLER = re.compile(
    r"u+h+|u+m+|e+r+m*|a+h+|o+h+|h+m+|mhm|huh|yeah|yep|yes|no|ok|okay|well|so|like|right|anyway|anyways"
    r"|you|know|i|mean|guess|and|but|then|just|actually|basically|alright|let|me|see|hi|hello|hey|bye"
)


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """How much each feature counts, in the order of `features`' columns."""

    centrality: float
    emotion: float
    opening: float
    closing: float
    length: float
    first_person: float

    def vector(self) -> Floats:
        import numpy as np

        return np.asarray(msgspec.structs.astuple(self), dtype=np.float32)


def words(text: str) -> list[str]:
    """The words of `text` in lower case."""
    return _WORD.findall(text.lower())


def only_fillers(text: str) -> bool:
    """Whether `text` says nothing ("Um, yeah, so, you know.")."""
    return all(_FILLER.fullmatch(word) for word in words(text))


def centrality(embeddings: Floats) -> Floats:
    """Cosine (n,) of each embedding (n, dimensions) to the centre of them all (Radev et al. 2004)."""
    import numpy as np

    centre = embeddings.mean(axis=0)
    return np.asarray(embeddings @ centre / max(float(np.linalg.norm(centre)), 1e-9), dtype=np.float32)


def intensity(probabilities: Floats, labels: Sequence[str]) -> Floats:
    """Share (n,) of each row's probability (n, labels) that is not neutral."""
    import numpy as np

    neutral = probabilities[:, [label == "neutral" for label in labels]].sum(axis=1)
    return np.asarray(1.0 - neutral / np.maximum(probabilities.sum(axis=1), 1e-9), dtype=np.float32)


def features(texts: Sequence[str], embeddings: Floats, intensities: Floats, length_words: int) -> Floats:
    """One row a sentence, one column a weight: (n, 6). A sentence of `length_words` has full length."""
    import numpy as np

    last = len(texts) - 1
    spoken = [words(text) for text in texts]
    columns = (
        centrality(embeddings),
        intensities,
        [1.0 / (1 + index) for index in range(len(texts))],
        [1.0 / (1 + last - index) for index in range(len(texts))],
        [min(len(sentence) / length_words, 1.0) for sentence in spoken],
        [float(any(map(_FIRST_PERSON.fullmatch, sentence))) for sentence in spoken],
    )
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)
