"""How telling each sentence is, and how likely each word belongs into a summary.

Both are linear models learned on people's own summaries of their stories (`build/summarization`): sentences
by ridge regression on their ROUGE, words by logistic regression on whether the summary has them (supervised
concept weights: Li et al. 2013, https://aclanthology.org/P13-1099).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.summarization.features import NAMES, Note, table
from functions.summarization.words import FUNCTION

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

_TINY = 1e-6


class SentenceWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a sentence's score is the weighted sum of.

    Attributes:
        features: by name, of `features.NAMES`.
        emotions: one a label of the encoder's emotion head.
        embedding: one a dimension of the encoder's embedding.
    """

    features: dict[str, float]
    emotions: tuple[float, ...]
    embedding: tuple[float, ...]

    def __post_init__(self) -> None:
        if set(self.features) != set(NAMES):
            raise ValueError(f"features must be {', '.join(NAMES)}")

    def vector(self) -> Floats:
        """In the order of `columns`."""
        import numpy as np

        known = [self.features[name] for name in NAMES]
        return np.asarray([*known, *self.emotions, *self.embedding], dtype=np.float32)


class WordWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the log-odds of a word's being in the summary are the weighted sum of, beside `constant`.

    Attributes:
        prior: the word's own log-odds, whatever the note.
        count, sentences: logarithms of how often it comes, and in how many sentences.
        opening: 1 / (1 + number of its first sentence).
        place: where it first comes, 0 to 1.
        function, function_count: whether it only holds sentences together, and that times `count`.
        note: logarithm of the note's words.
        score: mean standard score of the sentences it is in.
    """

    constant: float
    prior: float
    count: float
    sentences: float
    opening: float
    place: float
    function: float
    function_count: float
    note: float
    score: float

    def vector(self) -> Floats:
        import numpy as np

        return np.asarray(msgspec.structs.astuple(self), dtype=np.float32)


def columns(note: Note) -> Floats:
    """All that sentences are scored by (n, features + emotions + embedding)."""
    import numpy as np

    return np.concatenate([table(note), note.emotions, note.embeddings], axis=1, dtype=np.float32)


def sentence_scores(rows: Floats, weights: SentenceWeights) -> Floats:
    """Scores (n,) of `columns`, in standard deviations of what was learned on, around the note's mean."""
    import numpy as np

    raw = rows @ weights.vector()
    return np.asarray(raw - raw.mean(), dtype=np.float32)


def word_chances(
    sentences: Sequence[Sequence[str]],
    scores: Floats,
    weights: WordWeights,
    priors: Mapping[str, float],
    unknown: float,
) -> dict[str, float]:
    """Of each word of the note, how likely its writer would use it in a summary."""
    import numpy as np

    names, rows = word_table(sentences, scores, priors, unknown)
    if not names:
        return {}
    odds = rows @ weights.vector()
    return dict(zip(names, (0.5 * (1.0 + np.tanh(0.5 * odds))).tolist(), strict=True))


def word_table(
    sentences: Sequence[Sequence[str]], scores: Floats, priors: Mapping[str, float], unknown: float
) -> tuple[list[str], Floats]:
    """The note's words, and a row for each in the order of `WordWeights`.

    Args:
        priors: log-odds of common words; `unknown` of all others.
    """
    import numpy as np

    where: dict[str, list[int]] = {}
    counts: dict[str, int] = {}
    for index, sentence in enumerate(sentences):
        for word in sentence:
            counts[word] = counts.get(word, 0) + 1
            if where.setdefault(word, [index])[-1] != index:
                where[word].append(index)
    standard = ((scores - scores.mean()) / (float(scores.std()) + _TINY)).tolist()
    note = math.log(max(1, sum(counts.values())))
    rows = [
        (
            1.0,
            priors.get(word, unknown),
            math.log(counts[word]),
            math.log(len(at)),
            1.0 / (1 + at[0]),
            at[0] / len(sentences),
            float(word in FUNCTION),
            math.log(counts[word]) * (word in FUNCTION),
            note,
            sum(standard[index] for index in at) / len(at),
        )
        for word, at in where.items()
    ]
    return list(where), np.asarray(rows, dtype=np.float32).reshape(
        len(where), len(WordWeights.__struct_fields__)
    )
