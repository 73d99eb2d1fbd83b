"""What makes a sentence worth quoting, as numbers around 0 to 1, one row a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.shared.encoder import TextEncoder
from functions.summarization.bags import cosine, whole

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

HEAD = "emotions"
NEUTRAL = "neutral"

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
_FIRST_PERSON = frozenset(
    {"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"}
    | {f"{person}'{verb}" for person in ("i", "we") for verb in ("m", "re", "ve", "d", "ll")}
)
_FILLER = re.compile(
    r"u+h+|u+m+|e+r+m*|a+h+|o+h+|h+m+|mhm|huh|yeah|yep|yes|no|ok|okay|well|so|like|right|anyway|anyways"
    r"|you|know|i|mean|guess|and|but|then|just|actually|basically|alright|let|me|see|hi|hello|hey|bye"
)
_CONTENT_LETTERS = 3
_TINY = 1e-9


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """How much each feature counts, in the order of `features`' columns."""

    topic: float
    """How near the sentence's embedding is to the centre of them all."""
    wording: float
    """How near its words are to the note's."""
    emotion: float
    """How far it is from neutral."""
    opening: float
    closing: float
    """How near it stands to the beginning and to the end."""
    first_person: float

    def vector(self) -> Floats:
        import numpy as np

        return np.asarray(msgspec.structs.astuple(self), dtype=np.float32)


def words(text: str) -> list[str]:
    """The words of `text` in lower case."""
    return _WORD.findall(text.lower().replace("’", "'"))


def content(sentence: Sequence[str]) -> Counter[str]:
    """The words that may carry meaning, counted: short ones hold a sentence together."""
    return Counter(word for word in sentence if len(word) >= _CONTENT_LETTERS)


def only_fillers(sentence: Sequence[str]) -> bool:
    """Whether a sentence says nothing ("Um, yeah, so, you know.")."""
    return all(_FILLER.fullmatch(word) for word in sentence)


def features(texts: Sequence[str], sentences: Sequence[Sequence[str]], encoder: TextEncoder) -> Floats:
    """Columns in the order of `Weights`, from each sentence as it stands and as words."""
    import numpy as np

    encoded = encoder.encode(texts)
    head = encoder.head(HEAD)
    bags = [content(sentence) for sentence in sentences]
    note = whole(bags)
    last = len(texts) - 1
    columns = (
        _centrality(encoded.embeddings),
        [cosine(bag, note) for bag in bags],
        _intensity(head.probabilities(encoded.heads[HEAD]), head.labels),
        [1.0 / (1 + index) for index in range(len(texts))],
        [1.0 / (1 + last - index) for index in range(len(texts))],
        [float(not _FIRST_PERSON.isdisjoint(sentence)) for sentence in sentences],
    )
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


def _centrality(embeddings: Floats) -> Floats:
    """Cosine (n,) of each embedding (n, dimensions) to the centre of them all (Radev et al. 2004)."""
    import numpy as np

    centre = embeddings.mean(axis=0)
    return np.asarray(embeddings @ centre / max(float(np.linalg.norm(centre)), _TINY), dtype=np.float32)


def _intensity(probabilities: Floats, labels: Sequence[str]) -> Floats:
    """Share (n,) of each row's probability (n, labels) that is not neutral."""
    import numpy as np

    neutral = probabilities[:, [label == NEUTRAL for label in labels]].sum(axis=1)
    return np.asarray(1.0 - neutral / np.maximum(probabilities.sum(axis=1), _TINY), dtype=np.float32)
