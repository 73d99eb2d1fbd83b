"""Biases decoding towards words that a summary would likely have.

A word raises a summary's expected F1 against the writer's own summary if the probability that the latter has
it exceeds half the F1 reached anyway (Dinkelbach's method on a ratio; the probabilities are concept weights
as in Li et al. 2013, https://aclanthology.org/P13-1099). Added to log-probabilities during the search, this
is shallow fusion (Gulcehre et al. 2015, https://arxiv.org/abs/1503.03535) with the extracts' word model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from functions.summarization.abstracts.beam_search import NextTokenModel

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from tokenizers import Tokenizer

    Floats = npt.NDArray[np.float32]

_PIECE = "##"


class WordBias(msgspec.Struct, frozen=True, kw_only=True):
    """How much word probabilities count relative to the model's own.

    Attributes:
        weight: 0 turns the bias off.
        even: the probability at which a word gets no bias: half the F1 that summaries reach.
    """

    weight: Annotated[float, Meta(ge=0.0)] = 0.0
    even: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.19


class WordBiasedModel:
    """Adds a bias to another model's log-probabilities. Implements NextTokenModel.

    A word that is already written gets the bias of an unknown word.
    """

    def __init__(self, model: NextTokenModel, bias: Floats, unknown: float) -> None:
        self._model = model
        self._bias = bias
        self._unknown = unknown
        self._written: list[tuple[int, ...]] = []

    def start(self, opening: int) -> Floats:
        self._written = [()]
        biased: Floats = self._model.start(opening) + self._bias
        return biased

    def step(self, parents: Sequence[int], tokens: Sequence[int]) -> Floats:
        self._written = [
            (*self._written[parent], token) for parent, token in zip(parents, tokens, strict=True)
        ]
        biased: Floats = self._model.step(parents, tokens) + self._bias
        for row, written in zip(biased, self._written, strict=True):
            repeated = [token for token in dict.fromkeys(written) if self._bias[token] != 0.0]
            row[repeated] += self._unknown - self._bias[repeated]
        return biased


def with_word_bias(
    model: NextTokenModel, chances: Mapping[str, float], tokenizer: Tokenizer, bias: WordBias
) -> NextTokenModel:
    """`model` with a bias towards likely words; unchanged if the bias has no weight.

    Args:
        chances: the probability that a summary has each word.
    """
    if bias.weight == 0.0:
        return model
    unknown = -bias.weight * bias.even
    table = unknown * _word_starts(tokenizer)
    for word, chance in chances.items():
        ids = tokenizer.encode(word, add_special_tokens=False).ids
        if ids:
            table[ids[0]] = max(table[ids[0]], bias.weight * (chance - bias.even))
    return WordBiasedModel(model, table, unknown)


@lru_cache(maxsize=4)
def _word_starts(tokenizer: Tokenizer) -> Floats:
    """1 for tokens (vocabulary,) that start a word, 0 for word pieces, punctuation and special tokens."""
    import numpy as np

    vocabulary: dict[str, int] = tokenizer.get_vocab()
    starts = np.zeros(max(vocabulary.values()) + 1, dtype=np.float32)
    for token, index in vocabulary.items():
        starts[index] = not token.startswith(_PIECE) and token[0].isalnum()
    return starts
