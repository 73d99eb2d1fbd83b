"""Scores sentences by how informative they are, and words by how likely a summary has them.

Both are linear models trained on people's own summaries of their stories (`build/summarization`): sentences
by ridge regression on their ROUGE, words by logistic regression on whether the summary has them (supervised
concept weights: Li et al. 2013, https://aclanthology.org/P13-1099).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.summarization.extracts.features import NAMES, Note, table
from functions.summarization.wording.words import FUNCTION

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

_TINY = 1e-6


class SentenceWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of a sentence's score.

    Attributes:
        features: by name in `features.NAMES`.
        emotions: one per label of the encoder's emotion head.
        embedding: one per dimension of the encoder's embedding.
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
    """Weights of the log-odds that a summary has a word.

    Attributes:
        constant: the intercept.
        prior: of the word's log-odds over all notes.
        count, sentences: of the logarithms of its occurrences, and of the sentences that have it.
        opening: of 1 / (1 + index of its first sentence).
        place: of its first position in the note, 0 to 1.
        function, function_count: of whether it is a function word, and of that times `count`.
        note: of the logarithm of the number of words in the note.
        score: of the mean standard score of the sentences that have it.
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
    """The inputs of a sentence's score (n, features + emotions + embedding)."""
    import numpy as np

    return np.concatenate([table(note), note.emotions, note.embeddings], axis=1, dtype=np.float32)


def sentence_scores(rows: Floats, weights: SentenceWeights) -> Floats:
    """Scores (n,) of `columns`, in standard deviations of the training targets, around the note's mean."""
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
    """The probability that the writer's own summary has each word of the note."""
    import numpy as np

    vocabulary, rows = word_table(sentences, scores, priors, unknown)
    if not vocabulary:
        return {}
    log_odds = rows @ weights.vector()
    return dict(zip(vocabulary, (0.5 * (1.0 + np.tanh(0.5 * log_odds))).tolist(), strict=True))


def word_table(
    sentences: Sequence[Sequence[str]], scores: Floats, priors: Mapping[str, float], unknown: float
) -> tuple[list[str], Floats]:
    """The note's words, and one row per word in the order of `WordWeights`.

    Args:
        priors: log-odds of common words; `unknown` is that of all others.
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
